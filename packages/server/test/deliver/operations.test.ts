import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import { v7 as uuidv7 } from 'uuid'
import { transaction } from '../../src/database/database.js'
import { RETRY_POLICY } from '../../src/deliver/health/retry-policy.js'
import { type DeliveryFilter, getDelivery, InvalidCursor, listDeliveries } from '../../src/lanes/deliveries.js'
import {
  MOST_REPLAYED,
  type ReplayRequest,
  replayDeliveries,
  retryDelivery,
  skipDelivery,
} from '../../src/lanes/delivery-operations.js'
import { Engine } from './engine.js'

let engine: Engine
let receiver: Receiver

beforeAll(async () => {
  engine = await Engine.create()
  receiver = await Receiver.start()
})
beforeEach(async () => {
  await engine.rows('truncate lanes, deliveries, delivery_ends, attempts')
  receiver.received.length = 0
  receiver.answer = () => ({})
  for (const listener of ['desk', 'md']) engine.hooks.set(listener, { url: receiver.url })
})
afterEach(() => engine.stopAll())
afterAll(async () => {
  await engine.close()
  await receiver.close()
})

const filter = (given: Partial<DeliveryFilter> = {}): DeliveryFilter => ({
  organisationId: engine.organisationId,
  listener: 'desk',
  ...given,
})
const reference = (id: string | undefined, listener: string | null = 'desk') => ({
  organisationId: engine.organisationId,
  listener,
  id: id ?? '',
})
const listed = async (given: Partial<DeliveryFilter> = {}) =>
  (await listDeliveries(engine.pool, filter(given), { limit: 200 })).deliveries.map(({ id }) => id)
const newestFirst = (items: { id: string }[]) =>
  items
    .map(({ id }) => id)
    .sort()
    .reverse()
/** The dispatcher rests on a head that fails, with the next attempt far away. */
const failing = async () => {
  receiver.answer = () => ({ status: 500 })
  const started = await engine.dispatcher({
    settings: { retry: { ...RETRY_POLICY, delays: [60_000], jitter: 0, deadline: 1e9, longestRetryAfter: 1 } },
  })
  await until(async () => (await engine.rows('select from lanes where attempt = 1')).length > 0, 'the head has failed')
  return started
}

describe('a list', () => {
  test('is the newest first, over all users, in pages', async () => {
    const items = []
    for (let user = 0; user < 7; user++)
      items.push(...(await engine.enqueue(`u${user}`, [{ listener: 'desk' }, { listener: 'desk' }])))
    await engine.enqueue('u1', [{ listener: 'md' }])
    const pages: string[][] = []
    let after: string | undefined
    do {
      const page = await listDeliveries(engine.pool, filter(), { limit: 5, after })
      pages.push(page.deliveries.map(({ id }) => id))
      after = page.next ?? undefined
    } while (after !== undefined)
    expect(pages.map((page) => page.length)).toEqual([5, 5, 4])
    expect(pages.flat()).toEqual(newestFirst(items))
  })

  test('says of each delivery what the wire says', async () => {
    const [first, second] = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }], new Date())
    const { deliveries } = await listDeliveries(engine.pool, filter(), { limit: 1 })
    expect(deliveries).toEqual([
      {
        id: second?.id,
        listener: 'desk',
        user_id: 'u1',
        sequence: 2,
        previous_id: first?.id,
        category: 'message',
        subcategory: 'receive',
        state: 'pending',
        attempts: 0,
        replay_of: null,
        created_at: expect.any(Date),
        ended_at: null,
      },
    ])
  })

  test('is filtered by listener, hook, user and state', async () => {
    const [a] = await engine.enqueue('u1', [{ listener: 'desk' }])
    const [b] = await engine.enqueue('u2', [{ listener: 'desk', category: 'aeu_events', subcategory: 'allocated' }])
    const [c] = await engine.enqueue('u1', [{ listener: 'md' }])
    await engine.rows(
      `insert into delivery_ends select bucket, organisation_id, id, 'undeliverable', now() from deliveries where id = $1`,
      [b?.id],
    )
    await engine.rows('update lanes set head = tail where user_id = $1', ['u2'])
    expect(await listed({ listener: null })).toEqual(newestFirst([a, b, c] as { id: string }[]))
    expect(await listed({ listener: 'md' })).toEqual([c?.id])
    expect(await listed({ category: 'aeu_events' })).toEqual([b?.id])
    expect(await listed({ category: 'message', subcategory: 'receive' })).toEqual([a?.id])
    expect(await listed({ userId: 'u2' })).toEqual([b?.id])
    expect(await listed({ userId: 'nobody' })).toEqual([])
    expect(await listed({ state: 'undeliverable' })).toEqual([b?.id])
    expect(await listed({ state: 'pending', listener: null })).toEqual(newestFirst([a, c] as { id: string }[]))
  })

  test('is filtered by time: from included, to not', async () => {
    const times = [0, 1_000, 2_000].map((ms) => Date.parse('2026-11-22T09:00:00Z') + ms)
    const made = []
    for (const time of times) {
      const id = uuidv7({ msecs: time })
      await engine.enqueue('u1', [{ listener: 'desk', id }], new Date(time))
      made.push(id)
    }
    const at = (index: number) => new Date(times[index] ?? 0)
    expect(await listed({ createdFrom: at(1) })).toEqual([made[2], made[1]])
    expect(await listed({ createdTo: at(1) })).toEqual([made[0]])
    expect(await listed({ createdFrom: at(1), createdTo: at(2) })).toEqual([made[1]])
    expect(await listed({ createdFrom: new Date('2027-01-01') })).toEqual([])
  })

  test('shows nothing of another organisation', async () => {
    await engine.enqueue('u1', [{ listener: 'desk' }])
    expect(await listed({ organisationId: randomUUID() })).toEqual([])
  })

  test.each(['', 'x', "' or 1=1 --", '01920c6e7b117d008a445f6071829304'])(
    'takes no cursor such as %j',
    async (after) => {
      await expect(listDeliveries(engine.pool, filter(), { limit: 5, after })).rejects.toThrow(InvalidCursor)
    },
  )
})

