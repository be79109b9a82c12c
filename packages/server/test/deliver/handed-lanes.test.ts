/** Lanes that get something to deliver in the process that delivers: leased as it is stored, and worked on without a claim. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { QueryConfig } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { type Appending, appendMessages } from '../../src/accept/queue/append-messages.js'
import type { Written } from '../../src/accept/store.js'
import type { Queryable } from '../../src/database/queryable.js'
import { SecretBox } from '../../src/database/secret-box.js'
import { claim, makeListenerDue } from '../../src/deliver/claims.js'
import { makeLapsedDue } from '../../src/deliver/lapsed-lanes.js'
import { recordResults } from '../../src/deliver/results.js'
import { ALL_BUCKETS } from '../../src/lanes/deliveries.js'
import { readLanes } from '../../src/lanes/lanes.js'
import { type ClaimedLane, type LaneHolder, type LaneOffer, offerTo } from '../../src/lanes/offer.js'
import type { Wakeups } from '../../src/lanes/wakeups.js'
import { Engine, MESSAGE } from './engine.js'
import { resultOf } from './one-lane.js'

const BOX = new SecretBox(Buffer.alloc(32, 1))
const LEASE_MS = 10_000
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const NOW = Date.parse('2026-11-22T09:00:00.000Z')
const at = (ms: number) => new Date(NOW + ms)

let engine: Engine
let receiver: Receiver
beforeAll(async () => {
  engine = await Engine.create()
  receiver = await Receiver.start()
  await engine.rows(`insert into organisations (id, name, created_at, updated_at) values ($1, 'Acme', now(), now())`, [
    engine.organisationId,
  ])
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

/** A thread as a process remembers it, whose messages go to the listeners given. */
class Conversation {
  #messages = 0

  private constructor(
    readonly userId: string,
    readonly listeners: readonly string[],
  ) {}

  static async begin(userId: string, ...listeners: string[]): Promise<Conversation> {
    const { bucket, organisationId } = engine.key(userId)
    await engine.rows(
      `insert into threads (bucket, organisation_id, user_id, last_activity_at, memory) values ($1, $2, $3, now(), '{}')`,
      [bucket, organisationId, userId],
    )
    for (const listener of listeners)
      await engine.rows('insert into lanes (bucket, organisation_id, listener, user_id) values ($1, $2, $3, $4)', [
        bucket,
        organisationId,
        listener,
        userId,
      ])
    return new Conversation(userId, listeners)
  }

  async say(
    offered?: (now: Date) => LaneOffer,
    { now = new Date(), count = 1, behind = 0, db = engine.pool as Queryable } = {},
  ): Promise<Written | null> {
    const [written = null] = await appendMessages(
      db,
      BOX,
      now,
      [await this.#appending(now, count, behind)],
      offered?.(now),
    )
    return written
  }

  /** @param behind by this many versions of the thread */
  async #appending(now: Date, count: number, behind: number): Promise<Appending> {
    const key = engine.key(this.userId)
    const [thread] = await engine.rows<{ version: string }>('select version from threads where user_id = $1', [
      this.userId,
    ])
    const lanes = await readLanes(engine.pool, [{ ...key, listeners: this.listeners }])
    const messages = Array.from({ length: count }, () => ({
      messageId: ++this.#messages,
      conversationNumber: 1,
      sender: 'ceu' as const,
      listener: 'md',
      body: { text: 'hello' },
      metadata: null,
      agent: null,
      timestamp: now,
      opening: `{"message_id": ${this.#messages}`,
      traceparent: TRACEPARENT,
    }))
    const outbox = messages.flatMap(({ messageId }) =>
      this.listeners.map((listener) => ({
        id: uuidv7(),
        listener,
        ...MESSAGE,
        body: `{"message_id": ${messageId},"for":"${listener}"}`,
        ending: `,"for":"${listener}"}`,
        messageId,
        traceparent: TRACEPARENT,
      })),
    )
    return {
      key,
      lastMessageId: this.#messages,
      messages,
      outbox,
      lanes: new Map(lanes.map((lane) => [lane.listener, lane])),
      version: Number(thread?.version) - behind,
      configVersion: 1,
      answers: [],
    }
  }
}

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
const laneOf = async (listener = 'desk') =>
  (await engine.rows('select * from lanes where listener = $1', [listener]))[0] as Record<string, unknown>
const giveBack = (lane: ClaimedLane, now: Date, endedTo = lane.tail) =>
  recordResults(engine.pool, [resultOf(lane, { endedTo, releaseAt: now })])
const withoutLease = ({ lease, leaseUntil, ...lane }: ClaimedLane) => lane
const leased = () => engine.rows('select listener from lanes where lease is not null order by listener')

