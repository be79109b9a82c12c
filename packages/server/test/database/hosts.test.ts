/** A database with several hosts: how they are written, and which one is used. */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../embedded-postgres/src/index.js'
import { openPrisma } from '../../src/accounts/prisma.js'
import { readConfig } from '../../src/config.js'
import { isUnavailable, openPool, transaction } from '../../src/database/database.js'
import { hostsOf } from '../../src/database/hosts.js'
import { listen } from '../../src/database/notifications.js'
import { connectToStart } from '../../src/database/start-connection.js'
import { type Way, waysTo } from '../../src/database/ways.js'

describe('hosts are written as libpq reads them', () => {
  const read = (url: string) => {
    const { urls, wanted, timeoutMs } = hostsOf(url)
    const places = urls.map((each) => {
      const { host, port, user, database } = new pg.Client({ connectionString: each })
      return `${user}@${host}:${port}/${database}`
    })
    return { places, wanted, timeoutMs }
  }

  test.each<[url: string, places: string[], wanted: string | null, timeoutMs?: number]>([
    ['postgres://u:p@a/db', ['u@a:5432/db'], null],
    ['postgres://u@a:1/db?target_session_attrs=primary', ['u@a:1/db'], 'primary'],
    ['postgres://u@a:1,b:2/db', ['u@a:1/db', 'u@b:2/db'], 'read-write'],
    ['postgresql://u@a,[::1]:2,c/db?target_session_attrs=any', ['u@a:5432/db', 'u@::1:2/db', 'u@c:5432/db'], 'any'],
    ['postgres://u@a,b/db?port=7', ['u@a:7/db', 'u@b:7/db'], 'read-write'],
    ['postgres://u@/db?host=a,b&port=1,2&connect_timeout=9', ['u@a:1/db', 'u@b:2/db'], 'read-write', 9_000],
    ['postgres://u@/db?host=/run/one,/run/two', ['u@/run/one:5432/db', 'u@/run/two:5432/db'], 'read-write'],
    ['postgres://u@%2Frun%2Fone:1,b:2/db?connect_timeout=0', ['u@/run/one:1/db', 'u@b:2/db'], 'read-write'],
    ['postgres://u@a/db?connect_timeout=1', ['u@a:5432/db'], 'any', 2_000],
  ])('%s', (url, places, wanted, timeoutMs = 2_000) => {
    expect(read(url)).toEqual({ places, wanted, timeoutMs })
    expect(readConfig({ DATABASE_URL: url }).databaseUrl).toBe(url)
  })

  test.each([
    [
      'postgres://a,b/db?target_session_attrs=standby',
      /target_session_attrs=standby leads to a server that only reads/,
    ],
    ['postgres://a,b/db?target_session_attrs=best', /must be one of read-write, primary, any, not 'best'/],
    ['postgres://a,b,c/db?port=1,2', /3 hosts and 2 ports/],
    ['postgres://a:0,b/db', /a port must be an integer from 1 to 65535, not '0'/],
    ['postgres://a,b/db?connect_timeout=soon', /connect_timeout must be an integer/],
  ])('%s is refused', async (url, said) => {
    await expect(connectToStart(url, () => {})).rejects.toThrow(said)
    await expect(connectToStart(url, () => {}, 'DATABASE_DIRECT_URL')).rejects.toThrow(/^DATABASE_DIRECT_URL: /)
  })
})

