/**
 * Time without attempts is no listener's fault. It passes here by moving everything that the database keeps of it into the past, which is
 * what it looks like to the next process.
 */

import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import fc from 'fast-check'
import { RETRY_POLICY } from '../../../src/deliver/health/retry-policy.js'
import { passOverOutages, releaseBuckets, shareBuckets } from '../../../src/lanes/bucket-leases.js'
import { ALL_BUCKETS } from '../../../src/lanes/delivery-places.js'
import { readLanes } from '../../../src/lanes/lanes.js'
import { Engine } from '../engine.js'

const LEASE = 10_000
const HEARTBEAT = 2_500

let engine: Engine
let receiver: Receiver

beforeAll(async () => {
  engine = await Engine.create()
  receiver = await Receiver.start()
})
beforeEach(async () => {
  await engine.clear('dispatchers')
  await engine.stored.change('buckets', { owner: null, served_until: null })
  receiver.received.length = 0
  receiver.answer = () => ({ status: 500 })
  engine.hooks.set('desk', { url: receiver.url })
})
afterEach(() => engine.stopAll())
afterAll(async () => {
  await engine.close()
  await receiver.close()
})

/** So much time passes. */
async function pass(ms: number): Promise<void> {
  const ago = `- ${ms} * interval '1 millisecond'`
  await engine.pool.query(
    `with b as (update buckets set served_until = served_until ${ago} where served_until is not null),
        d as (update dispatchers set seen_at = seen_at ${ago}, alive_until = alive_until ${ago})
      update lanes set failing_since = failing_since ${ago}, next_at = next_at ${ago}, lease_until = lease_until ${ago}`,
  )
}

/** For how long the head of the lane has been failing, as thread control sees it. */
async function failingFor(user = 'u1'): Promise<number> {
  const [lane] = await readLanes(engine.pool, [{ ...engine.key(user), listeners: ['desk'] }])
  if (!lane?.failingSince) throw new Error('the lane is not failing')
  return Date.now() - lane.failingSince.getTime()
}

const lane = () => engine.stored.row('lanes')
const attempts = async () => (await lane())?.attempt as number

describe('a service that was down', () => {
  /** Fails twice, and goes. */
  async function failAndStop(end: (stop: () => Promise<void>) => Promise<void>) {
    await engine.enqueue('u1', [{ listener: 'desk' }])
    const began = Date.now()
    const { stop } = await engine.dispatcher({ settings: { retry: { ...RETRY_POLICY, delays: [10, 60_000] } } })
    await until(async () => (await attempts()) === 2, 'the second attempt')
    await end(stop)
    return () => Date.now() - began
  }

  test.each([
    ['in good order', (stop: () => Promise<void>) => stop()],
    [
      'killed',
      async (stop: () => Promise<void>) => {
        // of one that is killed everything stays as it was
        const { id } = await engine.stored.row('dispatchers')
        await stop()
        await engine.stored.insert('dispatchers', { id, seen_at: ago(0), alive_until: ago(-10) })
        await engine.stored.change('buckets', { owner: id, served_until: null })
      },
    ],
  ])('%s for longer than anybody bears charges nobody with it', async (_name, end) => {
    const past = await failAndStop(end)
    await pass(96_000)
    // before anybody serves the lane again, and after
    expect(await failingFor()).toBeLessThanOrEqual(past())
    await engine.dispatcher({ settings: { retry: { ...RETRY_POLICY, delays: [10, 10, 600_000] } } })
    await until(async () => (await attempts()) === 3, 'the next attempt')
    expect(await failingFor()).toBeLessThanOrEqual(past())
  })

  test('for longer than a delivery may fail does not end it', async () => {
    await failAndStop((stop) => stop())
    await pass(25 * 3_600_000)
    receiver.answer = ({ attempt }) => ({ status: attempt <= 4 ? 500 : 200 })
    await engine.dispatcher({ settings: { retry: { ...RETRY_POLICY, delays: [10] } } })
    await engine.delivered()
    expect(await engine.states()).toEqual({ delivered: 1 })
  })
})

