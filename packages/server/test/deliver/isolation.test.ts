import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import { RETRY_POLICY } from '../../src/deliver/health/retry-policy.js'
import type { FailingLane } from '../../src/deliver/reports.js'
import { Engine } from './engine.js'

let engine: Engine
let slow: Receiver
let healthy: Receiver

beforeAll(async () => {
  engine = await Engine.create()
  slow = await Receiver.start()
  healthy = await Receiver.start()
})
beforeEach(async () => {
  await engine.clear()
  for (const receiver of [slow, healthy]) {
    receiver.received.length = 0
    receiver.mostUnderWay = 0
    receiver.answer = () => ({})
  }
  engine.hooks.set('slow', { url: slow.url })
  engine.hooks.set('healthy', { url: healthy.url })
})
afterEach(() => engine.stopAll())
afterAll(async () => {
  await engine.close()
  await slow.close()
  await healthy.close()
})

const enqueueFor = async (listener: string, users: number, each = 1, now = new Date()) => {
  for (let user = 0; user < users; user++) {
    await engine.enqueue(
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
  receiver.answer = () => (open ? {} : new Promise((resolve) => answers.push(() => resolve({}))))
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
    await engine.dispatcher({
      settings: { listenerConcurrency: 4, lanesPerClaim: 8, lanesInMemory: 24 },
    })
    await until(() => healthy.received.length === 100, 'the healthy listener has everything')
    expect(slow.mostUnderWay).toBe(4)
    expect(await engine.states()).toMatchObject({ pending: expect.any(Number) })
    answerAll()
    await engine.delivered()
    expect(slow.received).toHaveLength(120)
    expect(slow.mostUnderWay).toBe(4)
  })

  test('and many more of them, leave room for the others: what comes to be due, and what is handed over', async () => {
    const answerAll = holding(slow)
    const many = Array.from({ length: 12 }, (_, index) => `slow ${index}`)
    for (const listener of many) {
      engine.hooks.set(listener, { url: slow.url })
      await enqueueFor(listener, 10, 1, new Date(Date.now() - 60_000))
    }
    const settings = { listenerConcurrency: 2, lanesPerClaim: 8, lanesInMemory: 40 }
    const { wakeups } = await engine.dispatcher({ settings })
    await until(() => slow.received.length === 24, 'as many attempts of the slow ones as may be under way')
    await enqueueFor('healthy', 20, 5)
    await until(() => healthy.received.length === 100, 'the healthy listener has everything')
    // None while its last results wait to be written.
    const isWanted = (listener: string) => wakeups.offer(new Date()).wants({ ...engine.key('user 0'), listener })
    await until(() => isWanted('healthy'), 'the healthy listener is wanted')
    expect(many.filter(isWanted)).toEqual([])
    answerAll()
    await engine.delivered()
    expect(slow.received).toHaveLength(120)
  })

  test('holds up one lane with one head, not its other lanes', async () => {
    slow.answer = ({ text }) => (text === '"stuck"' ? { status: 500 } : {})
    await engine.enqueue('stuck', [{ listener: 'slow', body: '"stuck"' }, { listener: 'slow' }])
    await enqueueFor('slow', 30, 3)
    await engine.dispatcher()
    await until(async () => (await engine.states()).delivered === 90, 'all others are through')
    expect((await engine.states()).pending).toBe(2)
  })
})

