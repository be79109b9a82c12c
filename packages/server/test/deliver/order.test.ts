import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import type { Hook } from '../../src/deliver/hook-directory.js'
import { Engine } from './engine.js'
import { SHORT_LEASE, SHORT_TIMEOUT_MS } from './quick-settings.js'
import { randomFrom } from './random.js'

let engine: Engine
let receiver: Receiver
/** The lane that each delivery belongs to, and its place in it. */
let expected: Map<string, { lane: string; sequence: number }>
/** Deliveries that the receiver has processed, whether or not its answer arrived. */
let processed: string[]

beforeAll(async () => {
  engine = await Engine.create()
  receiver = await Receiver.start()
})
beforeEach(async () => {
  await engine.clear()
  expected = new Map()
  processed = []
  receiver.received.length = 0
  receiver.answer = ({ id }) => {
    processed.push(id)
    return {}
  }
  engine.hooks.set('desk', { url: receiver.url })
  engine.hooks.set('md', { url: receiver.url })
})
afterEach(() => engine.stopAll())
afterAll(async () => {
  await engine.close()
  await receiver.close()
})

async function enqueueMany(users: number, each: number): Promise<void> {
  for (let user = 0; user < users; user++) {
    const deliveries = Array.from({ length: each }, () => [{ listener: 'desk' }, { listener: 'md' }]).flat()
    const items = await engine.enqueue(`user ${user}`, deliveries)
    const next = new Map<string, number>()
    for (const { id, listener } of items) {
      const lane = `${listener}/user ${user}`
      const sequence = (next.get(lane) ?? 0) + 1
      next.set(lane, sequence)
      expected.set(id, { lane, sequence })
    }
  }
}

/** Fails, hangs, resets, or processes and loses the answer: all that an endpoint can do to a delivery. */
function faulty(seed: number): Receiver['answer'] {
  const random = randomFrom(seed)
  return ({ id }, response) => {
    const drawn = random()
    if (drawn < 0.1) return { status: 500 }
    if (drawn < 0.13) return { status: 429, headers: { 'retry-after': '0' } }
    if (drawn < 0.18) return void response.destroy()
    processed.push(id)
    return drawn < 0.23 ? void response.destroy() : {}
  }
}

/**
 * No gap and no reordering: each delivery is processed, and for the first time right after the one before it.
 * @param excused deliveries that may come again behind later ones: their lease lapsed before they could be written, as their
 * holder said, or an attempt at them failed in the sender's eyes
 */
function expectOrder(excused: ReadonlySet<string> = new Set()): void {
  const last = new Map<string, number>()
  const seen = new Set<string>()
  for (const id of processed) {
    const place = expected.get(id)
    if (place === undefined) throw new Error(`${id} was never enqueued`)
    const before = last.get(place.lane) ?? 0
    // A repetition is of the last one only: what is behind it was acknowledged, and never comes again.
    if (seen.has(id) && excused.has(id)) continue
    if (seen.has(id)) expect(place).toEqual({ lane: place.lane, sequence: before })
    else expect(place).toEqual({ lane: place.lane, sequence: before + 1 })
    seen.add(id)
    last.set(place.lane, place.sequence)
  }
  expect(seen.size).toBe(expected.size)
}

test('many lanes keep their order under every kind of failure', async () => {
  receiver.answer = faulty(1)
  await enqueueMany(40, 8)
  await engine.dispatcher()
  await engine.delivered()
  expectOrder()
  expect(await engine.states()).toEqual({ delivered: 640 })
})

test('two dispatchers share the lanes, and none is worked on by both', async () => {
  receiver.answer = faulty(2)
  await enqueueMany(40, 8)
  await Promise.all([engine.dispatcher(), engine.dispatcher()])
  await engine.delivered()
  expectOrder()
})

test('deliveries enqueued while others go out fall in behind them', async () => {
  await engine.dispatcher()
  const inserting = enqueueMany(30, 4)
  await inserting
  await engine.delivered()
  expectOrder()
  expect(receiver.received).toHaveLength(240)
})

test('a dispatcher that is stopped in the middle loses nothing, and repeats nothing that was written', async () => {
  await enqueueMany(30, 10)
  for (let round = 0; round < 3; round++) {
    const { stop } = await engine.dispatcher()
    const before = receiver.received.length
    await until(() => receiver.received.length >= before + 50, 'it is at work')
    await stop()
  }
  await engine.dispatcher()
  await engine.delivered()
  expectOrder()
  expect(processed).toHaveLength(600)
})

test('a lost database connection loses nothing', async () => {
  await enqueueMany(40, 10)
  // a busy machine may write too late
  const lost: string[] = []
  const warn = ({ deliveryIds = [] }: { deliveryIds?: string[] }) => void lost.push(...deliveryIds)
  const log = { warn, error: console.error }
  const { wakeups } = await engine.dispatcher({ settings: SHORT_LEASE, timeoutMs: SHORT_TIMEOUT_MS, log })
  for (let cut = 0; cut < 5; cut++) {
    const before = receiver.received.length
    await until(() => receiver.received.length > before || processed.length >= 800, 'it is at work')
    await engine.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
  }
  await engine.delivered()
  // an attempt that a busy machine lets time out may be processed all the same, and late
  expectOrder(new Set([...lost, ...(await engine.failed())]))
  // It listens again, too.
  await engine.enqueue('late', [{ listener: 'desk' }])
  wakeups.wake(engine.key('late').bucket)
  await engine.delivered()
})

