import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import { Stored } from '@tract/testing/stored'
import type pg from 'pg'
import { FIRST_ID, idAt } from '../../src/database/time-ordered-id.js'
import { bucketOf } from '../../src/lanes/bucket.js'
import {
  bucketsToPrune,
  FIRST_USER,
  markPruned,
  nextOrganisation,
  pruneDeliveries,
  pruneUsers,
  type UserPlace,
} from '../../src/upkeep/retention-rows.js'
import { writePast } from '../support/history.js'

const DAY = 24 * 3_600_000
const NOW = Date.now()
const daysAgo = (days: number) => new Date(NOW - days * DAY)
const BEFORE = daysAgo(90)

let database: TestDatabase
let stored: Stored
let pool: pg.Pool
let organisationId: string

beforeAll(async () => {
  database = await createDatabase()
  stored = new Stored(database.url)
  pool = stored.pool
})
beforeEach(async () => {
  await stored.empty(...['users', 'threads', 'conversations', 'messages', 'events'])
  await stored.empty(...['lanes', 'deliveries', 'attempts', 'delivery_ends'])
  organisationId = randomUUID()
})
afterAll(async () => {
  await stored.close()
  await database.drop()
})

const past = (userId: string, at: readonly Date[], ended = at.length, undeliverable: readonly number[] = []) =>
  writePast(pool, { organisationId, userId, listener: 'desk', at, ended, undeliverable })
const ids = async (table: 'deliveries' | 'attempts' | 'delivery_ends', column = 'delivery_id') => [
  ...new Set((await stored.rows(table, {}, column)).map((row) => row[column])),
]

/** Goes through a bucket to its end; @returns how much each step removed */
async function pruneAllDeliveries(bucket: number, limit: number): Promise<number[]> {
  const steps: number[] = []
  for (let after: string | null = FIRST_ID; after !== null; ) {
    const step = await pruneDeliveries(pool, { bucket, organisationId, after }, BEFORE, limit)
    steps.push(step.pruned)
    after = step.next
  }
  return steps
}

async function pruneAllUsers(bucket: number, limits: { users: number; rows: number }): Promise<number[]> {
  const steps: number[] = []
  for (let place: UserPlace | null = { bucket, ...FIRST_USER }; place !== null; ) {
    const step = await pruneUsers(pool, place, BEFORE, limits)
    steps.push(step.pruned)
    place = step.next
  }
  return steps
}

/** Users of one bucket, by trial. */
function usersOf(bucket: number, count: number): string[] {
  const users: string[] = []
  for (let number = 0; users.length < count; number++) {
    if (bucketOf(organisationId, `u${number}`) === bucket) users.push(`u${number}`)
  }
  return users
}

describe('deliveries', () => {
  test('that ended before the time go, with their attempts and ends, and younger ones stay', async () => {
    const old = await past('u', [daysAgo(200), daysAgo(91), daysAgo(89), daysAgo(1)], 4, [1, 3])
    const steps = await pruneAllDeliveries(bucketOf(organisationId, 'u'), 100)
    expect(steps).toEqual([2])
    expect(await ids('deliveries', 'id')).toEqual(old.slice(2))
    expect(await ids('attempts')).toEqual(old.slice(2))
    expect(await ids('delivery_ends')).toEqual([old[2]])
  })

  test('that wait stay, however old, and do not keep those behind them in other lanes', async () => {
    const bucket = 7
    const [waiting = '', done = ''] = usersOf(bucket, 2)
    const first = await past(waiting, [daysAgo(300), daysAgo(299), daysAgo(298)], 1)
    await past(done, [daysAgo(297), daysAgo(296)])
    expect(await pruneAllDeliveries(bucket, 2)).toEqual([1, 1, 1])
    expect(await ids('deliveries', 'id')).toEqual(first.slice(1))
    expect(await stored.row('lanes', { user_id: waiting })).toMatchObject({ head: 1, tail: 3 })
  })

  test('of other buckets and organisations are left alone', async () => {
    await past('u', [daysAgo(200)])
    const other = randomUUID()
    const kept = await writePast(pool, {
      organisationId: other,
      userId: 'u',
      listener: 'desk',
      at: [daysAgo(200)],
      ended: 1,
    })
    await pruneAllDeliveries(bucketOf(organisationId, 'u'), 100)
    expect(await ids('deliveries', 'id')).toEqual(kept)
  })

  test('are found organisation by organisation', async () => {
    const bucket = bucketOf(organisationId, 'u')
    expect(await nextOrganisation(pool, bucket, FIRST_ID)).toBeNull()
    await past('u', [daysAgo(1), daysAgo(1)])
    expect(await nextOrganisation(pool, bucket, FIRST_ID)).toBe(organisationId)
    expect(await nextOrganisation(pool, bucket, organisationId)).toBeNull()
  })
})

