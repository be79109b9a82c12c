/**
 * `node scripts/ci/complete-lockfile.mjs`: puts the packages of other platforms back into
 * package-lock.json. npm leaves out what the registry in use does not carry, and `npm ci` then
 * refuses the file everywhere. Run it after `npm install` if `npm ci` says "Missing: … from lock
 * file"; it changes nothing where nothing is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { output, ROOT } from './command.mjs'

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'windows']
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64', '64']
/** As npm names them, where a package's name has another word. */
const NAMES = { windows: 'win32', 64: 'x64' }

const file = join(ROOT, 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
const paths = Object.keys(lock.packages)
const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
  Object.entries(optionalDependencies),
)
const missing = wanted.filter(([name]) => !paths.some((path) => `/${path}`.endsWith(`/node_modules/${name}`)))

for (const [name, version] of missing) {
  const words = name.split('/').at(-1).split('-')
  const one = (known) => words.filter((word) => known.includes(word)).map((word) => NAMES[word] ?? word)
  const [os, cpu] = [one(SYSTEMS), one(PROCESSORS)]
  if (os.length !== 1 || cpu.length !== 1 || !/^\d+\.\d+\.\d+\S*$/.test(version)) {
    throw new Error(`${name}@${version}: cannot tell for which platform and which version that is; add it by hand`)
  }
  const libc = words.includes('musl') ? { libc: ['musl'] } : {}
  lock.packages[`node_modules/${name}`] = { version, optional: true, os, cpu, ...libc }
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
// npm sorts the file, and marks what is for development alone.
if (missing.length > 0)
  await output('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'])
console.log(`${missing.length} packages of other platforms were missing.`)
