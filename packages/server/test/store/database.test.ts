import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { isUnavailable, openPool, transaction } from '../../src/store/database.js'
import { openPrisma } from '../../src/store/prisma.js'
import { createDatabase, type TestDatabase } from '../support/postgres.js'

let database: TestDatabase
let pool: pg.Pool
let other: pg.Client

beforeAll(async () => {
  database = await createDatabase()
  pool = openPool({ connectionString: database.url }, () => {})
  other = new pg.Client({ connectionString: database.url })
  await other.connect()
})
afterAll(async () => {
  await pool.end()
  await other.end()
  await database.drop()
})

test('a connection that is lost between two statements fails its transaction, and nothing else', async () => {
  const work = transaction(pool, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const lost = once(client, 'end')
    await other.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    await lost
    await client.query('select 1')
  })
  const error = await work.catch((thrown: unknown) => thrown)
  expect(isUnavailable(error)).toBe(true)
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('a transaction that nobody goes on with is given up by the database, and can be repeated', async () => {
  const work = transaction(pool, async (client) => {
    await client.query(`set local idle_in_transaction_session_timeout = '20ms'`)
    await once(client, 'end')
    await client.query('select 1')
  })
  expect(isUnavailable(await work.catch((thrown: unknown) => thrown))).toBe(true)
  expect((await pool.query('show idle_in_transaction_session_timeout')).rows).toEqual([
    { idle_in_transaction_session_timeout: '5s' },
  ])
})

describe('a database that is not there is told from other errors', () => {
  const gone = openPool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' }, () => {})
  const prisma = openPrisma(gone)
  const thrown = (work: Promise<unknown>) => work.catch((error: unknown) => error)

  test.each([
    ['by a statement', () => gone.query('select 1')],
    ['by a transaction', () => transaction(gone, async () => {})],
    ['by Prisma', () => prisma.hook.findMany()],
    ['by a statement through Prisma', () => prisma.$queryRawUnsafe('select 1')],
    ['by a transaction of Prisma', () => prisma.$transaction(async (inside) => inside.hook.findMany())],
  ])('%s', async (_, work) => {
    expect(isUnavailable(await thrown(work()))).toBe(true)
  })

  test('and so is one that is not used any more', async () => {
    await gone.end()
    expect(isUnavailable(await thrown(gone.query('select 1')))).toBe(true)
    expect(isUnavailable(await thrown(prisma.hook.findMany()))).toBe(true)
    expect(isUnavailable(await thrown(pool.query('select nothing')))).toBe(false)
  })
})