describe('a lane that had nothing to deliver', () => {
  test('is leased for the dispatcher, which gets what a claim would have found', async () => {
    const conversation = await Conversation.begin('u1', 'desk')
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
    const conversation = await Conversation.begin('u1', 'desk', 'md')
    const written = await conversation.say(offering((listener) => listener === 'md'))
    expect(written?.leased.map(({ listener }) => listener)).toEqual(['md'])
    expect(written?.hasMore).toBe(true)
    expect(await leased()).toEqual([{ listener: 'md' }])
  })

  test('is not leased if its thread was written meanwhile', async () => {
    const conversation = await Conversation.begin('u1', 'desk')
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
    const conversation = await Conversation.begin('u1', 'desk')
    await giveBack(await handOver(conversation, at(0)), at(1))
    const client = await engine.pool.connect()
    const writes = async () => {
      const { rows } = await client.query<{ written: number; besideIndexes: number }>(
        `select pg_stat_get_xact_tuples_updated(oid)::int as written, pg_stat_get_xact_tuples_hot_updated(oid)::int as "besideIndexes"
          from pg_class where oid = 'lanes'::regclass`,
      )
      return rows[0] as (typeof rows)[number]
    }
    try {
      await client.query('begin')
      const before = await writes()
      const written = await conversation.say(OFFERS_ALL, { now: at(2), db: client })
      await recordResults(client, [resultOf(written?.leased[0] as ClaimedLane, { endedTo: 2, releaseAt: at(3) })])
      const { written: all, besideIndexes } = await writes()
      expect([all - before.written, besideIndexes - before.besideIndexes]).toEqual([2, 2])
      await client.query('commit')
    } finally {
      client.release()
    }
    expect(await laneOf()).toMatchObject({ head: 2, tail: 2, lease: null, next_at: null })
  })

  test('is due at once with what came in between, when it is given back', async () => {
    const conversation = await Conversation.begin('u1', 'desk')
    const lane = await handOver(conversation, at(0))
    expect(await conversation.say(OFFERS_ALL, { now: at(1) })).toMatchObject({ leased: [], hasMore: true })
    expect(await laneOf()).toMatchObject({ next_at: null, tail: 2 })
    await giveBack(lane, at(2), 1)
    expect(await laneOf()).toMatchObject({ next_at: at(2), lease: null, head: 1 })
    expect((await claimAt(at(2)))[0]?.deliveries.map(({ sequence }) => sequence)).toEqual([2])
  })

  test('is due again at once where its listener was made due before it rests', async () => {
    const conversation = await Conversation.begin('u1', 'desk')
    const lane = await handOver(conversation, at(0))
    expect(await makeListenerDue(engine.pool, engine.organisationId, 'desk', at(1))).toEqual([lane.bucket])
    await recordResults(engine.pool, [resultOf(lane, { releaseAt: new Date(Date.now() + 3_600_000) })])
    expect(((await laneOf()).next_at as Date).getTime()).toBeLessThanOrEqual(Date.now())
  })

  test('and left is due again with its lease, or with what comes after that', async () => {
    const [first, second] = [await Conversation.begin('u1', 'desk'), await Conversation.begin('u2', 'desk')]
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
    const conversation = await Conversation.begin('u1', 'desk')
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
      const conversation = await Conversation.begin(user, 'desk')
      expect((await conversation.say(dying))?.leased).toHaveLength(1)
      await conversation.say(dying)
    }
    await engine.delivered()
    expect(receiver.received).toHaveLength(2 * users.length)
    for (const user of users) {
      const sent = await engine.rows<{ id: string }>('select id from deliveries where user_id = $1 order by sequence', [
        user,
      ])
      const ids = sent.map(({ id }) => id)
      expect(receiver.received.map(({ id }) => id).filter((id) => ids.includes(id))).toEqual(ids)
    }
  })
})

test('a lane with something to deliver is left alone, whoever holds it', async () => {
  const conversation = await Conversation.begin('u1', 'desk')
  await conversation.say(undefined, { now: at(0) })
  expect(await conversation.say(OFFERS_ALL, { now: at(0) })).toMatchObject({ leased: [], hasMore: true })
  const [claimed] = await claimAt(at(0))
  expect(await conversation.say(OFFERS_ALL, { now: at(1) })).toMatchObject({ leased: [], hasMore: true })
  expect(await engine.rows('select lease, tail from lanes')).toEqual([{ lease: claimed?.lease, tail: 3 }])
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
    const conversation = await Conversation.begin('u1', 'desk', 'md')
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
      const conversation = await Conversation.begin(`u${handedOver}`, 'desk')
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
