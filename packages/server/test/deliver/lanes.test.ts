import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import { enqueue } from '../../src/accept/enqueue.js'
import { type ClaimOptions, claim, makeDue, nextDue, renew } from '../../src/deliver/claims.js'
import { type LaneResult, recordResults } from '../../src/deliver/results.js'
import { ALL_BUCKETS } from '../../src/lanes/deliveries.js'
import { listenerKey } from '../../src/lanes/lane-key.js'
import { learnEctUserIds, readLanes } from '../../src/lanes/lanes.js'
import type { ClaimedLane } from '../../src/lanes/offer.js'
import { Engine, MESSAGE } from './engine.js'

let engine: Engine
beforeAll(async () => {
  engine = await Engine.create()
})
beforeEach(() => engine.rows('truncate lanes, deliveries, delivery_ends, attempts'))
afterAll(() => engine.close())

const USER = '8812'
const NOW = Date.parse('2026-11-22T09:00:00.000Z')
const at = (ms: number) => new Date(NOW + ms)

const deliveriesOf = (listener: string) =>
  engine.rows<{ id: string; sequence: number; previous_id: string | null; body: string }>(
    'select id, sequence, previous_id, body from deliveries where listener = $1 order by sequence',
    [listener],
  )
const laneRow = async (listener = 'desk') =>
  (await engine.rows('select * from lanes where listener = $1 and user_id = $2', [listener, USER]))[0]

const claimOne = async (now = 0, options: Partial<ClaimOptions> & { lease?: number } = {}) => {
  const { lease = 10_000, ...rest } = options
  const { bucket } = engine.key(USER)
  const leaseUntil = at(now + lease)
  const standard = { buckets: [bucket], limit: 10, perLane: 10, now: at(now), leaseUntil, except: [], failing: [] }
  return claim(engine.pool, { ...standard, ...rest })
}

const resultOf = (lane: ClaimedLane, result: Partial<LaneResult> = {}): LaneResult => ({
  bucket: lane.bucket,
  organisationId: lane.organisationId,
  listener: lane.listener,
  userId: lane.userId,
  lease: lane.lease,
  since: lane.head,
  head: lane.head,
  attempt: 0,
  attemptsMade: 0,
  refusals: 0,
  failingSince: null,
  unacknowledged: 0,
  releaseAt: at(0),
  ectUserId: null,
  ends: [],
  attempts: [],
  ...result,
})

