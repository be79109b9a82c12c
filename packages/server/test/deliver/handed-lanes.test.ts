/** Lanes that get something to deliver in the process that delivers: leased as it is stored, and worked on without a claim. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { QueryConfig } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { type Appending, appendMessages } from '../../src/accept/append-messages.js'
import type { Written } from '../../src/accept/store.js'
import type { Queryable } from '../../src/database/queryable.js'
import { SecretBox } from '../../src/database/secret-box.js'
import { claim } from '../../src/deliver/claims.js'
import { readLanes } from '../../src/lanes/lanes.js'
import { type ClaimedLane, type LaneHolder, type LaneOffer, offerTo } from '../../src/lanes/offer.js'
import type { Wakeups } from '../../src/lanes/wakeups.js'
import { Engine, MESSAGE } from './engine.js'

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
    { now = new Date(), count = 1, behind = 0 } = {},
  ): Promise<Written | null> {
    const [written = null] = await appendMessages(
      engine.pool,
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
const withoutLease = ({ lease, leaseUntil, ...lane }: ClaimedLane) => lane
const leased = () => engine.rows('select listener from lanes where lease is not null order by listener')

describe('a lane that had nothing to deliver', () => {
  test('is leased for the dispatcher, which gets what a claim would have found', async () => {
    const conversation = await Conversation.begin('u1', 'desk')
    const written = await conversation.say(OFFERS_ALL, { now: at(0), count: 3 })
    expect(written).toMatchObject({ hasMore: false })
    expect(await claimAt(at(LEASE_MS - 1))).toEqual([])
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