test('a process that stood still in the middle of an attempt has not tried for all that time', async () => {
  await engine.enqueue('u1', [{ listener: 'desk' }])
  let arrived = false
  let hasPassed = false
  receiver.answer = async () => {
    arrived = true
    await until(() => hasPassed, 'time has passed')
    return { status: 500 }
  }
  await engine.dispatcher({ settings: { retry: { ...RETRY_POLICY, delays: [600_000] } } })
  await until(async () => arrived, 'the attempt')
  await pass(3_600_000)
  hasPassed = true
  await until(async () => (await attempts()) === 1, 'its result')
  await until(
    async () => (await engine.stored.count('buckets', { served_until: null })) === ALL_BUCKETS.length,
    'a round',
  )
  // of an hour
  expect(await failingFor()).toBeLessThan(1_800_000)
})

describe('whatever the pattern of downtime', () => {
  type Event = { kind: 'served' | 'left' | 'killed' | 'stood still' | 'handed over'; forMs: number }

  /** Serves the buckets as a process does, as far as these are concerned. */
  class Process {
    readonly id = randomUUID()
    async beat(): Promise<void> {
      const { unserved } = await shareBuckets(engine.pool, this.id, LEASE)
      if (unserved.length > 0) await passOverOutages(engine.pool, unserved)
    }
  }

  async function play(events: readonly Event[]): Promise<{ tried: number; failing: number[] }> {
    await engine.stored.empty('lanes', 'dispatchers')
    await engine.stored.change('buckets', { owner: null, served_until: null })
    let process = new Process()
    await process.beat()
    const { bucket, organisationId, userId } = engine.key('u1')
    await engine.stored.insert('lanes', {
      ...{ bucket, organisation_id: organisationId, listener: 'desk', user_id: userId },
      ...{ tail: 1, next_at: ago(0), failing_since: ago(0) },
    })
    let tried = 0
    const failing: number[] = []
    for (const { kind, forMs } of events) {
      if (kind === 'served' || kind === 'handed over') {
        if (kind === 'handed over') {
          await releaseBuckets(engine.pool, process.id)
          process = new Process()
        }
        for (let left = forMs; left > 0; left -= HEARTBEAT) {
          await process.beat()
          await pass(Math.min(left, HEARTBEAT))
          tried += Math.min(left, HEARTBEAT)
        }
        await process.beat()
      } else {
        if (kind === 'left') await releaseBuckets(engine.pool, process.id)
        await pass(forMs)
        if (kind !== 'stood still') process = new Process()
      }
      failing.push((await failingFor()) - tried)
    }
    await process.beat()
    return { tried, failing }
  }

  test('nobody is charged with more than the time in which somebody tried', async () => {
    const events = (longest: number, ...kinds: Event['kind'][]) =>
      fc.record<Event>({ kind: fc.constantFrom(...kinds), forMs: fc.integer({ min: 0, max: longest }) })
    const event = fc.oneof(events(15_000, 'served', 'handed over'), events(120_000, 'left', 'killed', 'stood still'))
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 5 }), async (events) => {
        const began = Date.now()
        const { failing } = await play(events)
        // what this test itself takes is time that passes too; a process that is silent for less than half a lease counts as alive
        const silent = events.filter(
          ({ kind, forMs }) => kind === 'stood still' || (kind === 'killed' && forMs < LEASE),
        )
        const allowed = Date.now() - began + silent.length * LEASE
        for (const excess of failing) expect(excess).toBeLessThanOrEqual(allowed)
      }),
      { numRuns: 12 },
    )
  })

  test('and is charged with all of that, but for what a process that ended suddenly had not said', async () => {
    const events: Event[] = [
      { kind: 'served', forMs: 20_000 },
      { kind: 'left', forMs: 96_000 },
      { kind: 'served', forMs: 20_000 },
      { kind: 'handed over', forMs: 10_000 },
      { kind: 'killed', forMs: 60_000 },
      { kind: 'served', forMs: 20_000 },
      { kind: 'stood still', forMs: 40_000 },
      { kind: 'served', forMs: 5_000 },
    ]
    const { tried } = await play(events)
    expect(tried).toBe(75_000)
    const failing = await failingFor()
    expect(failing).toBeGreaterThanOrEqual(tried - 2 * HEARTBEAT)
  })
})
