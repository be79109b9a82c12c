/**
 * `.ci/run`: installs, runs every test, the short form of the faults, the generators of clients and
 * Schemathesis, and then does what newcomers do, in fresh clones of what is committed. Each of
 * these checks counts as one test. The last line counts everything: `N passed, N failed[, N
 * skipped]`. With `--newcomers`, only what newcomers do. Apart from the tests, what needs nothing of
 * each other runs side by side: most of it waits for one core, the registry or a service.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isRoot, myself, ordinaryUser } from './account.mjs'
import { live, output } from './command.mjs'
import { check, counts, finish, noteFailure, skip } from './count.mjs'
import { goProgram, missing } from './generators/tools.mjs'
import { Newcomer } from './newcomer.mjs'
import { nodeProgram } from './node-program.mjs'
import { operators } from './package.mjs'

const NODE_VERSIONS = [22, 24]
/**
 * A browser, shells whose completion tests try, a pooler and a server for it, and where each is. Without them, these
 * tests are skipped.
 */
const PROGRAMS = {
  'chromium-headless-shell': '/usr/bin/chromium-headless-shell',
  zsh: '/usr/bin/zsh',
  fish: '/usr/bin/fish',
  pgbouncer: '/usr/sbin/pgbouncer',
  postgresql: '/usr/lib/postgresql',
}
const BUCKET_SERVER = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'

/** What the client's smoke suite and the console's tests run on. */
async function runtimes() {
  const install = ['ci', '--prefix', 'packages/client/runtimes', '--ignore-scripts']
  await check('Bun, Deno, workerd and a driver of browsers', () => output('npm', install))
  const missing = Object.entries(PROGRAMS).flatMap(([program, path]) => (existsSync(path) ? [] : program))
  if (missing.length === 0) return
  const names = missing.join(', ')
  if (!isRoot || !existsSync('/usr/bin/apt-get')) return skip(names, 'only root can install them, with apt-get')
  await check(names, async () => {
    await output('apt-get', ['update'])
    await output('apt-get', ['install', '-y', '--no-install-recommends', ...missing])
  })
}

/** A server of S3 that is not ours, for the tests of files in a bucket. */
async function bucketServer() {
  const reason = await missing('go')
  if (reason) return skip('files in S3', reason)
  await check('a server of S3', async () => {
    process.env.TRACT_TEST_VERSITYGW = await goProgram(BUCKET_SERVER)
  })
}

/** Adds the count that a command prints; a command that prints none has failed. */
async function counted(title, ...args) {
  const { code, last } = await live('npm', args, title, (line) => line.startsWith('✗ ') && noteFailure(line))
  const found = last.match(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/)
  const [passed, failed, skipped] = found?.slice(1).map((digits) => Number(digits ?? 0)) ?? [0, 0, 0]
  counts.passed += passed
  counts.failed += failed
  counts.skipped += skipped
  if (code === 0 && found) return
  console.log(`✗ npm ${args.join(' ')} ended with ${code}: ${last}`)
  if (failed === 0) counts.failed++
}

/** Installs and starts in a new clone. @returns the running service, or undefined */
async function firstSteps(newcomer) {
  const { name } = newcomer
  const ready = await check(`${name}: git clone and npm ci`, async () => {
    await newcomer.clone()
    await newcomer.install()
  })
  if (!ready) return undefined
  return check(`${name}: npm start answers the first call`, () => newcomer.start())
}

/** With the version that npx brings. */
async function onNode(newcomer, version) {
  await check(`Node ${version}: the service, the demo, and a port that is handed over`, async () => {
    const { as } = newcomer.account
    const node = await nodeProgram(version, newcomer.account)
    const command = [node, 'packages/server/bundle/main.js']
    const service = await newcomer.start({ command, dataDir: `.tract-node-${version}` })
    await service.runBeside(node, ['packages/server/demo/run.mjs'])
    await service.stop()
    const jest = [
      '--experimental-vm-modules',
      'node_modules/.bin/jest',
      'packages/server/test/start/shared-port.test.ts',
    ]
    await output(node, jest, { ...as, cwd: newcomer.folder })
  })
}

/** On a machine that is busy, every start comes up, and stays until it is stopped. */
async function startsOnBusyCores(newcomer) {
  await check(`${newcomer.name}: a first start and ten more with both cores kept busy`, async () => {
    const busy = Array.from({ length: 4 }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
    try {
      for (let times = 0; times < 11; times++) {
        const command = ['node', 'packages/server/bundle/main.js']
        const service = await newcomer.start({ command, dataDir: '.tract-busy' })
        await service.isWhole()
        await service.stop()
      }
    } finally {
      for (const process of busy) process.kill('SIGKILL')
    }
  })
}

/** The short form, with another plan each time; the seed that it prints first repeats it. */
async function faults() {
  await check('npm run faults: every promise was kept', async () => {
    const { code, last } = await live('npm', ['run', '--silent', 'faults'], 'faults')
    console.log(`faults: ${last}`)
    if (code !== 0) throw new Error(`it ended with ${code}`)
  })
}

async function newcomers() {
  const first = new Newcomer(await myself())
  const other = await ordinaryUser()
  const second = typeof other === 'string' ? new Newcomer(first.account, 'tract-2') : new Newcomer(other)
  if (!isRoot) skip('root in its own home', 'this is an ordinary user')
  else if (typeof other === 'string') skip('an ordinary user', other)
  try {
    const started = await Promise.all(
      [first, second].map(async (newcomer) => ({ newcomer, service: await firstSteps(newcomer) })),
    )
    const running = started.filter(({ service }) => service)
    await check('two clones run side by side', async () => {
      if (running.length < 2) throw new Error('not both of them run')
      for (const { service } of running) await service.firstCall()
      const urls = await Promise.all(running.map(async ({ service }) => (await service.demoFile()).url))
      if (urls[0] === urls[1]) throw new Error(`both are at ${urls[0]}`)
    })
    for (const { newcomer, service } of running) {
      const { name } = newcomer
      await check(`${name}: npm run demo`, () => service.runBeside('npm', ['run', 'demo']))
      await check(`${name}: the chat tool of Start here answers a user`, () => newcomer.vendorExample(service))
      await check(`${name}: and from an empty folder, with the package`, () => newcomer.vendorFolder(service))
    }
    for (const { newcomer, service } of running)
      await check(`${newcomer.name}: SIGTERM leaves no process behind`, () => service.stop())
    const [any] = running
    if (any) await startsOnBusyCores(any.newcomer)
    await Promise.all([
      isRoot &&
        running.some(({ newcomer }) => newcomer === second) &&
        check(`${second.name}: npm test of the store`, () => second.test()),
      ...(any ? NODE_VERSIONS.map((version) => onNode(any.newcomer, version)) : []),
      any && operators(any.newcomer),
    ])
  } finally {
    await second.leave()
    await first.leave()
  }
}

if (!process.argv.includes('--newcomers')) {
  await Promise.all([check('npm ci', () => output('npm', ['ci'])), runtimes(), bucketServer()])
  await counted('', 'test')
  console.log('\nFaults, generators of clients of the vendor document, and generated calls:')
  await Promise.all([
    faults(),
    counted('generators', 'run', '--silent', 'generators'),
    counted('schemathesis', 'run', '--silent', 'schemathesis'),
  ])
} else if (!existsSync('node_modules')) await check('npm ci', () => output('npm', ['ci']))
console.log('\nWhat newcomers do:')
if (await output('git', ['status', '--porcelain']))
  console.log('  (The clones are of what is committed; there are changes that are not.)')
await newcomers()
console.log()
finish()
