/** Lanes that get something to deliver in the process that delivers: leased as it is stored, and worked on without a claim. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { QueryConfig } from 'pg'
import type { Queryable } from '../../src/database/queryable.js'
import { claim, makeListenerDue } from '../../src/deliver/claims.js'
import { makeLapsedDue } from '../../src/deliver/lapsed-lanes.js'
import { recordResults } from '../../src/deliver/results.js'
import { ALL_BUCKETS } from '../../src/lanes/delivery-places.js'
import { type ClaimedLane, type LaneHolder, type LaneOffer, offerTo } from '../../src/lanes/offer.js'
import type { Wakeups } from '../../src/lanes/wakeups.js'
import { Conversation } from './conversation.js'
import { Engine } from './engine.js'
import { resultOf } from './one-lane.js'

const LEASE_MS = 10_000
const NOW = Date.parse('2026-11-22T09:00:00.000Z')
const at = (ms: number) => new Date(NOW + ms)

let engine: Engine
let receiver: Receiver
beforeAll(async () => {
  engine = await Engine.create()
  receiver = await Receiver.start()
  const now = new Date()
  await engine.stored.insert('organisations', {
    id: engine.organisationId,
    name: 'Acme',
    created_at: now,
    updated_at: now,
  })
})
beforeEach(async () => {
  await engine.clear('messages', 'threads')
  receiver.received.length = 0
  receiver.answer = () => ({})
  for (const listener of ['desk', 'md']) engine.hooks.set(listener, { url: `${receiver.url}/${listener}` })
})
afterEach(() => engine.stopAll())
afterAll(async () => {
  await engine.close()
  await receiver.close()
})

const begin = (userId: string, ...listeners: string[]) => Conversation.begin(engine, userId, ...listeners)

const offering =
  (wanted: (listener: string) => boolean) =>
  (now: Date): LaneOffer => {
    const wants: LaneHolder['wants'] = ({ listener }) => wanted(listener)
    return offerTo({ wants, leaseUntil: () => new Date(now.getTime() + LEASE_MS), hold: () => {} }, now)
  }
const OFFERS_ALL = offering(() => true)

const claimAt = (now: Date, userId = 'u1'): Promise<ClaimedLane[]> =>
  claim(engine.pool, {
    buckets: [engine.key(userId).bucket],
    limit: 10,
    perLane: 10,
    now,
    leaseUntil: new Date(now.getTime() + LEASE_MS),
    except: [],
    failing: [],
  })
const lapsedAt = (now: Date) => makeLapsedDue(engine.pool, ALL_BUCKETS, now)
const laneOf = (listener = 'desk') => engine.stored.row('lanes', { listener })
const giveBack = (lane: ClaimedLane, now: Date, endedTo = lane.tail) =>
  recordResults(engine.pool, [resultOf(lane, { endedTo, releaseAt: now })])
const ANSWERED = { durationMs: 3, status: 200, error: null, answer: '{"success":true}' }
/** In the present transaction: rows that were written again, and how many of them without an index entry. */
const writesTo = async (table: string, db: Queryable) => {
  const { rows } = await db.query<{ written: number; besideIndexes: number }>({
    text: `select pg_stat_get_xact_tuples_updated(oid)::int as written, pg_stat_get_xact_tuples_hot_updated(oid)::int as "besideIndexes"
      from pg_class where oid = $1::regclass`,
    values: [table],
  })
  return rows[0] as (typeof rows)[number]
}
const withoutLease = ({ lease, leaseUntil, ...lane }: ClaimedLane) => lane
const leased = async () => (await engine.stored.rows('lanes', {}, 'listener')).filter(({ lease }) => lease !== null)

describe('a lane that had nothing to deliver', () => {
  test('is leased for the dispatcher, which gets what a claim would have found', async () => {
    const conversation = await begin('u1', 'desk')
    const written = await conversation.say(OFFERS_ALL, { now: at(0), count: 3 })
    expect(written).toMatchObject({ hasMore: false })
    expect(await lapsedAt(at(LEASE_MS - 1))).toEqual([])
    expect(await claimAt(at(LEASE_MS - 1))).toEqual([])
    expect(await lapsedAt(at(LEASE_MS))).toEqual([engine.key('u1').bucket])
    const [claimed, ...others] = await claimAt(at(LEASE_MS))
    expect(others).toEqual([])
    expect(claimed?.deliveries.map(({ sequence, body }) => [sequence, body])).toEqual(
      [1, 2, 3].map((number) => [number, `{"message_id": ${number},"for":"desk"}`]),
    )
    expect(written?.leased.map(withoutLease)).toEqual([withoutLease(claimed as ClaimedLane)])
    expect(claimed?.lease).not.toBe(written?.leased[0]?.lease)
  })

  test('stays where it is if the dispatcher does not want it', async () => {
    const conversation = await begin('u1', 'desk', 'md')
    const written = await conversation.say(offering((listener) => listener === 'md'))
    expect(written?.leased.map(({ listener }) => listener)).toEqual(['md'])
    expect(written?.hasMore).toBe(true)
    expect(await leased()).toMatchObject([{ listener: 'md' }])
  })

  test('is not leased if its thread was written meanwhile', async () => {
    const conversation = await begin('u1', 'desk')
    expect(await conversation.say(OFFERS_ALL, { behind: 1 })).toBeNull()
    expect(await leased()).toEqual([])
  })
})