describe('messages and events', () => {
  const left = async () => {
    const { rows } = await pool.query(
      `select user_id, array(select message_id from messages m where m.user_id = t.user_id order by 1) as messages,
        (select count(*)::int from events e where e.user_id = t.user_id) as events from threads t order by user_id`,
    )
    return rows
  }

  test('from before the time go, the oldest first, and younger ones stay', async () => {
    await past('u', [daysAgo(200), daysAgo(91), daysAgo(89)])
    expect(await pruneAllUsers(bucketOf(organisationId, 'u'), { users: 10, rows: 10 })).toEqual([4])
    expect(await left()).toEqual([{ user_id: 'u', messages: [3], events: 1 }])
  })

  test('go in steps of a bounded size, however many one user has and however many users there are', async () => {
    const bucket = 11
    const users = usersOf(bucket, 5).sort()
    const [talkative = '', ...others] = users
    await past(
      talkative,
      Array.from({ length: 25 }, (_, index) => daysAgo(200 - index)),
    )
    for (const user of others) await past(user, [daysAgo(100), daysAgo(2)])
    const steps = await pruneAllUsers(bucket, { users: 2, rows: 10 })
    expect(Math.max(...steps)).toBeLessThanOrEqual(20)
    expect(steps.reduce((sum, step) => sum + step, 0)).toBe(2 * (25 + 4))
    expect(await left()).toEqual([
      { user_id: talkative, messages: [], events: 0 },
      ...others.map((user_id) => ({ user_id, messages: [2], events: 1 })),
    ])
  })

  test('stay while a delivery names one, ended or not, and go once it is gone', async () => {
    const bucket = bucketOf(organisationId, 'u')
    const sentLater = new Date(BEFORE.getTime() - 1)
    await past('u', [daysAgo(200), daysAgo(199), daysAgo(198), sentLater, daysAgo(1)], 2)
    await pool.query('update deliveries set message_id = sequence, ending = body, body = null where sequence <> 3')
    // its id is younger than the message, as one is that was made in the same moment
    await stored.change('deliveries', { id: idAt(BEFORE.getTime() + 20) }, { sequence: 4 })
    expect((await pruneAllUsers(bucket, { users: 10, rows: 10 }))[0]).toBe(1 + 4)
    expect(await left()).toEqual([{ user_id: 'u', messages: [1, 2, 4, 5], events: 1 }])
    expect(await pruneAllDeliveries(bucket, 10)).toEqual([2])
    expect(await pruneAllUsers(bucket, { users: 10, rows: 10 })).toEqual([2])
    expect(await left()).toEqual([{ user_id: 'u', messages: [4, 5], events: 1 }])
    await stored.remove('deliveries', { sequence: 4 })
    expect(await pruneAllUsers(bucket, { users: 10, rows: 10 })).toEqual([1])
  })

  test('a second time find nothing to do', async () => {
    await past('u', [daysAgo(200), daysAgo(1)])
    const bucket = bucketOf(organisationId, 'u')
    await pruneAllUsers(bucket, { users: 10, rows: 10 })
    expect(await pruneAllUsers(bucket, { users: 10, rows: 10 })).toEqual([0])
  })
})

test('conversations that closed before the time go, and those that are open stay', async () => {
  await past('u', [daysAgo(1)])
  const bucket = bucketOf(organisationId, 'u')
  const spans = [[300, 200], [199, 91], [90.5, 89], [88]]
  for (const [index, [opened = 0, closed]] of spans.entries()) {
    await stored.insert('conversations', {
      ...{ bucket, organisation_id: organisationId, user_id: 'u', conversation_number: index + 1, held_by: [] },
      ...{ opened_at: daysAgo(opened), closed_at: closed === undefined ? null : daysAgo(closed) },
    })
  }
  expect(await pruneAllUsers(bucket, { users: 10, rows: 1 })).toEqual([1, 1, 0])
  const left = await stored.rows('conversations', {}, 'conversation_number')
  expect(left.map(({ conversation_number }) => conversation_number)).toEqual([3, 4])
})

test('buckets are gone through one after the other, those that waited longest first', async () => {
  await markPruned(pool, 3, daysAgo(2))
  await markPruned(pool, 2, daysAgo(1))
  await markPruned(pool, 1, daysAgo(0))
  expect(await bucketsToPrune(pool, [1, 2, 3, 4], daysAgo(0.5))).toEqual([4, 3, 2])
})