describe('an endpoint that is down', () => {
  const breaker = { failures: 10, firstProbe: 100, longestProbe: 200, probeLost: 1_000 }
  // A schedule so short that without the breaker there would be hundreds of attempts.
  const settings = { breaker, retry: { ...RETRY_POLICY, delays: [20] }, breakerRest: 3_600_000, listenerConcurrency: 8 }

  test('is left alone but for probes, and gets everything as soon as one succeeds', async () => {
    let down = true
    slow.answer = () => ({ status: down ? 500 : 200 })
    await enqueueFor('slow', 60, 2)
    await engine.dispatcher({ settings })
    await until(() => slow.received.length >= 20, 'the breaker has opened and probes go')
    const [before, since] = [slow.received.length, Date.now()]
    await until(() => slow.received.length >= before + 2, 'two more probes have gone')
    expect(Date.now() - since).toBeGreaterThanOrEqual(100)
    down = false
    // Their rest is an hour: they are woken.
    await engine.delivered()
    expect(await engine.states()).toEqual({ delivered: 120 })
  })

  /** Those that are tried no earlier than in ten minutes. */
  const resting = async (where = {}) =>
    (await engine.stored.rows('lanes', where)).filter(({ next_at }) => next_at > ago(-600))

  test('does not cost an attempt to those held back, but they are told of', async () => {
    slow.answer = () => ({ status: 500 })
    const told: FailingLane[] = []
    await enqueueFor('slow', 40)
    const unprobed = { ...settings, breaker: { ...breaker, firstProbe: 3_600_000, longestProbe: 3_600_000 } }
    await engine.dispatcher({ settings: unprobed, reports: { laneFailing: (failing) => void told.push(failing) } })
    await until(() => new Set(told.map(({ userId }) => userId)).size === 40, 'every lane was told of')
    const untried = await engine.stored.rows('lanes', { attempts_made: 0, attempt: 0 })
    expect(untried.filter(({ failing_since }) => failing_since !== null).length).toBeGreaterThan(10)
    // Those that were tried rest like the others and not by their own schedule; all but the next probe.
    await until(async () => (await resting()).length >= 39, 'they rest')
  })

  test.each([
    ['with a lane of it that is due', true],
    ['with whatever rests', false],
  ])('is tried at once when somebody asks, %s', async (_name, due) => {
    let down = true
    slow.answer = () => ({ status: down ? 500 : 200 })
    await enqueueFor('slow', 30)
    const patient = { ...settings, breaker: { ...breaker, firstProbe: 3_600_000, longestProbe: 3_600_000 } }
    const { wakeups } = await engine.dispatcher({ settings: patient })
    await until(async () => (await resting({ lease: null })).length >= 15, 'all lanes rest')
    down = false
    const { bucket } = engine.key('user 29')
    if (due) await engine.stored.change('lanes', { next_at: new Date() }, { user_id: 'user 29' })
    wakeups.wakeListener(engine.organisationId, 'slow')
    if (due) wakeups.wake(bucket)
    await engine.delivered()
  })

  test('holds nothing back any more in a process that takes over from the one that knew of it', async () => {
    let down = true
    slow.answer = () => ({ status: down ? 500 : 200 })
    await enqueueFor('slow', 40)
    const patient = { ...settings, breaker: { ...breaker, firstProbe: 3_600_000, longestProbe: 3_600_000 } }
    const { stop } = await engine.dispatcher({ settings: patient })
    await until(async () => (await resting({ lease: null })).length >= 39, 'they rest')
    const untried = (await engine.stored.rows('lanes', { attempt: 0 })).map(({ user_id }) => user_id)
    expect(untried.length).toBeGreaterThan(10)
    await stop()
    down = false
    await engine.dispatcher({ settings: patient })
    const left = async () => (await engine.stored.rows('lanes', { head: 0 })).map(({ user_id }) => user_id)
    await until(async () => !(await left()).some((user) => untried.includes(user)), 'those that were never tried')
  })

  test('says nothing of the same listener’s hook elsewhere', async () => {
    slow.answer = () => ({ status: 500 })
    const other = { category: 'aeu_events', subcategory: 'allocated' }
    engine.hooks.set('slow', { url: healthy.url }, other)
    await enqueueFor('slow', 20)
    await engine.dispatcher({ settings })
    await until(() => slow.received.length >= 10, 'the breaker has opened')
    await engine.enqueue('another', [{ listener: 'slow', ...other }])
    await until(() => healthy.received.length === 1, 'it arrives')
  })
})
