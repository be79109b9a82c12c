import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import pg from 'pg'
import { openPrisma } from '../../src/accounts/prisma.js'
import {
  connectAlone,
  isUnavailable,
  openPool,
  TransactionEndedError,
  transaction,
} from '../../src/database/database.js'
import type { Queryable } from '../../src/database/queryable.js'
import { IN_SLICE } from '../../src/database/statement.js'
import { openDispatcherPool } from '../../src/deliver/dispatcher-pool.js'

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

/** The connection that a transaction is on, of a pool that has one. */
function alone(): { pool: pg.Pool; ended: Promise<unknown> } {
  const single = openPool({ connectionString: database.url, max: 1 }, () => {})
  return { pool: single, ended: once(single, 'connect').then(([client]) => once(client, 'end')) }
}

test('a connection that is lost between two statements fails its transaction, and nothing else', async () => {
  const { pool: single, ended } = alone()
  const work = transaction(single, async (db) => {
    const { rows } = await db.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' })
    await other.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    await ended
    await db.query({ text: 'select 1' })
  })
  const error = await work.catch((thrown: unknown) => thrown)
  expect(isUnavailable(error)).toBe(true)
  expect((await single.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await single.end()
})

test.each([
  [true, 'exists (select from buckets)'],
  [false, 'true'],
])('a statement that inserts looks into its slice with Citus alone (%s)', async (hasCitus, look) => {
  const asked = openPool({ connectionString: database.url, hasCitus }, () => {})
  for (const name of [{ name: 'asked' }, {}]) {
    const statement = { ...name, text: `select current_query() as text where ${IN_SLICE}`, values: [] }
    const texts = [await asked.query(statement), await transaction(asked, (db) => db.query(statement))]
    for (const { rows } of texts) expect(rows).toEqual([{ text: expect.stringContaining(`where ${look}`) }])
  }
  await asked.end()
})

test('a connection to a server that only reads is not used again', async () => {
  const { pool: single } = alone()
  const pidOf = async (db: Pick<Queryable, 'query'>) =>
    (await db.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' })).rows[0]?.pid
  const pids: unknown[] = []
  const error = await transaction(single, async (db) => {
    pids.push(await pidOf(db))
    await db.query({ text: 'set transaction read only' })
    await db.query({ text: 'create table never (id int)' })
  }).catch((thrown: unknown) => thrown)
  expect([(error as { code: string }).code, isUnavailable(error)]).toEqual(['25006', true])
  pids.push(await transaction(single, pidOf))
  expect(new Set(pids).size).toBe(2)
  await single.end()
})

test('a transaction that nobody goes on with is given up by the database, and can be repeated', async () => {
  const { pool: single, ended } = alone()
  const work = transaction(single, async (db) => {
    await db.query({ text: `set local idle_in_transaction_session_timeout = '20ms'` })
    await ended
    await db.query({ text: 'select 1' })
  })
  expect(isUnavailable(await work.catch((thrown: unknown) => thrown))).toBe(true)
  expect((await single.query('show idle_in_transaction_session_timeout')).rows).toEqual([
    { idle_in_transaction_session_timeout: '5s' },
  ])
  await single.end()
})

describe('nothing is executed after the end of a transaction', () => {
  const names = async () =>
    (await pool.query('select name from organisations order by name')).rows.map(({ name }) => name)
  const insert = (name: string) => ({
    text: 'insert into organisations (id, name, created_at, updated_at) values (gen_random_uuid(), $1, now(), now())',
    values: [name],
  })

  test('that was committed, or rolled back', async () => {
    let kept: Queryable | undefined
    await transaction(pool, async (db) => {
      kept = db
      await db.query(insert('within'))
    })
    await expect(kept?.query(insert('after the commit'))).rejects.toThrow(TransactionEndedError)
    const work = transaction(pool, async (db) => {
      kept = db
      throw new Error('no more')
    })
    await expect(work).rejects.toThrow('no more')
    await expect(kept?.query(insert('after the rollback'))).rejects.toThrow(TransactionEndedError)
    expect(await names()).toEqual(['within'])
  })

  test('nor what one part of the work still had to do when another failed', async () => {
    let rest: Promise<unknown> = Promise.resolve()
    let goOn = () => {}
    const ended = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const work = transaction(pool, async (db) => {
      rest = db.query(insert('first of two')).then(async () => {
        await ended
        await db.query(insert('second of two'))
      })
      await Promise.all([rest, Promise.reject(new Error('the other part failed'))])
    })
    await expect(work).rejects.toThrow('the other part failed')
    goOn()
    await expect(rest).rejects.toThrow(TransactionEndedError)
    expect(await names()).toEqual(['within'])
  })

  test('nor the statements of one call of Prisma that are not sent yet', async () => {
    const single = openPool({ connectionString: database.url, max: 1 }, () => {})
    const prisma = openPrisma(single)
    const id = '01920c6e-7a00-7c3e-9d55-000000000001'
    const times = { created_at: new Date(), updated_at: new Date() }
    const listener = { listener_id: 'desk', kind: 'ect' as const, name: 'Desk', is_primary: false, ...times }
    const client = { client_id: 'c', name: 'Desk', scopes: [], ...times }
    // the work fails when the first of the call's statements is done
    let fail = (_: Error) => {}
    const failure = new Promise<never>((_, reject) => {
      fail = reject
    })
    single.on('connect', (connection) => {
      const query = connection.query.bind(connection) as (...given: unknown[]) => Promise<unknown>
      const text = (given: unknown) => (given as { text?: string }).text ?? ''
      Object.assign(connection, {
        query: async (...given: unknown[]) => {
          const result = await query(...given)
          if (/^INSERT INTO "public"."organisations"/.test(text(given[0]))) {
            fail(new Error('the other part failed'))
            await ended(connection)
          }
          return result
        },
      })
    })
    const ended = async (connection: pg.PoolClient) => {
      while (connection.getTransactionStatus() !== 'I') await new Promise(setImmediate)
    }
    let rest: Promise<unknown> = Promise.resolve()
    const work = prisma.$transaction(async (inside) => {
      const listeners = { create: [listener] }
      rest = inside.organisation.create({
        data: { id, name: 'half', ...times, listeners, clients: { create: [client] } },
      })
      await Promise.all([rest, failure])
    })
    await expect(work).rejects.toThrow('the other part failed')
    await expect(rest).rejects.toThrow('came after the end of its transaction')
    expect(await names()).toEqual(['within'])
    await prisma.$disconnect()
    await single.end()
  })

  test('and a connection that comes back in the middle of one is closed', async () => {
    const single = openPool({ connectionString: database.url, max: 1 }, () => {})
    const client = await single.connect()
    await client.query('begin')
    await client.query(insert('left open'))
    client.release()
    expect((await single.query('select pg_current_xact_id_if_assigned() as open')).rows).toEqual([{ open: null }])
    await single.query(insert('on its own'))
    expect(await names()).toEqual(['on its own', 'within'])
    await single.end()
  })
})

test('a transaction of Prisma waits for its connection and its statements as long as they take', async () => {
  const single = openPool({ connectionString: database.url, max: 1 }, () => {})
  const prisma = openPrisma(single)
  // what Prisma would measure is time of its own clock
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
  try {
    const holder = await single.connect()
    const waiting = prisma.$transaction(async (inside) => {
      await inside.$queryRaw`select 1`
      await jest.advanceTimersByTimeAsync(9_000)
      return inside.organisation.count({ where: { name: 'nobody' } })
    })
    await jest.advanceTimersByTimeAsync(4_000)
    holder.release()
    expect(await waiting).toBe(0)
  } finally {
    jest.useRealTimers()
  }
  await prisma.$disconnect()
  await single.end()
})

describe('whatever the database says of itself, nothing is compiled', () => {
  beforeAll(async () => {
    const name = new URL(database.url).pathname.slice(1)
    await other.query(`alter database ${name} set jit = on`)
    await other.query(`alter database ${name} set jit_above_cost = 0`)
  })
  const ofPool = async (opened: pg.Pool) => {
    const { rows } = await opened.query('show jit')
    await opened.end()
    return rows
  }
  test.each([
    ['the pool of calls', () => ofPool(openPool({ connectionString: database.url }, () => {}))],
    ['the pool of deliveries', () => ofPool(openDispatcherPool({ connectionString: database.url }, () => {}))],
    [
      'Prisma',
      async () => {
        const opened = openPool({ connectionString: database.url }, () => {})
        const prisma = openPrisma(opened)
        const rows = await prisma.$queryRawUnsafe('show jit')
        await prisma.$disconnect()
        await opened.end()
        return rows
      },
    ],
    [
      'a connection of its own',
      async () => {
        const client = await connectAlone({ connectionString: database.url })
        const { rows } = await client.query('show jit')
        await client.end()
        return rows
      },
    ],
  ])('by %s', async (_, jit) => {
    const plain = new pg.Client({ connectionString: database.url })
    await plain.connect()
    expect((await plain.query('show jit')).rows).toEqual([{ jit: 'on' }])
    await plain.end()
    expect(await jit()).toEqual([{ jit: 'off' }])
  })
})

test('connections say what they are for, unless the operator names them', async () => {
  const nameOf = async (opened: pg.Pool, as?: string) => {
    const { rows } = await opened.query<{ name: string }>("select current_setting('application_name') as name")
    await opened.end()
    expect(rows[0]?.name).toBe(as)
  }
  const { url: connectionString } = database
  await nameOf(
    openPool({ connectionString }, () => {}),
    'tract api',
  )
  await nameOf(
    openDispatcherPool({ connectionString }, () => {}),
    'tract delivery',
  )
  const named = `${connectionString}${connectionString.includes('?') ? '&' : '?'}application_name=ours`
  await nameOf(
    openPool({ connectionString: named }, () => {}),
    'ours',
  )
  const alone = await connectAlone({ connectionString })
  const { rows } = await alone.query<{ name: string }>("select current_setting('application_name') as name")
  await alone.end()
  expect(rows[0]?.name).toBe('tract start')
})