test('a holder that was away too long is overtaken, and what it says then is not believed', async () => {
  const hook: Hook = engine.hooks.set('desk', { url: receiver.url })
  const items = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }, { listener: 'desk' }])
  // The first dispatcher falls asleep with the lane in its hands, and its heartbeat with it.
  let wakeUp: () => void = () => {}
  let isAsleep = false
  const find = () => {
    isAsleep = true
    return new Promise<Hook>((resolve) => (wakeUp = () => resolve(hook)))
  }
  const sleeper = await engine.dispatcher({
    hooks: { find },
    timeoutMs: SHORT_TIMEOUT_MS,
    settings: { ...SHORT_LEASE, heartbeat: 60_000, poll: 60_000 },
  })
  await until(() => isAsleep, 'it has fallen asleep')
  await engine.dispatcher({ timeoutMs: SHORT_TIMEOUT_MS })
  await engine.delivered()
  expect(receiver.received.map(({ id }) => id)).toEqual(items.map(({ id }) => id))
  wakeUp()
  await sleeper.stop()
  expect(receiver.received).toHaveLength(3)
  expect(await engine.states()).toEqual({ delivered: 3 })
})

test('a holder says which deliveries come again, since their lane was lost before it could write', async () => {
  let answer: () => void = () => {}
  receiver.answer = ({ id }) => {
    processed.push(id)
    return processed.length === 1 ? new Promise((resolve) => (answer = () => resolve({}))) : {}
  }
  const [first, second] = (await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])).map(({ id }) => id)
  const said: object[] = []
  await engine.dispatcher({ log: { warn: (details) => void said.push(details), error: console.error } })
  await until(() => processed.length === 1, 'the attempt is under way')
  await engine.stored.change('lanes', { lease: randomUUID(), lease_until: ago(1) })
  answer()
  await engine.delivered()
  expect(said).toContainEqual(
    expect.objectContaining({ listener: 'desk', userId: 'u1', deliveryIds: expect.arrayContaining([first]) }),
  )
  expect(new Set(processed)).toEqual(new Set([first, second]))
  expect(processed.filter((id) => id === first)).toHaveLength(2)
})

test('processes killed at random lose nothing, reorder nothing, and repeat only what was not written', async () => {
  const script = fileURLToPath(new URL('dispatcher-process.ts', import.meta.url))
  const lost: LostLane[] = []
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, engine.database.url, receiver.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (child.stdout === null) throw new Error('no output')
    const lines = createInterface(child.stdout)
    await once(lines, 'line')
    lines.on('line', (line) => lost.push(JSON.parse(line)))
    return child
  }
  const end = async (child: ChildProcess) => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const senders: number[] = []
  receiver.answer = ({ id, headers }) => {
    processed.push(id)
    senders.push(Number(headers['user-agent']?.split('/')[1]))
    return {}
  }
  const random = randomFrom(3)
  const children = await Promise.all([start(), start()])
  const kills: Kill[] = []
  await enqueueMany(60, 30)
  for (let round = 0; round < 3; round++) {
    const target = processed.length + Math.floor(random() * 300)
    await until(() => processed.length >= Math.min(target, expected.size), 'some were delivered')
    const index = round % children.length
    const victim = children[index] as ChildProcess
    await end(victim)
    const written = await heads()
    kills.push({ pid: victim.pid, processedBefore: processed.length, written })
    children[index] = await start()
  }
  await engine.delivered()
  await Promise.all(children.map(end))
  const seen = new Set(processed)
  expect(seen.size).toBe(3_600)
  expect(await engine.states()).toEqual({ delivered: 3_600 })
  for (const { lateMs } of lost) expect(lateMs ?? 0).toBeGreaterThanOrEqual(0)
  const excused = [...(await engine.failed()), ...lost.flatMap(({ deliveryIds }) => deliveryIds)]
  expectOrderWithRepeats(senders, kills, new Set(excused))
})

/** What a process says of a lane that another one has, since its lease lapsed before it could write. */
interface LostLane {
  deliveryIds: string[]
  lateMs?: number
}

/** A process that was killed, in the course of what the receiver processed. */
interface Kill {
  pid: number | undefined
  processedBefore: number
  /** Where the head of each lane stood after it: what is written up to there is known to be delivered. */
  written: Map<string, number>
}

async function heads(): Promise<Map<string, number>> {
  const lanes = await engine.stored.rows('lanes')
  return new Map(lanes.map(({ listener, user_id, head }) => [`${listener}/${user_id}`, head]))
}

/**
 * A killed process may have had acknowledgements unwritten: their deliveries come again, from the written head on in order. What was
 * written never does, and nothing comes again but what was sent by a process that was killed, or is excused.
 * @param senders the process that each of `processed` came from
 * @param excused deliveries with an attempt that failed in the sender's eyes, or whose lease lapsed
 */
function expectOrderWithRepeats(
  senders: readonly number[],
  kills: readonly Kill[],
  excused: ReadonlySet<string>,
): void {
  const last = new Map<string, number>()
  const lastSender = new Map<string, number | undefined>()
  const killed = new Set(kills.map(({ pid }) => pid))
  processed.forEach((id, index) => {
    const place = expected.get(id)
    if (place === undefined) throw new Error(`${id} was never enqueued`)
    const { lane, sequence } = place
    // Either the next one, or a step back; never a step ahead.
    expect(sequence).toBeLessThanOrEqual((last.get(lane) ?? 0) + 1)
    for (const { processedBefore, written } of kills) {
      if (index >= processedBefore) expect(sequence).toBeGreaterThan(written.get(lane) ?? 0)
    }
    const before = lastSender.get(id)
    // What it had sent may be read after its end, when the machine is busy.
    if (before !== undefined && !excused.has(id)) {
      expect(killed).toContain(before)
      expect(senders[index]).not.toBe(before)
    }
    last.set(lane, sequence)
    lastSender.set(id, senders[index])
  })
}