describe('a lane that was handed over', () => {
  const handOver = async (conversation: Conversation, now: Date): Promise<ClaimedLane> => {
    const written = await conversation.say(OFFERS_ALL, { now })
    return written?.leased[0] as ClaimedLane
  }

  test('touches no index, then or when it is given back', async () => {
    const conversation = await begin('u1', 'desk')
    await giveBack(await handOver(conversation, at(0)), at(1))
    const client = await engine.pool.connect()
    try {
      await client.query('begin')
      const before = await writesTo('lanes', client)
      const written = await conversation.say(OFFERS_ALL, { now: at(2), db: client })
      await recordResults(client, [resultOf(written?.leased[0] as ClaimedLane, { endedTo: 2, releaseAt: at(3) })])
      const { written: all, besideIndexes } = await writesTo('lanes', client)
      expect([all - before.written, besideIndexes - before.besideIndexes]).toEqual([2, 2])
      await client.query('commit')
    } finally {
      client.release()
    }
    expect(await laneOf()).toMatchObject({ head: 2, tail: 2, lease: null, next_at: null })
  })

  test('touches no index with the attempts of all that was in it', async () => {
    const client = await engine.pool.connect()
    try {
      // whole pages of deliveries, which were there before the attempts
      const written = await (await begin('u1', 'analytics_0')).say(OFFERS_ALL, { now: at(0), count: 100 })
      const lane = written?.leased[0] as ClaimedLane
      const attempts = lane.deliveries.map(({ id }) => ({ deliveryId: id, number: 1, startedAt: at(1), ...ANSWERED }))
      await client.query('begin')
      await recordResults(client, [resultOf(lane, { endedTo: 100, releaseAt: at(2), attempts })])
      expect(await writesTo('deliveries', client)).toEqual({ written: 100, besideIndexes: 100 })
      await client.query('commit')
    } finally {
      client.release()
    }
  })

  test('is due at once with what came in between, when it is given back', async () => {
    const conversation = await begin('u1', 'desk')
    const lane = await handOver(conversation, at(0))
    expect(await conversation.say(OFFERS_ALL, { now: at(1) })).toMatchObject({ leased: [], hasMore: true })
    expect(await laneOf()).toMatchObject({ next_at: null, tail: 2 })
    await giveBack(lane, at(2), 1)
    expect(await laneOf()).toMatchObject({ next_at: at(2), lease: null, head: 1 })
    expect((await claimAt(at(2)))[0]?.deliveries.map(({ sequence }) => sequence)).toEqual([2])
  })

  test('is due again at once where its listener was made due before it rests', async () => {
    const conversation = await begin('u1', 'desk')
    const lane = await handOver(conversation, at(0))
    expect(await makeListenerDue(engine.pool, engine.organisationId, 'desk', at(1))).toEqual([lane.bucket])
    await recordResults(engine.pool, [resultOf(lane, { releaseAt: new Date(Date.now() + 3_600_000) })])
    expect(((await laneOf()).next_at as Date).getTime()).toBeLessThanOrEqual(Date.now())
  })

  test('and left is due again with its lease, or with what comes after that', async () => {
    const [first, second] = [await begin('u1', 'desk'), await begin('u2', 'desk')]
    for (const conversation of [first, second]) await handOver(conversation, at(0))
    expect(await first.say(OFFERS_ALL, { now: at(LEASE_MS) })).toMatchObject({ leased: [], hasMore: true })
    expect(await lapsedAt(at(LEASE_MS))).toEqual([engine.key('u2').bucket])
    for (const [user, sequences] of Object.entries({ u1: [1, 2], u2: [1] })) {
      const [claimed] = await claimAt(at(LEASE_MS), user)
      expect(claimed?.deliveries.map(({ sequence }) => sequence)).toEqual(sequences)
    }
    expect(await lapsedAt(at(LEASE_MS + 1))).toEqual([])
  })

  test('is looked through for ten minutes, and then no more until it gets something', async () => {
    const conversation = await begin('u1', 'desk')
    const lane = await handOver(conversation, at(0))
    expect(await lapsedAt(at(1))).toEqual([])
    await giveBack(lane, at(1))
    await lapsedAt(at(10 * 60_000 - 1))
    expect(await laneOf()).toMatchObject({ in_use_since: at(0) })
    expect(await lapsedAt(at(10 * 60_000))).toEqual([])
    expect(await laneOf()).toMatchObject({ in_use_since: null })
    await handOver(conversation, at(10 * 60_000 + 1))
    expect(await laneOf()).toMatchObject({ in_use_since: at(10 * 60_000 + 1) })
  })

  test('by a process that died is delivered by another, whatever it is told, with all that came since', async () => {
    const { dispatcher } = await engine.dispatcher({ settings: { heartbeat: 200 } })
    await until(async () => dispatcher.buckets.size > 0, 'buckets')
    const users = Array.from({ length: 20 }, (_, index) => `u${index}`)
    const dying = (now: Date): LaneOffer =>
      offerTo({ wants: () => true, leaseUntil: () => new Date(now.getTime() + 1_000), hold: () => {} }, now)
    for (const user of users) {
      const conversation = await begin(user, 'desk')
      expect((await conversation.say(dying))?.leased).toHaveLength(1)
      await conversation.say(dying)
    }
    await engine.delivered()
    expect(receiver.received).toHaveLength(2 * users.length)
    for (const user of users) {
      const ids = (await engine.stored.rows('deliveries', { user_id: user }, 'sequence')).map(({ id }) => id)
      expect(receiver.received.map(({ id }) => id).filter((id) => ids.includes(id))).toEqual(ids)
    }
  })
})