describe('enqueuing', () => {
  test('numbers each lane from 1 without gaps, and chains the ids', async () => {
    const first = await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'md' }, { listener: 'desk' }])
    const second = await engine.enqueue(USER, [{ listener: 'desk' }])
    const [a, m, b, c] = [...first, ...second].map(({ id }) => id)
    expect(await deliveriesOf('desk')).toMatchObject([
      { sequence: 1, id: a, previous_id: null },
      { sequence: 2, id: b, previous_id: a },
      { sequence: 3, id: c, previous_id: b },
    ])
    expect(await deliveriesOf('md')).toMatchObject([{ sequence: 1, id: m, previous_id: null }])
    expect(await laneRow()).toMatchObject({ head: 0, tail: 3, last_delivery_id: c })
  })

  test('for several users at once numbers the lanes of each', async () => {
    const item = (listener: string) => ({ id: uuidv7(), listener, ...MESSAGE, body: '{}' })
    const outboxes = ['u1', 'u2', 'u3'].map((user) => ({
      ...engine.key(user),
      items: ['desk', 'md', 'desk'].map(item),
    }))
    await enqueue(engine.pool, at(0), outboxes)
    await enqueue(
      engine.pool,
      at(0),
      outboxes.map((outbox) => ({ ...outbox, items: [item('desk')] })),
    )
    const lanes = await engine.rows('select user_id, listener, tail from lanes order by user_id, listener')
    expect(lanes).toEqual(
      ['u1', 'u2', 'u3'].flatMap((user_id) => [
        { user_id, listener: 'desk', tail: 3 },
        { user_id, listener: 'md', tail: 1 },
      ]),
    )
  })

  test('keeps a body byte for byte', async () => {
    const body = '{ "a":\t1.0,"b":"\\u0000 é 👋","a":"twice" }'
    await engine.enqueue(USER, [{ listener: 'desk', body }])
    expect((await deliveriesOf('desk'))[0]?.body).toBe(body)
  })

  test('remembers the last message that was heard, and nothing lower', async () => {
    await engine.enqueue(USER, [
      { listener: 'desk', messageId: 4 },
      { listener: 'desk', messageId: 5 },
      { listener: 'md' },
    ])
    await engine.enqueue(USER, [{ listener: 'desk', messageId: 3 }])
    const lanes = await readLanes(engine.pool, [{ ...engine.key(USER), listeners: ['desk', 'md', 'none'] }])
    expect(lanes.sort((a, b) => a.tail - b.tail)).toMatchObject([
      { listener: 'md', head: 0, tail: 1, ectUserId: null, heardMessageId: 0, ceuSequence: 0, failingSince: null },
      { listener: 'desk', head: 0, tail: 3, ectUserId: null, heardMessageId: 5, ceuSequence: 0, failingSince: null },
    ])
  })

  test('of concurrent transactions gives every sequence once, in the order of commits', async () => {
    await Promise.all(
      Array.from({ length: 40 }, () => engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'md' }])),
    )
    for (const listener of ['desk', 'md']) {
      const rows = await deliveriesOf(listener)
      expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
      // The first transaction on a lane may be seen by another only once it has committed: from then on, the chain holds.
      for (const [index, row] of rows.entries())
        if (row.previous_id !== null) expect(row.previous_id).toBe(rows[index - 1]?.id)
      expect(rows.filter(({ previous_id }) => previous_id === null).length).toBeLessThanOrEqual(10)
    }
  })

  test('that is rolled back leaves no gap', async () => {
    const client = await engine.pool.connect()
    await client.query('begin')
    const items = [{ id: uuidv7(), listener: 'desk', ...MESSAGE, body: '{}' }]
    await enqueue(client, at(0), [{ ...engine.key(USER), items }])
    await client.query('rollback')
    client.release()
    await engine.enqueue(USER, [{ listener: 'desk' }])
    expect((await deliveriesOf('desk')).map(({ sequence }) => sequence)).toEqual([1])
  })

  test('makes an idle lane due, and lets one that is waiting wait', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const [lane] = await claimOne()
    if (lane === undefined) throw new Error('nothing claimed')
    await recordResults(engine.pool, [resultOf(lane, { attempt: 1, releaseAt: at(60_000) })])
    await engine.enqueue(USER, [{ listener: 'desk' }], at(1_000))
    expect((await laneRow())?.next_at).toEqual(at(60_000))
    expect(await claimOne(59_999)).toEqual([])
    expect(await claimOne(60_000)).toHaveLength(1)
  })
})

test('what a listener calls the user is kept, whether it has a lane or not', async () => {
  for (const ectUserId of ['case-1', 'case-2']) {
    await learnEctUserIds(engine.pool, [{ key: engine.key(USER), learned: new Map([['desk', ectUserId]]) }])
  }
  const [known] = await readLanes(engine.pool, [{ ...engine.key(USER), listeners: ['desk'] }])
  expect(known).toMatchObject({ ectUserId: 'case-2', tail: 0 })
  expect(await claimOne()).toEqual([])
  await engine.enqueue(USER, [{ listener: 'desk' }])
  expect(await laneRow()).toMatchObject({ tail: 1, ect_user_id: 'case-2' })
})

