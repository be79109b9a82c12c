/** A database that is not there, or does not work, is told from errors of other kinds. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import type pg from 'pg'
import { openPrisma } from '../../src/accounts/prisma.js'
import { connectAlone, isUnavailable, openPool, transaction } from '../../src/database/database.js'

let database: TestDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await createDatabase()
  pool = openPool({ connectionString: database.url }, () => {})
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

describe('an internal error of the server', () => {
  const raised = async (message: string) => {
    const client = await connectAlone({ connectionString: database.url })
    const text = `do $$ begin raise exception using errcode = 'XX000', message = '${message}'; end $$`
    const error = await client.query(text).catch((failed: pg.DatabaseError) => failed)
    await client.end()
    return { code: (error as pg.DatabaseError).code, isUnavailable: isUnavailable(error), closed: client.leadsNowhere }
  }

  test('is no answer, and its connection is closed', async () => {
    expect(await raised('failure on connection')).toEqual({ code: 'XX000', isUnavailable: true, closed: true })
  })

  test('is what a node of Citus has said of its rows, where it says so', async () => {
    const said = {
      'duplicate key value violates unique constraint "idempotency_keys_pkey_102"': '23505',
      'new row for relation "lanes_103" violates check constraint "lanes_head_before_tail_103"': '23514',
      'null value in column "key" of relation "idempotency_keys_102" violates not-null constraint': '23502',
      'insert or update on table "hooks_104" violates foreign key constraint "hooks_fkey_104"': '23503',
      'index row size 9000 exceeds btree version 4 maximum 2704 for index "keys_102"': '54000',
    }
    for (const [message, code] of Object.entries(said))
      expect(await raised(message)).toEqual({ code, isUnavailable: false, closed: false })
  })
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
