/**
 * `.ci/run`: installs, runs every test, the short form of the faults and the generators of clients, and then does what newcomers
 * do, from fresh clones of what is committed. Each of these checks counts as one test. The last line counts everything:
 * `N passed, N failed[, N skipped]`. With `--newcomers`, what newcomers do alone.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isRoot, myself, ordinaryUser } from './account.mjs'
import { live, output } from './command.mjs'
import { Newcomer } from './newcomer.mjs'

const NODE_VERSIONS = [22, 24]
/** What tests use of the system: a browser, and shells that commands are completed in. They skip, and count, what is not there. */
const PROGRAMS = ['chromium', 'zsh', 'fish']

const counts = { passed: 0, failed: 0, skipped: 0 }

/** Runs a check; a failure is printed, and answers undefined. */
async function check(name, run) {
  const started = performance.now()
  try {
    const result = await run()
    counts.passed++
    console.log(`✓ ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
    return result ?? true
  } catch (error) {
    counts.failed++
    console.log(`✗ ${name}\n${String(error.message).replace(/^/gm, '    ')}`)
    return undefined
  }
}

function skip(name, reason) {
  counts.skipped++
  console.log(`- skipped: ${name} (${reason})`)
}

/** Where the client's smoke suite runs besides Node. The tests skip, and count, what is not there. */
async function runtimes() {
  const install = ['ci', '--prefix', 'packages/client/runtimes', '--ignore-scripts']
  await check('Bun, Deno, workerd and a driver of browsers', () => output('npm', install))
  const missing = PROGRAMS.filter((program) => !existsSync(`/usr/bin/${program}`))
  if (missing.length === 0) return
  const names = missing.join(', ')
  if (!isRoot || !existsSync('/usr/bin/apt-get'))
    return skip(names, 'only root can install what is not there, with apt-get')
  await check(names, async () => {
    await output('apt-get', ['update'])
    await output('apt-get', ['install', '-y', '--no-install-recommends', ...missing])
  })
}

/** A command that counts for itself: its count goes into ours, and a run that ends without one has failed. */
async function counted(...args) {
  const { code, last } = await live('npm', args)
  const found = last.match(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/)
  const [passed, failed, skipped] = found?.slice(1).map((digits) => Number(digits ?? 0)) ?? [0, 0, 0]
  counts.passed += passed
  counts.failed += failed
  counts.skipped += skipped
  if (code === 0 && found) return
  console.log(`✗ npm ${args.join(' ')} ended with ${code}: ${last}`)
  if (failed === 0) counts.failed++
}

/** Installs and starts in a new clone and makes the first call. @returns the running service, or undefined */
async function firstSteps(newcomer) {
  const { name } = newcomer
  const ready = await check(`${name}: git clone and npm ci`, async () => {
    await newcomer.clone()
    await newcomer.install()
  })
  if (!ready) return undefined
  return check(`${name}: npm start answers the first call`, async () => {
    const service = await newcomer.start()
    await service.firstCall()
    return service
  })
}

async function beside(newcomer, service) {
  const { name } = newcomer
  await check(`${name}: npm run demo`, () => service.runBeside('npm', ['run', 'demo']))
  await check(`${name}: the README's example answers a user`, () => newcomer.vendorExample(service))
  await check(`${name}: and from an empty folder, with the package`, () => newcomer.vendorFolder(service))
}

async function onNode(newcomer, version) {
  await check(`Node ${version}: the service and the demo`, async () => {
    const print = ['-y', '-p', `node@${version}`, 'node', '-p', 'process.versions.node + " " + process.execPath']
    const [found, node] = (await output('npx', print, { ...newcomer.account.as, cwd: newcomer.account.folder }))
      .trim()
      .split(' ')
    if (!found.startsWith(`${version}.`)) throw new Error(`npx brought Node ${found}`)
    const service = await newcomer.start({
      command: [node, 'packages/server/dist/main.js'],
      dataDir: `.tract-node-${version}`,
    })
    await service.firstCall()
    await service.runBeside(node, ['packages/server/demo/run.mjs'])
    await service.stop()
  })
}

/** As on a machine that has other things to do: every start comes up, and stays until it is told to go. */
async function startsOnBusyCores(newcomer) {
  await check(`${newcomer.name}: a first start and ten more with both cores kept busy`, async () => {
    const busy = Array.from({ length: 4 }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
    try {
      for (let times = 0; times < 11; times++) {
        const command = ['node', 'packages/server/dist/main.js']
        const service = await newcomer.start({ command, dataDir: '.tract-busy' })
        await service.firstCall()
        await service.stop()
      }
    } finally {
      for (const process of busy) process.kill('SIGKILL')
    }
  })
}

/** The short form, with a plan of its own each time; the seed that it prints first repeats it. */
async function faults() {
  await check('npm run faults: every promise was kept', async () => {
    const { code, last } = await live('npm', ['run', '--silent', 'faults'])
    console.log(last)
    if (code !== 0) throw new Error(`it ended with ${code}`)
  })
}

if (!process.argv.includes('--newcomers')) {
  await check('npm ci', () => output('npm', ['ci']))
  await runtimes()
  await counted('test')
  await faults()
  console.log('\nWhat generators make of the vendor document:')
  await counted('run', '--silent', 'generators')
  console.log('\nWhat generated calls find:')
  await counted('run', '--silent', 'schemathesis')
}

console.log('\nWhat newcomers do:')
const changed = await output('git', ['status', '--porcelain'])
if (changed) console.log('  (The clones are of what is committed; there are changes that are not.)')

const first = new Newcomer(await myself())
const other = await ordinaryUser()
const second = typeof other === 'string' ? new Newcomer(first.account, 'tract-2') : new Newcomer(other)
if (!isRoot) skip('root in its own home', 'this is an ordinary user')
else if (typeof other === 'string') skip('an ordinary user', other)
try {
  const running = []
  for (const newcomer of [first, second]) {
    const service = await firstSteps(newcomer)
    if (service) running.push({ newcomer, service })
  }
  await check('two clones run side by side', async () => {
    if (running.length < 2) throw new Error('not both of them run')
    for (const { service } of running) await service.firstCall()
    const urls = await Promise.all(running.map(async ({ service }) => (await service.demoFile()).url))
    if (urls[0] === urls[1]) throw new Error(`both are at ${urls[0]}`)
  })
  for (const { newcomer, service } of running) await beside(newcomer, service)
  for (const { newcomer, service } of running) {
    await check(`${newcomer.name}: SIGTERM leaves no process behind`, () => service.stop())
  }
  if (running.length > 0) await startsOnBusyCores(running[0].newcomer)
  if (isRoot && running.some(({ newcomer }) => newcomer === second)) {
    await check(`${second.name}: npm test of the store`, () => second.test())
  }
  if (running.length > 0) for (const version of NODE_VERSIONS) await onNode(running[0].newcomer, version)
} finally {
  await second.leave()
  await first.leave()
}

const { passed, failed, skipped } = counts
console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
if (failed > 0) process.exitCode = 1