describe('claiming', () => {
  test('leases a due lane with what is next in it', async () => {
    const items = await engine.enqueue(
      USER,
      Array.from({ length: 12 }, (_, index) => ({ listener: 'desk', body: `{"n":${index}}` })),
      at(0),
    )
    const [lane, ...others] = await claimOne()
    expect(others).toEqual([])
    expect(lane).toMatchObject({ listener: 'desk', userId: USER, head: 0, tail: 12, attempt: 0, failingSince: null })
    expect(lane?.deliveries.map(({ id, body }) => ({ id, body }))).toEqual(
      items.slice(0, 10).map(({ id, body }) => ({ id, body })),
    )
    expect(lane?.deliveries.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(await laneRow()).toMatchObject({ lease: lane?.lease, lease_until: at(10_000) })
  })

  test('gives a lane to one claimant only, until the lease lapses', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const claims = await Promise.all([claimOne(), claimOne(), claimOne()])
    expect(claims.flat()).toHaveLength(1)
    expect(await claimOne(9_999)).toEqual([])
    expect(await claimOne(10_000)).toHaveLength(1)
  })

  test('does not wait for a lane that somebody is writing to', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'md' }], at(0))
    const client = await engine.pool.connect()
    await client.query('begin')
    await client.query("select from lanes where listener = 'desk' for update")
    expect((await claimOne()).map(({ listener }) => listener)).toEqual(['md'])
    await client.query('rollback')
    client.release()
  })

  test('leaves the lanes of excepted listeners where they are', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'md' }], at(0))
    const claimed = await claimOne(0, { except: [listenerKey(engine.organisationId, 'desk')] })
    expect(claimed.map(({ listener }) => listener)).toEqual(['md'])
    expect(await laneRow()).toMatchObject({ lease: null })
  })

  test('reads only the head where the listener is failing', async () => {
    const both = [{ listener: 'desk' }, { listener: 'md' }]
    await engine.enqueue(USER, [...both, ...both], at(0))
    const claimed = await claimOne(0, { failing: [listenerKey(engine.organisationId, 'desk')] })
    const read = claimed.map(({ listener, tail, deliveries }) => [listener, tail, deliveries.length])
    expect(new Set(read)).toEqual(
      new Set([
        ['desk', 2, 1],
        ['md', 2, 2],
      ]),
    )
  })

  test('of another bucket finds nothing', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const bucket = (engine.key(USER).bucket + 1) % 256
    expect(await claimOne(0, { buckets: [bucket] })).toEqual([])
  })

  test('a lane whose rows are gone comes back empty', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    await engine.rows('delete from deliveries')
    expect(await claimOne()).toMatchObject([{ head: 0, tail: 1, deliveries: [] }])
  })
})

describe('results', () => {
  const claimed = async (): Promise<ClaimedLane> => {
    const [lane] = await claimOne()
    if (lane === undefined) throw new Error('nothing claimed')
    return lane
  }
  const attemptAt = (deliveryId: string, number: number, error: string | null) => ({
    deliveryId,
    number,
    startedAt: at(1),
    durationMs: 5,
    status: error === null ? 200 : 404,
    error,
    answer: 'ok',
  })

  test('move the head, end deliveries, keep attempts, and free the lane', async () => {
    const [first, second] = await engine.enqueue(
      USER,
      [{ listener: 'desk' }, { listener: 'desk' }, { listener: 'desk' }],
      at(0),
    )
    const lane = await claimed()
    const ended = { state: 'delivered' as const, endedAt: at(2) }
    const [recorded] = await recordResults(engine.pool, [
      resultOf(lane, {
        head: 2,
        ectUserId: 'case-7',
        ends: [
          { deliveryId: first?.id ?? '', ...ended },
          { deliveryId: second?.id ?? '', ...ended },
        ],
        attempts: [attemptAt(first?.id ?? '', 1, null), attemptAt(second?.id ?? '', 1, null)],
      }),
    ])
    expect(recorded).toEqual({ held: true, more: true })
    expect(await laneRow()).toMatchObject({
      head: 2,
      lease: null,
      lease_until: null,
      next_at: at(0),
      ect_user_id: 'case-7',
    })
    expect(await engine.states()).toEqual({ delivered: 2, pending: 1 })
    expect(await engine.rows('select number, status, error from attempts')).toHaveLength(2)
  })

  test('in between keep the lease', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'desk' }], at(0))
    const lane = await claimed()
    await recordResults(engine.pool, [resultOf(lane, { head: 1, releaseAt: null })])
    expect(await laneRow()).toMatchObject({ head: 1, lease: lane.lease, lease_until: at(10_000) })
    expect(await claimOne(9_999)).toEqual([])
  })

  test('of a holder whose lease was taken over are rejected whole', async () => {
    const [item] = await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const stale = await claimed()
    const [fresh] = await claimOne(10_000)
    const write = (lane: ClaimedLane, state: 'delivered' | 'cancelled') =>
      recordResults(engine.pool, [
        resultOf(lane, {
          head: 1,
          ectUserId: state,
          ends: [{ deliveryId: item?.id ?? '', state, endedAt: at(1) }],
          attempts: [attemptAt(item?.id ?? '', 1, state)],
        }),
      ])
    expect(await write(stale, 'cancelled')).toEqual([{ held: false, more: false }])
    expect(await laneRow()).toMatchObject({ head: 0, lease: fresh?.lease, ect_user_id: null })
    expect(await engine.states()).toEqual({ pending: 1 })
    expect(await engine.rows('select from attempts')).toEqual([])
    if (fresh === undefined) throw new Error('nothing claimed')
    expect(await write(fresh, 'delivered')).toEqual([{ held: true, more: false }])
    expect(await write(stale, 'cancelled')).toEqual([{ held: false, more: false }])
    expect(await engine.states()).toEqual({ delivered: 1 })
  })

  test('that do not follow on what is kept are rejected: a crash of the database lost those before', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'desk' }], at(0))
    const lane = await claimed()
    const write = (result: Partial<LaneResult>) => recordResults(engine.pool, [resultOf(lane, result)])
    expect(await write({ since: 1, head: 2 })).toEqual([{ held: false, more: false }])
    expect(await laneRow()).toMatchObject({ head: 0, lease: lane.lease })
    expect(await engine.states()).toEqual({ pending: 2 })
  })

  test('can be written again by who does not know that they were', async () => {
    const items = await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'desk' }], at(0))
    const lane = await claimed()
    const attempts = items.map(({ id }) => attemptAt(id, 1, null))
    const write = (result: Partial<LaneResult>) => recordResults(engine.pool, [resultOf(lane, result)], { again: true })
    await write({ head: 1, releaseAt: null, attempts: attempts.slice(0, 1) })
    expect(await write({ head: 2, attempts })).toEqual([{ held: true, more: false }])
    expect(await laneRow()).toMatchObject({ head: 2, lease: null })
    expect(await engine.states()).toEqual({ delivered: 2 })
    expect(await engine.rows('select from attempts')).toHaveLength(2)
  })

  test('of many lanes in one statement are judged one by one', async () => {
    await engine.enqueue(USER, [{ listener: 'a' }, { listener: 'b' }, { listener: 'c' }], at(0))
    const lanes = (await claimOne()).sort((x, y) => x.listener.localeCompare(y.listener))
    const results = lanes.map((lane, index) => resultOf(lane, { head: 1, ...(index === 1 && { lease: randomUUID() }) }))
    const recorded = await recordResults(engine.pool, results)
    expect(recorded.map(({ held }) => held)).toEqual([true, false, true])
  })

  test('of an erased user are nobody’s', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const lane = await claimed()
    await engine.rows('truncate lanes, deliveries')
    expect(await recordResults(engine.pool, [resultOf(lane, { head: 1 })])).toEqual([{ held: false, more: false }])
  })

  test('count how often the payload was refused, and only that', async () => {
    const [item] = await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const lane = await claimed()
    await recordResults(engine.pool, [
      resultOf(lane, {
        attempt: 3,
        attemptsMade: 3,
        refusals: 2,
        attempts: ['status_4xx', 'timeout', 'refused'].map((error, index) =>
          attemptAt(item?.id ?? '', index + 1, error),
        ),
      }),
    ])
    expect(await claimed()).toMatchObject({ attempt: 3, attemptsMade: 3, refusals: 2 })
  })
})

