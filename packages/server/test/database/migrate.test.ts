import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createEmptyDatabase, type TestDatabase } from '@tract/testing/postgres'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { statementsOf } from '../../src/database/citus.js'
import { MigrationError, migrate } from '../../src/database/migrations/migrate.js'

const OURS = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url))

/** The first after which an older process would send what no receiver understands. */
const PARTS = '20261129181000_delivery_parts'

let database: TestDatabase
let directory: string

beforeEach(async () => {
  database = await createEmptyDatabase()
  directory = mkdtempSync(join(tmpdir(), 'tract-migrations-'))
})

afterEach(async () => {
  await database.drop()
  rmSync(directory, { recursive: true })
})

const write = (name: string, sql: string) => {
  mkdirSync(join(directory, name), { recursive: true })
  writeFileSync(join(directory, name, 'migration.sql'), sql)
}

const run = () => migrate({ connectionString: database.url }, directory)

async function query<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

const recorded = () =>
  query<{ migration_name: string }>('SELECT migration_name FROM _prisma_migrations ORDER BY started_at')

async function failure(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.catch((error: Error) => error)
  if (outcome instanceof Error) return outcome
  throw new Error('it went through')
}

describe('migrate', () => {
  test('takes every migration in the order of names, once', async () => {
    write('2_second', 'ALTER TABLE a ADD COLUMN y int')
    write('1_first', 'CREATE TABLE a (x int)')
    writeFileSync(join(directory, 'migration_lock.toml'), 'provider = "postgresql"')

    expect(await run()).toEqual(['1_first', '2_second'])
    expect(await run()).toEqual([])

    write('3_third', 'ALTER TABLE a ADD COLUMN z int')
    expect(await run()).toEqual(['3_third'])
    expect(await recorded()).toEqual([
      { migration_name: '1_first' },
      { migration_name: '2_second' },
      { migration_name: '3_third' },
    ])
    expect(await query('SELECT x, y, z FROM a')).toEqual([])
  })

  test('starts that come together take each migration once', async () => {
    cpSync(OURS, directory, { recursive: true })
    write('99999999999999_slow', 'SELECT pg_sleep(0.1); CREATE TABLE slow (x int)')

    const taken = await Promise.all(Array.from({ length: 8 }, run))

    expect(taken.flat().sort()).toEqual((await recorded()).map((row) => row.migration_name).sort())
    expect(taken.filter((names) => names.length > 0)).toHaveLength(1)
  })

  test('what older processes cannot read waits until none runs', async () => {
    cpSync(OURS, directory, {
      recursive: true,
      filter: (path) => !basename(path).startsWith('2026') || basename(path) < PARTS,
    })
    await run()
    // as a process of that time says that it is alive
    await query("INSERT INTO dispatchers (id, alive_until) VALUES (gen_random_uuid(), now() + interval '1 hour')")
    await query("INSERT INTO dispatchers (id, alive_until) VALUES (gen_random_uuid(), now() - interval '1 second')")
    cpSync(OURS, directory, { recursive: true })

    const waiting: number[] = []
    const taken = migrate({ connectionString: database.url }, directory, { onWaiting: (count) => waiting.push(count) })
    await until(() => waiting.length > 0, 'the wait')
    expect(waiting).toEqual([1])
    expect((await recorded()).map(({ migration_name }) => migration_name)).not.toContain(PARTS)

    await query('DELETE FROM dispatchers')
    expect(await taken).toContain(PARTS)
  })

  test('with several slices, each statement goes to the slices or beside them', async () => {
    cpSync(OURS, directory, { recursive: true })
    const sliced = (slices: number | null) => migrate({ connectionString: database.url }, directory, { slices })
    await sliced(3)
    write(
      '99999999999999_later',
      `CREATE TYPE "later_state" AS ENUM ('one'); CREATE TABLE "later" ("bucket" SMALLINT NOT NULL, "state" "later_state");
       ALTER TABLE "users" ADD COLUMN "later" TEXT; CREATE TABLE "beside" ("id" INTEGER); DROP INDEX "threads_due";
       INSERT INTO "later" ("bucket") SELECT "id" FROM "buckets"`,
    )
    expect(await sliced(null)).toEqual(['99999999999999_later'])

    const tables = await query<{ name: string; schemas: string[] }>(
      `SELECT table_name AS name, array_agg(table_schema::text ORDER BY table_schema) AS schemas FROM information_schema.tables
        WHERE table_name IN ('later', 'beside', 'lanes', 'hooks', 'wire_attempts', 'dispatchers', '_prisma_migrations') GROUP BY 1 ORDER BY 1`,
    )
    const slices = ['public_s1', 'public_s2', 'public_s3']
    expect(Object.fromEntries(tables.map(({ name, schemas }) => [name, schemas]))).toEqual({
      _prisma_migrations: ['public'],
      beside: ['public'],
      dispatchers: slices,
      hooks: ['public'],
      lanes: slices,
      later: slices,
      wire_attempts: slices,
    })
    const [rows] = await query(
      `SELECT (SELECT count(*)::int FROM public_s1.later) AS one, (SELECT count(*)::int FROM public_s2.buckets) AS two,
        (SELECT count(*)::int FROM public_s3.buckets) AS three, to_regclass('public_s2.threads_due') AS gone`,
    )
    expect(rows).toEqual({ one: 86, two: 85, three: 85, gone: null })
    await expect(sliced(1)).rejects.toThrow(MigrationError)
  })

  test('a script with semicolons in literals and bodies is taken whole', async () => {
    write(
      '1_function',
      "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'a;b'; END $$; CREATE TABLE t (x text DEFAULT ';')",
    )
    await run()
    expect(await query('SELECT f()')).toEqual([{ f: 'a;b' }])
  })

  test('an edited migration is refused', async () => {
    write('1_first', 'CREATE TABLE a (x int)')
    await run()
    write('1_first', 'CREATE TABLE a (x bigint)')
    write('2_second', 'CREATE TABLE b (x int)')

    const error = await failure(run())

    expect(error).toBeInstanceOf(MigrationError)
    expect(error.message).toMatch(/1_first was edited/)
    expect(await query("SELECT to_regclass('b') AS b")).toEqual([{ b: null }])
  })

  test('a database of a newer version is refused', async () => {
    write('1_first', 'CREATE TABLE a (x int)')
    write('2_newer', 'CREATE TABLE b (x int)')
    await run()
    rmSync(join(directory, '2_newer'), { recursive: true })

    expect((await failure(run())).message).toMatch(/2_newer, which this version does not know/)
  })

  describe('on a database with Citus', () => {
    /** As `CREATE EXTENSION citus` would leave it, on a server that has none: what a start asks it, with one node. */
    const CITUS = `INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
        SELECT 77777, 'citus', extowner, extnamespace, false, '13.2-1' FROM pg_extension WHERE extname = 'plpgsql';
      CREATE TABLE pg_catalog.pg_dist_schema (schemaid oid);
      CREATE FUNCTION pg_catalog.run_command_on_all_nodes(command text) RETURNS TABLE (result text) LANGUAGE plpgsql AS $$
        BEGIN RETURN QUERY EXECUTE 'SELECT (' || command || ')::text'; END $$;
      CREATE FUNCTION pg_catalog.citus_schema_distribute(schema regnamespace) RETURNS void LANGUAGE sql AS
        'INSERT INTO pg_dist_schema SELECT schema'`
    beforeEach(() => query(`SET allow_system_table_mods = on; ${CITUS}`))

    test('it is refused with what is to be set up, and nothing is made; once that is done, the schema is distributed', async () => {
      write('1_first', 'CREATE TABLE a (x int)')
      const refused = await failure(run())
      expect(refused.message).toMatch(
        /Set this up once:\n {2}create schema tract authorization \w+;\n {2}alter role \w+ in database \w+ set search_path = tract;\n {2}alter role .* set enable_seqscan = 'off';\n/,
      )
      expect(await query(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual([])

      await query(refused.message.replace(/^.*\n/, ''))
      expect(await run()).toEqual(['1_first'])
      expect(await query('SELECT schemaid::regnamespace::text AS schema FROM pg_dist_schema')).toEqual([
        { schema: 'tract' },
      ])

      expect(await run()).toEqual([])
      write('2_second', `CREATE TABLE b (y text DEFAULT ';'); -- one; two\nINSERT INTO b VALUES ('it''s; so');`)
      expect(await run()).toEqual(['2_second'])
      expect(await query('SELECT y FROM b')).toEqual([{ y: "it's; so" }])
    })
  })

  test('the statements of a migration are told apart', () => {
    const body = `$x$ begin; end $x$`
    expect(statementsOf(`select 'a;''b'; -- c;\n/* d; */ create "e;f" as ${body};\n\n;select 1 - 2 / 3`)).toEqual([
      "select 'a;''b'",
      `create "e;f" as ${body}`,
      'select 1 - 2 / 3',
    ])
  })

  test('a failing migration leaves nothing, names its line, and is taken once it is mended', async () => {
    write('1_first', 'CREATE TABLE a (x int)')
    write('2_broken', 'CREATE TABLE b (x int);\nINSERT INTO b VALUES (1);\nALTER TABLE nowhere ADD COLUMN y int;')

    const error = await failure(run())

    expect(error).toBeInstanceOf(MigrationError)
    expect(error.message).toMatch(/2_broken failed and changed nothing.*nowhere/s)
    expect(await query("SELECT to_regclass('a')::text AS a, to_regclass('b') AS b")).toEqual([{ a: 'a', b: null }])
    expect(await recorded()).toEqual([{ migration_name: '1_first' }])

    write('2_broken', 'CREATE TABLE b (x int);')
    expect(await run()).toEqual(['2_broken'])
  })

  test('a syntax error is found by its line', async () => {
    write('1_first', 'CREATE TABLE a (\n  x int,\n  y not_a_type\n)')
    expect((await failure(run())).message).toMatch(/line 3: type "not_a_type" does not exist/)
  })

  test('a migrator that is cut off in the middle leaves nothing, and the next one takes over', async () => {
    write('1_first', 'CREATE TABLE a (x int); SELECT pg_sleep(30)')
    const cutOff = failure(run())
    const migrating = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(30)%'"
    const backends = `SELECT pid ${migrating} AND pid <> pg_backend_pid()`
    while ((await query(backends)).length === 0);
    await query(`SELECT pg_terminate_backend(pid) ${migrating} AND pid <> pg_backend_pid()`)
    expect((await cutOff).message).toMatch(/1_first failed and changed nothing/)

    write('1_first', 'CREATE TABLE a (x int)')
    expect(await run()).toEqual(['1_first'])
  })

  test('what another tool began and did not finish is refused with what it noted', async () => {
    write('1_first', 'CREATE TABLE a (x int)')
    await run()
    await query("UPDATE _prisma_migrations SET finished_at = NULL, logs = 'out of cheese'")
    expect((await failure(run())).message).toMatch(/1_first was begun by other means.*out of cheese/)

    await query('UPDATE _prisma_migrations SET rolled_back_at = now(); DROP TABLE a')
    expect(await run()).toEqual(['1_first'])
  })

  test('a role that may create nothing starts on a database that is up to date', async () => {
    cpSync(OURS, directory, { recursive: true })
    await run()
    const role = `reader_${process.pid}`
    await query(`CREATE ROLE ${role} LOGIN; GRANT SELECT ON _prisma_migrations TO ${role}`)
    try {
      const url = new URL(database.url)
      url.username = role
      expect(await migrate({ connectionString: url.toString() }, directory)).toEqual([])
    } finally {
      await query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    }
  })
})