test('a lane with something to deliver is left alone, whoever holds it', async () => {
  const conversation = await begin('u1', 'desk')
  await conversation.say(undefined, { now: at(0) })
  expect(await conversation.say(OFFERS_ALL, { now: at(0) })).toMatchObject({ leased: [], hasMore: true })
  const [claimed] = await claimAt(at(0))
  expect(await conversation.say(OFFERS_ALL, { now: at(1) })).toMatchObject({ leased: [], hasMore: true })
  expect(await engine.stored.rows('lanes')).toMatchObject([{ lease: claimed?.lease, tail: 3 }])
})

describe('a dispatcher', () => {
  /** As a process that accepts messages does it. */
  const sayTo = async ({ wakeups }: { wakeups: Wakeups }, conversation: Conversation) => {
    let offer: LaneOffer | undefined
    const written = await conversation.say((now) => {
      offer = wakeups.offer(now)
      return offer
    })
    offer?.handOver(written?.leased ?? [])
    return written
  }

  test('delivers what is handed over, in order, and claims nothing for it', async () => {
    let claims = 0
    const started = await engine.dispatcher({
      settings: { poll: 60_000 },
      through: (pool) =>
        ({
          query(config: QueryConfig) {
            if (config.name === 'lanes_claim') claims++
            return pool.query(config)
          },
        }) as Queryable,
    })
    await until(async () => started.dispatcher.buckets.size > 0, 'its first look at every bucket')
    const conversation = await begin('u1', 'desk', 'md')
    const before = claims
    for (let time = 0; time < 5; time++) {
      await sayTo(started, conversation)
      await engine.delivered()
    }
    expect(claims).toBe(before)
    for (const listener of ['desk', 'md']) {
      const heard = receiver.received.filter(({ path }) => path === `/${listener}`)
      expect(heard.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5])
    }
  })

  test('wants lanes of its own buckets only, and none once it stops', async () => {
    const started = await engine.dispatcher()
    const offer = started.wakeups.offer(new Date())
    expect(offer.wants({ ...engine.key('u1'), listener: 'desk' })).toBe(true)
    await started.stop()
    expect(offer.wants({ ...engine.key('u1'), listener: 'desk' })).toBe(false)
  })

  test('wants no more of a listener that does not keep up, and all the same of others', async () => {
    receiver.answer = () => undefined
    const started = await engine.dispatcher({ settings: { listenerConcurrency: 1 } })
    let handedOver = 0
    for (; handedOver < 1_000; handedOver++) {
      const conversation = await begin(`u${handedOver}`, 'desk')
      if ((await sayTo(started, conversation))?.leased.length === 0) break
    }
    expect(handedOver).toBeGreaterThan(1)
    expect(handedOver).toBeLessThan(200)
    expect(started.wakeups.offer(new Date()).wants({ ...engine.key('u1'), listener: 'md' })).toBe(true)
    receiver.closeConnections()
    receiver.answer = () => ({})
    await engine.delivered()
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(handedOver + 1)
  })
})