describe('a lease', () => {
  test('is prolonged by its holder, and by nobody else', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'md' }], at(0))
    const lanes = (await claimOne()).map((lane) => (lane.listener === 'md' ? { ...lane, lease: randomUUID() } : lane))
    const renewed = await renew(engine.pool, lanes, at(20_000))
    expect(renewed.map(({ listener }) => listener)).toEqual(['desk'])
    expect(await laneRow()).toMatchObject({ lease_until: at(20_000) })
    expect((await claimOne(10_000)).map(({ listener }) => listener)).toEqual(['md'])
  })
})

test('a waiting lane is made due, a leased one is left alone', async () => {
  await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'md' }], at(50_000))
  const { bucket, organisationId } = engine.key(USER)
  const lanes = ['desk', 'md'].map((listener) => ({ bucket, organisationId, listener, userId: USER }))
  await engine.rows("update lanes set lease = $1, lease_until = $2, next_at = $2 where listener = 'md'", [
    randomUUID(),
    at(60_000),
  ])
  await makeDue(engine.pool, lanes, at(0))
  expect((await claimOne()).map(({ listener }) => listener)).toEqual(['desk'])
})

test('when each bucket is next due is known', async () => {
  const users = ['u1', 'u2', 'u3', 'u4']
  for (const [index, user] of users.entries()) await engine.enqueue(user, [{ listener: 'desk' }], at(index))
  const due = new Map((await nextDue(engine.pool, ALL_BUCKETS, at(0))).map(({ bucket, at: time }) => [bucket, time]))
  for (const [index, user] of users.entries()) {
    const first = users.findIndex((other) => engine.key(other).bucket === engine.key(user).bucket)
    expect(due.get(engine.key(user).bucket)).toEqual(at(Math.min(first, index)))
  }
})
