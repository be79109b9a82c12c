import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { RETRY_POLICY } from '../../src/deliver/health/retry-policy.js'
import type { FailingLane } from '../../src/deliver/reports.js'
import { type Receiver, startReceiver } from './receiver.js'
import { until } from './until.js'
import { World } from './world.js'

let world: World
let slow: Receiver
let healthy: Receiver

beforeAll(async () => {
  world = await World.create()
  slow = await startReceiver()
  healthy = await startReceiver()
})
beforeEach(async () => {
  await world.rows('truncate lanes, deliveries, delivery_ends, attempts')
  for (const receiver of [slow, healthy]) {
    receiver.received.length = 0
    receiver.mostUnderWay = 0
    receiver.behave = () => ({})
  }
  world.hooks.set('slow', { url: slow.url })
  world.hooks.set('healthy', { url: healthy.url })
})
afterEach(() => world.stopAll())
afterAll(async () => {
  await world.close()
  await slow.close()
  await healthy.close()
})

const enqueueFor = async (listener: string, users: number, each = 1, now = new Date()) => {
  for (let user = 0; user < users; user++) {
    await world.enqueue(
      `user ${user}`,
      Array.from({ length: each }, () => ({ listener })),
      now,
    )
  }
}

/** Requests that are answered when the test says so. */
const holding = (receiver: Receiver) => {
  const answers: Array<() => void> = []
  let open = false
  receiver.behave = () => (open ? {} : new Promise((resolve) => answers.push(() => resolve({}))))
  return () => {
    open = true
    for (const answer of answers.splice(0)) answer()
  }
}

describe('a slow listener', () => {
  test('holds up nobody else, though its lanes were first and more than fit', async () => {
    const answerAll = holding(slow)
    await enqueueFor('slow', 120, 1, new Date(Date.now() - 60_000))
    await enqueueFor('healthy', 20, 5)
    await world.dispatcher({
      settings: { listenerConcurrency: 4, lanesPerClaim: 8, lanesInMemory: 24 },
    })
    await until('the healthy listener has everything', () => healthy.received.length === 100)
    expect(slow.mostUnderWay).toBe(4)
    expect(await world.states()).toMatchObject({ pending: expect.any(Number) })
    answerAll()
    await world.delivered()
    expect(slow.received).toHaveLength(120)
    expect(slow.mostUnderWay).toBe(4)
  })

  test('holds up one lane with one head, not its other lanes', async () => {
    slow.behave = ({ body }) => (body === '"stuck"' ? { status: 500 } : {})
    await world.enqueue('stuck', [{ listener: 'slow', body: '"stuck"' }, { listener: 'slow' }])
    await enqueueFor('slow', 30, 3)
    await world.dispatcher()
    await until('all others are through', async () => (await world.states()).delivered === 90)
    expect((await world.states()).pending).toBe(2)
  })
})

describe('an endpoint that is down', () => {
  const breaker = { failures: 10, firstProbe: 100, longestProbe: 200, probeLost: 1_000 }
  // A schedule so short that without the breaker there would be hundreds of attempts.
  const settings = { breaker, retry: { ...RETRY_POLICY, delays: [20] }, breakerRest: 3_600_000, listenerConcurrency: 8 }

  test('is left alone but for probes, and gets everything as soon as one succeeds', async () => {
    let down = true
    slow.behave = () => ({ status: down ? 500 : 200 })
    await enqueueFor('slow', 60, 2)
    await world.dispatcher({ settings })
    await until('the breaker has opened and probes go', () => slow.received.length >= 20)
    const [before, since] = [slow.received.length, Date.now()]
    await until('two more probes have gone', () => slow.received.length >= before + 2)
    expect(Date.now() - since).toBeGreaterThanOrEqual(100)
    down = false
    // Their rest is an hour: they are woken.
    await world.delivered()
    expect(await world.states()).toEqual({ delivered: 120 })
  })

  test('does not cost an attempt to those held back, but they are told of', async () => {
    slow.behave = () => ({ status: 500 })
    const told: FailingLane[] = []
    await enqueueFor('slow', 40)
    const unprobed = { ...settings, breaker: { ...breaker, firstProbe: 3_600_000, longestProbe: 3_600_000 } }
    await world.dispatcher({ settings: unprobed, reports: { laneFailing: (failing) => void told.push(failing) } })
    await until('every lane was told of', () => new Set(told.map(({ userId }) => userId)).size === 40)
    const untried = await world.rows(
      'select from lanes where attempts_made = 0 and attempt = 0 and failing_since is not null',
    )
    expect(untried.length).toBeGreaterThan(10)
    // Those that were tried rest like the others, whatever their own schedule says; all but the next probe.
    await until('they rest', async () => {
      const resting = await world.rows("select from lanes where next_at > now() + interval '10 min'")
      return resting.length >= 39
    })
  })

  test.each([
    ['with a lane of it that is due', true],
    ['with whatever rests', false],
  ])('is tried at once when somebody asks, %s', async (_name, due) => {
    let down = true
    slow.behave = () => ({ status: down ? 500 : 200 })
    await enqueueFor('slow', 30)
    const patient = { ...settings, breaker: { ...breaker, firstProbe: 3_600_000, longestProbe: 3_600_000 } }
    const { wakeups } = await world.dispatcher({ settings: patient })
    await until('all lanes rest', async () => {
      const rows = await world.rows("select from lanes where lease is null and next_at > now() + interval '10 min'")
      return rows.length >= 15
    })
    down = false
    const { bucket } = world.key('user 29')
    if (due) await world.rows('update lanes set next_at = now() where user_id = $1', ['user 29'])
    wakeups.wakeListener(world.organisationId, 'slow')
    if (due) wakeups.wake(bucket)
    await world.delivered()
  })

  test('says nothing of the same listener’s hook elsewhere', async () => {
    slow.behave = () => ({ status: 500 })
    const other = { category: 'aeu_events', subcategory: 'allocated' }
    world.hooks.set('slow', { url: healthy.url }, other)
    await enqueueFor('slow', 20)
    await world.dispatcher({ settings })
    await until('the breaker has opened', () => slow.received.length >= 10)
    await world.enqueue('another', [{ listener: 'slow', ...other }])
    await until('it arrives', () => healthy.received.length === 1)
  })
})