describe('a delivery', () => {
  test('is told with every attempt', async () => {
    receiver.answer = ({ attempt }) => (attempt < 3 ? { status: 500, body: `no ${attempt}` } : {})
    const [item] = await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    const found = await getDelivery(engine.pool, reference(item?.id))
    expect(found?.delivery).toMatchObject({ id: item?.id, state: 'delivered', attempts: 3, ended_at: expect.any(Date) })
    expect(found?.attempts).toEqual([
      {
        number: 1,
        started_at: expect.any(Date),
        duration_ms: expect.any(Number),
        status: 500,
        error: 'status_5xx',
        answer: 'no 1',
      },
      {
        number: 2,
        started_at: expect.any(Date),
        duration_ms: expect.any(Number),
        status: 500,
        error: 'status_5xx',
        answer: 'no 2',
      },
      {
        number: 3,
        started_at: expect.any(Date),
        duration_ms: expect.any(Number),
        status: 200,
        error: null,
        answer: '{"success":true}',
      },
    ])
  })

  test('of another listener or organisation, or of none, is not found', async () => {
    const [item] = await engine.enqueue('u1', [{ listener: 'desk' }])
    const { id = '' } = item ?? {}
    expect(await getDelivery(engine.pool, reference(id, null))).not.toBeNull()
    expect(await getDelivery(engine.pool, reference(id, 'md'))).toBeNull()
    expect(await getDelivery(engine.pool, { ...reference(id), organisationId: randomUUID() })).toBeNull()
    expect(await getDelivery(engine.pool, reference(uuidv7()))).toBeNull()
    expect(await getDelivery(engine.pool, reference('no id'))).toBeNull()
  })
})

describe('retrying', () => {
  test('tries the head at once', async () => {
    const [item] = await engine.enqueue('u1', [{ listener: 'desk' }])
    const { wakeups } = await failing()
    receiver.answer = () => ({})
    const done = await retryDelivery(engine.pool, reference(item?.id), new Date())
    expect(done).toMatchObject({ kind: 'done', delivery: { id: item?.id, state: 'pending', attempts: 1 } })
    wakeups.wake(engine.key('u1').bucket)
    await engine.delivered()
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([1, 2])
  })

  test('is for the head only', async () => {
    const [first, second] = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    expect(await retryDelivery(engine.pool, reference(second?.id), new Date())).toEqual({
      kind: 'conflict',
      reason: 'not_head',
    })
    expect(await retryDelivery(engine.pool, reference(first?.id, 'md'), new Date())).toEqual({ kind: 'not_found' })
    await engine.dispatcher()
    await engine.delivered()
    expect(await retryDelivery(engine.pool, reference(first?.id), new Date())).toEqual({
      kind: 'conflict',
      reason: 'ended',
    })
  })
})

describe('skipping', () => {
  test('ends the head, and the lane goes on', async () => {
    const [first, second] = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    const { wakeups } = await failing()
    receiver.answer = () => ({})
    expect(await skipDelivery(engine.pool, reference(second?.id), new Date())).toEqual({
      kind: 'conflict',
      reason: 'not_head',
    })
    const done = await skipDelivery(engine.pool, reference(first?.id), new Date())
    expect(done).toMatchObject({
      kind: 'done',
      delivery: { id: first?.id, state: 'cancelled', attempts: 1, ended_at: expect.any(Date) },
    })
    wakeups.wake(engine.key('u1').bucket)
    await engine.delivered()
    expect(receiver.received.map(({ id, sequence }) => [id, sequence])).toEqual([
      [first?.id, 1],
      [second?.id, 2],
    ])
    expect(receiver.received[1]?.headers['tract-gap']).toBe(`1-1 ${first?.id}`)
    expect(await skipDelivery(engine.pool, reference(first?.id), new Date())).toEqual({
      kind: 'conflict',
      reason: 'ended',
    })
  })

  test('waits for nobody: what is being sent at this moment is not skipped', async () => {
    let answer: () => void = () => {}
    receiver.answer = () => new Promise((resolve) => (answer = () => resolve({})))
    const [item] = await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await until(() => receiver.underWay === 1, 'it is under way')
    expect(await skipDelivery(engine.pool, reference(item?.id), new Date())).toEqual({
      kind: 'conflict',
      reason: 'in_flight',
    })
    answer()
    await engine.delivered()
    expect(await engine.states()).toEqual({ delivered: 1 })
  })
})

