/**
 * `node scripts/ci/complete-lockfile.mjs`: puts the packages of other platforms back into package-lock.json. npm leaves out what
 * the registry in use does not carry, as some mirrors do, and `npm ci` then refuses the file everywhere. Run it after
 * `npm install` if `npm ci` says "Missing: … from lock file"; nothing changes where nothing is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { output, ROOT } from './command.mjs'

const SYSTEMS = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  openharmony: 'openharmony',
  win32: 'win32',
  windows: 'win32',
}
const PROCESSORS = {
  arm: 'arm',
  arm64: 'arm64',
  ia32: 'ia32',
  loong64: 'loong64',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  x64: 'x64',
  64: 'x64',
}

const file = join(ROOT, 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
const paths = Object.keys(lock.packages)
const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
  Object.entries(optionalDependencies),
)
const missing = wanted.filter(([name]) => !paths.some((path) => `/${path}`.endsWith(`/node_modules/${name}`)))

for (const [name, version] of missing) {
  const words = name.split('/').at(-1).split('-')
  const one = (table) => words.map((word) => table[word]).filter(Boolean)
  const [os, cpu] = [one(SYSTEMS), one(PROCESSORS)]
  if (os.length !== 1 || cpu.length !== 1 || !/^\d+\.\d+\.\d+\S*$/.test(version)) {
    throw new Error(`${name}@${version}: cannot tell for which platform and which version that is; add it by hand`)
  }
  const libc = words.includes('musl') ? { libc: ['musl'] } : {}
  lock.packages[`node_modules/${name}`] = { version, optional: true, os, cpu, ...libc }
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
// npm puts everything in its place and marks what is for development alone
if (missing.length > 0)
  await output('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'])
console.log(`${missing.length} packages of other platforms were missing.`)
