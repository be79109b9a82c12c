/**
 * `npm run check:upgrade [-- --from <commit>] [--users 100000]`: what an operator has after an upgrade. The version of that commit (without
 * one, the last released contract's), in a clone or in a folder where it is installed (`--before`), runs and is filled through its API; this version starts on its data, and takes up where it
 * was left: what waits is delivered, every thread is with whom it was, and every user's next message has the next number.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { output, ROOT } from '../../ci/command.mjs'
import { given } from '../../ci/options.mjs'
import { Service } from '../../ci/service.mjs'
import { Desks } from './desks.js'
import { fill, goOn, type Story } from './story.js'

const { values } = given({
  options: { from: { type: 'string' }, before: { type: 'string' }, users: { type: 'string', default: '100000' } },
})
const say = (text: string) => console.log(`  ${text}`)

async function lastRelease(): Promise<string> {
  const added = await output('git', ['log', '-1', '--diff-filter=A', '--format=%h', '--', 'openapi/releases'])
  return added.trim()
}

async function timed<T>(title: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const result = await work()
  say(`${title}: ${((performance.now() - began) / 1_000).toFixed(1)} s`)
  return result
}

/** In an account's home, since PostgreSQL of root's services keeps its data outside of it. */
async function inClone(commit: string, work: (folder: string) => Promise<number>): Promise<number> {
  const home = await mkdtemp(join(homedir(), '.tract-upgrade-'))
  const folder = join(home, 'before')
  try {
    await timed(`${commit} in a clone, installed`, async () => {
      await output('git', ['clone', '--quiet', '--no-hardlinks', ROOT, folder])
      await output('git', ['checkout', '--quiet', commit], { cwd: folder })
      await output('npm', ['ci'], { cwd: folder, env: environment })
    })
    return await work(folder)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Without settings of the shell, and with calls that nothing holds up. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TRACT_|npm_|DATABASE_URL$)/i.test(name))),
  TRACT_RATE_LIMIT: '10000000',
  TRACT_LONGEST_WAIT: '600000',
  TRACT_TOKEN_TTL: '86400',
}

/** @returns how much was wrong */
async function upgrade(folder: string, users: number): Promise<number> {
  const desks = await Desks.open()
  const dataDir = `.tract-upgrade-${process.pid}`
  const as = { env: environment }
  const story: Story = { users, desks, say }
  const before = await timed('the version before, started', () =>
    Service.start({ folder, as, dataDir, command: ['npm', 'start'] }),
  )
  try {
    await timed(`${users} users, filled`, () => fill(before, story))
    await before.stop()
    const command: [string, ...string[]] = [process.execPath, join(ROOT, 'packages/server/bundle/main.js')]
    const now = await timed('this version on its data, migrated and started', () =>
      Service.start({ folder, as, dataDir, command }),
    )
    try {
      await timed('everything that waited, and another message of everyone', () => goOn(now, story))
    } finally {
      await now.stop()
    }
  } finally {
    await before.stop()
    await before.removeData()
    await rm(before.dataDir, { recursive: true, force: true })
    await desks.close()
  }
  for (const text of desks.wrong) console.log(`✗ ${text}`)
  return desks.wrong.length
}

const run = (folder: string) => upgrade(folder, Number(values.users))
const wrong = values.before ? await run(values.before) : await inClone(values.from ?? (await lastRelease()), run)
console.log(
  wrong === 0 ? 'Nothing was lost or out of order, and everything stands as it stood.' : `${wrong} things are wrong.`,
)
process.exitCode = wrong === 0 ? 0 : 1
