import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { openPool } from '../../src/database/database.js'
import { Wakeups } from '../../src/lanes/wakeups.js'

const BUCKETS = Array.from({ length: 256 }, (_, bucket) => bucket)

let database: TestDatabase
let pool: pg.Pool
/** Of a process that delivers nothing itself, and of another one. */
let teller: Wakeups
let hearer: Wakeups
const heard = { buckets: [] as number[], listeners: [] as string[], shares: 0 }
const errors: unknown[] = []

beforeAll(async () => {
  database = await createDatabase()
  pool = openPool({ connectionString: database.url }, (error) => errors.push(error))
})
beforeEach(async () => {
  Object.assign(heard, { buckets: [], listeners: [], shares: 0 })
  teller = new Wakeups(pool, (error) => errors.push(error))
  hearer = new Wakeups(pool, (error) => errors.push(error))
  await hearer.subscribe({
    bucket: (bucket) => heard.buckets.push(bucket) > 0,
    listener: (organisationId, listener) => heard.listeners.push(`${organisationId} ${listener}`),
    share: () => heard.shares++,
    missed: () => {},
    lanes: { wants: () => false, leaseUntil: (now) => now, hold: () => {} },
  })
})
afterEach(async () => {
  await hearer.unsubscribe()
  expect(errors).toEqual([])
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

test('every bucket that one process wakes is heard by another', async () => {
  for (const bucket of BUCKETS) teller.wake(bucket)
  await until(() => heard.buckets.length === BUCKETS.length, 'all of them')
  expect(heard.buckets.sort((a, b) => a - b)).toEqual(BUCKETS)
})

test('what is woken at once takes one notification, whatever else is told', async () => {
  const listening = new pg.Client({ connectionString: database.url })
  await listening.connect()
  const payloads: string[] = []
  listening.on('notification', ({ payload = '' }) => payloads.push(payload))
  await listening.query('listen tract_deliveries')
  for (const bucket of [7, 8, 7, 255]) teller.wake(bucket)
  teller.wakeListener('019412a1-7c3e-7d7a-9b1f-3a4c5d6e7f80', 'agent desk')
  teller.announceShare()
  await until(() => heard.buckets.length + heard.listeners.length + heard.shares === 5, 'all of it')
  expect(heard).toEqual({
    buckets: [7, 8, 255],
    listeners: ['019412a1-7c3e-7d7a-9b1f-3a4c5d6e7f80 agent desk'],
    shares: 1,
  })
  await until(() => payloads.length === 3, 'three notifications')
  await listening.end()
})

test('what is woken later is told later', async () => {
  teller.wake(1)
  await until(() => heard.buckets.length === 1, 'the first')
  teller.wake(1)
  await until(() => heard.buckets.length === 2, 'the second')
})

test('whoever sees to a bucket itself tells nobody', async () => {
  hearer.wake(3)
  teller.wake(4)
  await until(() => heard.buckets.includes(4), 'what the other process woke')
  expect(heard.buckets).toEqual([3, 4])
})
