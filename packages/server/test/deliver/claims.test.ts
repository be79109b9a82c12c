import { randomUUID } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { transaction } from '../../src/database/database.js'
import { makeDue, nextDue, renew } from '../../src/deliver/claims.js'
import { ALL_BUCKETS } from '../../src/lanes/delivery-places.js'
import { listenerKey } from '../../src/lanes/lane-key.js'
import { at, claimOne, engine, laneRow, USER, useEngine } from './one-lane.js'

useEngine()

describe('claiming', () => {
  test('leases a due lane with what is next in it', async () => {
    const items = await engine.enqueue(
      USER,
      Array.from({ length: 12 }, (_, index) => ({ listener: 'desk', body: `{"n":${index}}` })),
      at(0),
    )
    const [lane, ...others] = await claimOne()
    expect(others).toEqual([])
    expect(lane).toMatchObject({
      listener: 'desk',
      userId: USER,
      endedTo: 0,
      tail: 12,
      failures: 0,
      failingSince: null,
    })
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
    const lock = await engine.stored.lock('lanes', { listener: 'desk' })
    expect((await claimOne()).map(({ listener }) => listener)).toEqual(['md'])
    await lock.release()
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
    await engine.stored.remove('deliveries')
    expect(await claimOne()).toMatchObject([{ endedTo: 0, tail: 1, deliveries: [] }])
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
  const leased = { lease: randomUUID(), lease_until: at(60_000), next_at: at(60_000) }
  await engine.stored.change('lanes', leased, { listener: 'md' })
  await makeDue(engine.pool, lanes, at(0))
  expect((await claimOne()).map(({ listener }) => listener)).toEqual(['desk'])
})

test('a waiting lane that is locked at that moment is made due all the same', async () => {
  await engine.enqueue(USER, [{ listener: 'desk' }], at(50_000))
  const { bucket, organisationId } = engine.key(USER)
  let made: Promise<void> | undefined
  // as an acceptance does that gives the lane one more
  await transaction(engine.pool, async (db) => {
    await db.query({ text: 'update lanes set tail = tail' })
    made = makeDue(engine.pool, [{ bucket, organisationId, listener: 'desk', userId: USER }], at(0))
    const waits = `select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()`
    await until(async () => (await db.query({ text: waits })).rows.length > 0, 'it waits for the lane')
  })
  await made
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
