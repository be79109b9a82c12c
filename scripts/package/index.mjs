/**
 * `npm run package`: the server as a package that needs no clone, and beside it what it is made of. `-- <folder>` writes elsewhere.
 * It has the layout of the repository, so that the bundle finds what it reads where it finds it here; all that the bundle
 * imports is in it. What stays outside is PostgreSQL's programs, an optional dependency. The same commit gives the same bytes.
 */
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { argv } from 'node:process'
import { output, ROOT } from '../ci/command.mjs'
import { billOfMaterials, withoutTexts } from './bill-of-materials.mjs'
import { thirdPartyLicences } from './licences.mjs'

const PROGRAM = 'packages/server/bundle/main.js'
const PARTS = [
  'packages/server/bundle',
  'packages/server/stack.mjs',
  'packages/server/static',
  'packages/server/src/generated/openapi',
  'packages/console/dist',
  'packages/guide/dist',
  'prisma/migrations',
  'LICENSE',
]
/** What the build alone needs. */
const LEFT_OUT = ['packages/server/bundle/metafile.json']

const json = async (path) => JSON.parse(await readFile(join(ROOT, path), 'utf8'))

/** With the flags of `npm start`: npm links to the program, and the system runs it by its first line. */
async function firstLine() {
  const { scripts } = await json('package.json')
  const [, flags] = scripts.start.match(/^node (.+) packages\/server\/bundle\/main\.js$/) ?? []
  if (flags === undefined) throw new Error(`npm start does not run ${PROGRAM}, but: ${scripts.start}`)
  return `#!/usr/bin/env -S node ${flags}\n`
}

async function manifest() {
  const { name, version, license, type } = await json('packages/server/package.json')
  const { engines } = await json('package.json')
  const { optionalDependencies } = await json('packages/embedded-postgres/package.json')
  return {
    name,
    version,
    description: 'TRACT: joins a platform of virtual assistants to external agent chat tools.',
    license,
    type,
    engines,
    bin: { 'tract-server': PROGRAM },
    optionalDependencies,
  }
}

const README = `# TRACT

The service as a package. The guide page *Deploying* says how to run it; the service has it at \`/guide/deploy\`.
\`tract-server --help\` lists the settings.

\`bom.cdx.json\` says what it contains (CycloneDX), and \`THIRD-PARTY-LICENCES.txt\` under which licences.
`

/** Everybody may read each file, whatever the umask of who packs. */
async function openToRead(folder) {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
}

async function stage(folder) {
  const filter = (source) => !LEFT_OUT.some((path) => source === join(ROOT, path))
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true, filter })
  const write = (name, text) => writeFile(join(folder, name), text)
  const asJson = (value) => `${JSON.stringify(value, null, 2)}\n`
  const made = await manifest()
  const bill = await billOfMaterials(made.optionalDependencies)
  await write('package.json', asJson(made))
  await write('README.md', README)
  await write('bom.cdx.json', asJson(withoutTexts(bill)))
  await write('THIRD-PARTY-LICENCES.txt', thirdPartyLicences(bill))
  const program = await readFile(join(folder, PROGRAM), 'utf8')
  await write(PROGRAM, program.replace(/^#!.*\n/, await firstLine()))
  await openToRead(folder)
  await chmod(join(folder, PROGRAM), 0o755)
}

const to = resolve(argv[2] ?? join(ROOT, 'artefacts/package'))
const folder = await mkdtemp(join(tmpdir(), 'tract-package-'))
try {
  await stage(folder)
  await mkdir(to, { recursive: true })
  const printed = await output('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', to], { cwd: folder })
  const [{ filename }] = JSON.parse(printed)
  const name = filename.replace(/\.tgz$/, '')
  const beside = { 'bom.cdx.json': `${name}.cdx.json`, 'THIRD-PARTY-LICENCES.txt': `${name}.licences.txt` }
  for (const [inside, outside] of Object.entries(beside)) await cp(join(folder, inside), join(to, outside))
  for (const file of [filename, ...Object.values(beside)]) console.log(join(to, file))
} finally {
  await rm(folder, { recursive: true })
}