describe('replaying', () => {
  const replay = (request: ReplayRequest) =>
    transaction(engine.pool, (client) => replayDeliveries(client, request, new Date()))
  const named = (...ids: (string | undefined)[]): ReplayRequest => ({
    organisationId: engine.organisationId,
    listener: 'desk',
    ids: ids.map((id) => id ?? ''),
  })

  test('sends copies in the old order, behind what is there, marked', async () => {
    const items = await engine.enqueue(
      'u1',
      [1, 2, 3].map((n) => ({ listener: 'desk', body: `{"n":${n}}` })),
    )
    await engine.dispatcher()
    await engine.delivered()
    receiver.received.length = 0
    const [waiting] = await engine.enqueue('u1', [{ listener: 'desk' }])
    const done = await replay(named(items[2]?.id, items[0]?.id))
    if (done.kind !== 'done') throw new Error(done.kind)
    expect(done).toMatchObject({
      more: false,
      buckets: [engine.key('u1').bucket],
      ids: [expect.any(String), expect.any(String)],
    })
    await engine.delivered()
    expect(receiver.received.map(({ sequence, text, headers }) => [sequence, text, headers['tract-replay']])).toEqual([
      [4, '{}', undefined],
      [5, '{"n":1}', 'true'],
      [6, '{"n":3}', 'true'],
    ])
    expect(receiver.received.map(({ headers }) => headers['tract-previous-id'])).toEqual([
      items[2]?.id,
      waiting?.id,
      receiver.received[1]?.id,
    ])
    const copies = await engine.rows(
      'select id, replay_of from deliveries where replay_of is not null order by sequence',
    )
    expect(copies).toEqual([
      { id: receiver.received[1]?.id, replay_of: items[0]?.id },
      { id: receiver.received[2]?.id, replay_of: items[2]?.id },
    ])
    expect(new Set(done.ids)).toEqual(new Set(copies.map(({ id }) => id)))
  })

  test('goes to the lanes of many users at once', async () => {
    const items = []
    for (let user = 0; user < 20; user++)
      items.push(...(await engine.enqueue(`u${user}`, [{ listener: 'desk' }, { listener: 'desk' }])))
    await engine.dispatcher()
    await engine.delivered()
    expect(await replay(named(...items.map(({ id }) => id)))).toMatchObject({ kind: 'done' })
    await engine.delivered()
    expect(receiver.received).toHaveLength(80)
    const lanes = await engine.rows('select distinct head, tail from lanes')
    expect(lanes).toEqual([{ head: 4, tail: 4 }])
  })

  test('of what is not the caller’s does nothing at all', async () => {
    const [mine] = await engine.enqueue('u1', [{ listener: 'desk' }])
    const [other] = await engine.enqueue('u1', [{ listener: 'md' }])
    for (const id of [other?.id, uuidv7(), 'no id']) {
      expect(await replay(named(mine?.id, id))).toEqual({ kind: 'not_found', missing: [id] })
    }
    expect(await engine.states()).toEqual({ pending: 2 })
  })

  test('by a filter takes what has ended, unless a state is named', async () => {
    const [ended] = await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    await engine.stopAll()
    await engine.enqueue('u1', [{ listener: 'desk' }])
    expect(await replay(filter())).toMatchObject({ ids: [expect.any(String)], more: false })
    expect(await engine.rows('select replay_of from deliveries where replay_of is not null')).toEqual([
      { replay_of: ended?.id },
    ])
    expect(await replay(filter({ state: 'undeliverable' }))).toMatchObject({ kind: 'done', ids: [] })
  })

  test('by a filter stops at 1,000, and says that there is more', async () => {
    const batch = Array.from({ length: MOST_REPLAYED + 1 }, () => ({ listener: 'desk' }))
    await engine.enqueue('u1', batch)
    await engine.rows('update lanes set head = tail')
    const done = await replay(filter())
    if (done.kind !== 'done') throw new Error(done.kind)
    expect([done.ids.length, done.more]).toEqual([MOST_REPLAYED, true])
  })

  test('while others are enqueued and delivered neither overtakes nor leaves a gap', async () => {
    const items = await engine.enqueue(
      'u1',
      Array.from({ length: 30 }, () => ({ listener: 'desk' })),
    )
    await engine.dispatcher()
    await engine.delivered()
    await Promise.all([
      ...items.map(({ id }) => replay(named(id))),
      ...Array.from({ length: 30 }, () => engine.enqueue('u1', [{ listener: 'desk' }])),
    ])
    await engine.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 90 }, (_, index) => index + 1),
    )
  })
})
