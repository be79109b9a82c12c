/** A delivery is handled once, though it comes twice, at the same time, to several processes, or after one has died. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createEmptyDatabase, type TestDatabase } from '@tract/testing/postgres'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { PRUNE, postgresStore, TABLE } from '../../examples/postgres-store.js'
import {
  createHookReceiver,
  type DeliveryStore,
  type HookDelivery,
  type HookGap,
  memoryStore,
} from '../../src/webhooks/index.js'
import { signedDelivery } from '../../src/webhooks/testing.js'
import { gate, newSecret, post, watched } from './attempt.js'

const secret = newSecret()
let database: TestDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await createEmptyDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 20 })
  pool.on('error', () => {}) // the database is dropped while the last connections close
  await pool.query(TABLE)
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

const stores: [string, () => DeliveryStore][] = [
  ['in memory', memoryStore],
  ['in PostgreSQL', () => postgresStore(pool)],
]

describe.each(stores)('%s', (_name, newStore) => {
  test('of 40 attempts at once, in two processes, one is handled and the others are asked to wait', async () => {
    const { opened, open } = gate()
    let running = 0
    const handlers = {
      'user_events.create_user': async () => {
        running++
        await opened
        return { ect_user_id: `case-${running}` }
      },
    }
    const store = newStore()
    const processes = [1, 2].map(() => createHookReceiver({ secret, handlers, store }))
    const delivery = await signedDelivery('user_events.create_user', { secret })
    const attempts = Array.from({ length: 40 }, (_, index) => {
      const receiver = processes[index % 2]
      if (!receiver) throw new Error('two processes')
      return post(receiver, delivery)
    })
    let answered = 0
    for (const attempt of attempts) void attempt.then(() => answered++)
    await until(() => answered === 39, 'the answer to all but one')
    open()
    const answers = await Promise.all(attempts)
    const busy = answers.filter(({ status }) => status === 429)
    expect(busy).toHaveLength(39)
    expect(busy[0]?.headers.get('retry-after')).toBe('1')
    expect(running).toBe(1)

    // The answer may have been lost on its way: the next attempt gets the same one.
    for (const receiver of processes)
      expect((await post(receiver, delivery)).body).toEqual({ success: true, ect_user_id: 'case-1' })
    expect(running).toBe(1)
  })

  test('of 40 claims at the same moment one holds', async () => {
    const store = newStore()
    const claim = { id: crypto.randomUUID(), leaseMs: 60_000 }
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, token) => store.claim({ ...claim, token: `${token}` })),
    )
    expect(results.map(({ state }) => state).sort()).toEqual([...Array.from({ length: 39 }, () => 'busy'), 'claimed'])
  })

  test.each([
    ['fails', () => Promise.reject(new Error('queue is full')), 500],
    ['refuses', () => ({ error: 'no such queue' }), 200],
  ])('a handler that %s gives its claim up, and the next attempt is handled', async (_what, first, status) => {
    let runs = 0
    const handlers = { 'message.receive': () => (++runs === 1 ? first() : undefined) }
    const receiver = createHookReceiver({ secret, handlers, store: newStore(), onError: () => {} })
    const delivery = await signedDelivery('message.receive', { secret })
    const [one, two, three] = [
      await post(receiver, delivery),
      await post(receiver, delivery),
      await post(receiver, delivery),
    ]
    expect([one.status, one.body.success]).toEqual([status, false])
    expect([two.body, three.body]).toEqual([{ success: true }, { success: true }])
    expect(runs).toBe(2)
  })

  test('a claim of a process that died lapses', async () => {
    const store = newStore()
    const delivery = await signedDelivery('message.receive', { secret })
    const begun = gate()
    const handlers = {
      'message.receive': () => {
        begun.open()
        return new Promise<void>(() => {})
      },
    }
    void post(createHookReceiver({ secret, store, leaseMs: 1_000, handlers }), delivery)
    await begun.opened
    const { receiver, handled } = watched({ secret, store })
    // while it stands, which a busy machine may not see any more
    const ended = await until(async () => {
      const { status } = await post(receiver, delivery)
      return status !== 429 && status
    }, 'the end of the claim')
    expect([ended, handled.length]).toEqual([200, 1])
  })

  test('whoever lost its claim ends nobody else’s', async () => {
    const store = newStore()
    const claim = { id: `id-${crypto.randomUUID()}`, leaseMs: 1 }
    await store.claim({ ...claim, token: 'first' })
    await until(async () => (await store.claim({ ...claim, token: 'second', leaseMs: 60_000 })).state === 'claimed')
    await store.release(claim.id, 'first')
    await store.complete(claim.id, 'first', 'of the first')
    expect(await store.claim({ ...claim, token: 'third' })).toEqual({ state: 'busy' })
    await store.complete(claim.id, 'second', 'of the second')
    await store.release(claim.id, 'second')
    expect(await store.claim({ ...claim, token: 'fourth' })).toEqual({ state: 'done', answer: 'of the second' })
  })

  test('a gap that TRACT tells of is reported once, before the delivery that brings it, and holes in the numbers are none', async () => {
    const told: (HookGap | string)[] = []
    const refused = new Set([8])
    const handlers = {
      'message.receive': (_: unknown, { sequence = 0 }: { sequence: number | undefined }) => {
        told.push(String(sequence))
        return refused.delete(sequence) ? { error: 'not yet' } : undefined
      },
    }
    const onGap = (gap: HookGap, { sequence }: HookDelivery) =>
      void told.push({ ...gap, user_id: `before ${sequence}` })
    const receiver = createHookReceiver({ secret, handlers, store: newStore(), onGap })
    const come = async (sequence: number, gap?: { from: number; to: number }) => {
      const options = { secret, sequence, previousId: `id-${sequence - 1}`, ...(gap && { gap }) }
      return signedDelivery('message.receive', options)
    }
    await post(receiver, await come(1))
    await post(receiver, await come(4)) // the others went to another hook
    const after = await come(8, { from: 6, to: 7 })
    for (const _attempt of [1, 2, 3]) await post(receiver, after) // refused, handled, answered again
    await post(receiver, await come(20, { from: 10, to: 19 }))
    expect(told).toEqual([
      ...['1', '4', { user_id: 'before 8', from: 6, to: 7, previousId: 'id-7' }, '8', '8'],
      ...[{ user_id: 'before 20', from: 10, to: 19, previousId: 'id-19' }, '20'],
    ])
  })

  test('a gap that cannot be dealt with is told again with the next attempt, and so is one of a process that died', async () => {
    const store = newStore()
    const begun = gate()
    const later = await signedDelivery('message.receive', { secret, sequence: 3, gap: { from: 2, to: 2 } })
    const dies = () => {
      begun.open()
      return new Promise<void>(() => {})
    }
    void post(createHookReceiver({ secret, store, leaseMs: 1_000, onGap: dies }), later)
    await begun.opened
    let told = 0
    const onGap = async () => {
      if (++told === 1) throw new Error('cannot look it up')
    }
    const { receiver, handled, errors } = watched({ secret, store, onGap })
    const ended = await until(async () => {
      const { status } = await post(receiver, later)
      return status !== 429 && status
    }, 'the end of the claim')
    expect([ended, (await post(receiver, later)).status]).toEqual([500, 200])
    expect([told, handled.length, errors]).toMatchObject([2, 1, [{ message: 'cannot look it up' }]])
  })
})

describe('a store that fails', () => {
  const failing = (method: keyof DeliveryStore): DeliveryStore => ({
    ...memoryStore(),
    [method]: () => Promise.reject(new Error(`${method} failed`)),
  })

  test('at the claim makes TRACT try again', async () => {
    const { receiver, handled, errors } = watched({ secret, store: failing('claim') })
    expect((await post(receiver, await signedDelivery('message.receive', { secret }))).status).toBe(500)
    expect([handled, errors]).toMatchObject([[], [{ message: 'claim failed' }]])
  })

  test('after the handler does not undo what it did', async () => {
    const { receiver, handled, errors } = watched({ secret, store: failing('complete') })
    expect((await post(receiver, await signedDelivery('message.receive', { secret }))).status).toBe(200)
    expect([handled.length, errors]).toMatchObject([1, [{ message: 'complete failed' }]])
  })
})

test('memory is bounded: the oldest deliveries are forgotten', async () => {
  const store = memoryStore({ limit: 3 })
  const { receiver, handled } = watched({ secret, store })
  const deliveries = await Promise.all(
    [1, 2, 3, 4].map((number) => signedDelivery('message.receive', { secret, payload: { user_id: `user-${number}` } })),
  )
  for (const delivery of deliveries) await post(receiver, delivery)
  for (const delivery of deliveries.toReversed()) await post(receiver, delivery)
  expect(handled.map(({ payload }) => payload.user_id)).toEqual(['user-1', 'user-2', 'user-3', 'user-4', 'user-1'])
  for (const limit of [0, Number(undefined)]) expect(() => memoryStore({ limit })).toThrow(RangeError)
})

test('the table in PostgreSQL is pruned of what is old, and of nothing else', async () => {
  await pool.query('delete from tract_deliveries')
  const { receiver } = watched({ secret, store: postgresStore(pool) })
  for (const id of ['old', 'new']) await post(receiver, await signedDelivery('message.receive', { secret, id }))
  await pool.query("update tract_deliveries set done_at = now() - interval '3 days' where id = 'old'")
  await pool.query(PRUNE)
  expect((await pool.query('select id from tract_deliveries')).rows).toEqual([{ id: 'new' }])
})
