/** What the package consists of, as CycloneDX: what the bundles of the server, the console and the guide really took in. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { output, ROOT } from '../ci/command.mjs'

const SERVER = join(ROOT, 'packages/server')
/** What is sent to browsers, of which Vite keeps no such list, and what was packed into the client before. */
const BUILT_ELSEWHERE = [
  '../console/src/main.tsx',
  '../guide/src/browser/guide.ts',
  '../guide/src/browser/theme.ts',
  'openapi-fetch',
]

/** That of the server's bundle, with these as further outputs. */
async function metafile() {
  const server = JSON.parse(await readFile(join(SERVER, 'bundle/metafile.json'), 'utf8'))
  const elsewhere = await build({
    absWorkingDir: SERVER,
    entryPoints: BUILT_ELSEWHERE,
    bundle: true,
    write: false,
    metafile: true,
    splitting: true,
    format: 'esm',
    outdir: 'elsewhere',
    logLevel: 'warning',
  })
  return {
    inputs: { ...elsewhere.metafile.inputs, ...server.inputs },
    outputs: { ...elsewhere.metafile.outputs, ...server.outputs },
  }
}

/** PostgreSQL's programs, which npm installs beside the package where they are wanted. */
async function optionalComponents(optionalDependencies) {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'))
  return Object.entries(optionalDependencies).map(([name, version]) => {
    const { integrity, license } = packages[`node_modules/${name}`]
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
    const [group, bare] = name.split('/')
    const content = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex')
    return {
      type: 'library',
      name: bare,
      group,
      version,
      'bom-ref': purl,
      scope: 'optional',
      description: 'PostgreSQL, under the PostgreSQL Licence, in a package under the licence that is named here.',
      hashes: [{ alg: 'SHA-512', content }],
      licenses: [{ license: { id: license } }],
      purl,
    }
  })
}

/** With the texts of licences as evidence. @param {Record<string, string>} optionalDependencies versions by name */
export async function billOfMaterials(optionalDependencies) {
  const folder = await mkdtemp(join(tmpdir(), 'tract-bill-'))
  try {
    const [from, to] = [join(folder, 'metafile.json'), join(folder, 'bom.json')]
    await writeFile(from, JSON.stringify(await metafile()))
    const command = join(ROOT, 'node_modules/.bin/cyclonedx-esbuild')
    const options = ['--gather-license-texts', '--output-reproducible', '--validate', '--build-working-dir', SERVER]
    await output(command, [...options, '-o', to, from])
    const bill = JSON.parse(await readFile(to, 'utf8'))
    const optional = await optionalComponents(optionalDependencies)
    return {
      ...bill,
      components: [...bill.components, ...optional],
      dependencies: [...bill.dependencies, ...optional.map(({ purl }) => ({ ref: purl }))],
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The texts have a file of their own. */
export const withoutTexts = (bill) => ({
  ...bill,
  components: bill.components.map(({ evidence: _, ...component }) => component),
})