describe('of two servers', () => {
  const servers: EmbeddedPostgres[] = []
  const dataDirs: string[] = []
  const [one, two] = [0, 1]
  const start = async (dataDir: string) => startEmbeddedPostgres({ name: 'tract', dataDir, log: () => {} })
  const folderOf = (index: number) => String(servers[index]?.connection.host)

  beforeAll(async () => {
    for (const _ of [one, two]) {
      const dataDir = join(tmpdir(), `tract-hosts-${randomUUID()}`)
      dataDirs.push(dataDir)
      servers.push(await start(dataDir))
    }
    for (const [index] of servers.entries()) await execute(index, `create table here as select ${index} as server`)
  })
  afterAll(async () => {
    for (const { stop, home } of servers) {
      await stop()
      rmSync(home, { recursive: true, force: true })
    }
    for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true })
  })

  async function execute(index: number, statement: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: servers[index]?.url })
    await client.connect()
    try {
      return await client.query(statement)
    } finally {
      await client.end()
    }
  }

  /** Of all sessions, those that there are too. */
  async function readOnly(index: number, is: boolean): Promise<void> {
    await execute(index, `alter system set default_transaction_read_only = ${is ? 'on' : 'off'}`)
    await execute(index, 'select pg_reload_conf()')
    const shown = async () => (await execute(index, 'show default_transaction_read_only')).rows[0]
    await until(async () => (await shown()).default_transaction_read_only === (is ? 'on' : 'off'), 'the setting')
  }
  afterEach(async () => {
    await readOnly(one, false)
    await readOnly(two, false)
  })

  const address = (...order: number[]) => {
    const { user, database, port } = (servers[one] as EmbeddedPostgres).connection
    const hosts = new URLSearchParams({ host: order.map(folderOf).join(','), port: String(port) })
    return `postgresql://${user}@/${database}?${hosts}`
  }
  const wayTo = (...order: number[]) => waysTo(address(...order))[0] as Way
  const serverOf = async (db: Pick<pg.Pool, 'query'>) => (await db.query('select server from here')).rows[0].server

  test('a start uses the one that takes writes', async () => {
    await readOnly(one, true)
    const { setup, connection } = await connectToStart(address(one, two), () => {})
    expect(await serverOf(setup as unknown as pg.Pool)).toBe(two)
    await setup.end()
    const pool = openPool(connection, () => {})
    expect(await serverOf(pool)).toBe(two)
    await pool.end()
  })

  test('and says of each why there is none', async () => {
    await readOnly(one, true)
    await readOnly(two, true)
    const error = await connectToStart(`${address(one, two)}`, () => {}).catch((thrown: Error) => thrown.message)
    expect(error).toMatch(/^DATABASE_URL: none of its hosts can be used:\n {2}\S+ is read-only.*\n {2}\S+ is read-only/)
    const nowhere = 'postgresql://u@127.0.0.1:9,127.0.0.1:10/db'
    await expect(connectToStart(nowhere, () => {})).rejects.toThrow(/127\.0\.0\.1:9\..*\n.*127\.0\.0\.1:10\./s)
  })

  test('the other one is used once the first only reads, by all connections that there are', async () => {
    const way = wayTo(one, two)
    const [pool, other] = [openPool({ ...way, max: 4 }, () => {}), openPool({ ...way, max: 1 }, () => {})]
    const all = () => Promise.all(Array.from({ length: 4 }, () => transaction(pool, (db) => serverOf(db as never))))
    expect([...(await all()), await serverOf(other)]).toEqual([one, one, one, one, one])
    await readOnly(one, true)
    const write = () => pool.query('insert into here select server from here')
    const error = await write().catch((thrown: unknown) => thrown)
    expect(isUnavailable(error)).toBe(true)
    expect([...(await all()), await serverOf(other)]).toEqual([two, two, two, two, two])
    await pool.end()
    await other.end()
  })

  test('also when it is Prisma that meets it, in a transaction', async () => {
    const pool = openPool({ ...wayTo(one, two), max: 1 }, () => {})
    const prisma = openPrisma(pool)
    expect(await serverOf(pool)).toBe(one)
    await readOnly(one, true)
    const write = prisma.$transaction(async (inside) => inside.$executeRawUnsafe('insert into here values (9)'))
    const error = await write.catch((thrown: unknown) => thrown)
    expect(isUnavailable(error)).toBe(true)
    expect(await serverOf(pool)).toBe(two)
    await prisma.$disconnect()
    await pool.end()
  })

  test('and once the first is gone; a connection that hears follows', async () => {
    const pool = openPool(wayTo(one, two), () => {})
    const heard: string[] = []
    let missed = 0
    const listening = await listen(pool, {
      channels: { moves: (payload) => heard.push(payload) },
      onMissed: () => missed++,
      onError: () => {},
    })
    expect(await serverOf(pool)).toBe(one)
    await servers[one]?.stop()
    // an idle connection that was cut is noticed when the system says so
    await until(
      () =>
        serverOf(pool).then(
          (server) => server === two,
          () => false,
        ),
      'the other server',
    )
    await until(() => missed > 0, 'a connection that hears')
    await pool.query("select pg_notify('moves', 'from two')")
    await until(() => heard.includes('from two'), 'the notification')
    servers[one] = await start(dataDirs[one] as string)
    expect(await serverOf(pool)).toBe(two)
    await listening.close()
    await pool.end()
  })

  test('while there is none, a call fails as one to a database that is not there', async () => {
    await readOnly(one, true)
    await readOnly(two, true)
    const pool = openPool(wayTo(one, two), () => {})
    const error = await pool.query('select 1').catch((thrown: unknown) => thrown)
    expect([(error as Error).message, isUnavailable(error)]).toEqual([expect.stringMatching(/is read-only/), true])
    await readOnly(two, false)
    expect(await serverOf(pool)).toBe(two)
    await pool.end()
  })

  test('a pool that gets no more connections goes on with those it has', async () => {
    await execute(two, 'create role few login connection limit 2')
    await execute(two, 'grant select on here to few')
    const { connection } = servers[two] as EmbeddedPostgres
    const pool = openPool({ ...connection, user: 'few', max: 6 }, () => {})
    const turns = Array.from({ length: 12 }, () => transaction(pool, (db) => serverOf(db as never)))
    expect(await Promise.all(turns)).toEqual(turns.map(() => two))
    await pool.end()
  })
})
