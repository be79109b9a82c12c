import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PrismaPg } from '@prisma/adapter-pg'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import pg from 'pg'
import { v7 } from 'uuid'
import { prisma } from '../../../../scripts/prisma/prisma.js'
import { PrismaClient } from '../../src/generated/prisma/client.js'

let database: TestDatabase
let client: pg.Client

beforeAll(async () => {
  database = await createDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})

afterAll(async () => {
  await client.end()
  await database.drop()
})

describe('the migrated database', () => {
  test('is what the data model says', async () => {
    const args = ['migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma', '--exit-code']
    const { exitCode, stdout, stderr } = await prisma(args, database.url)
    expect({ exitCode, stdout: stdout.trim() }).toEqual({ exitCode: 0, stdout: 'No difference detected.' })
    expect(stderr).not.toMatch(/error/i)
  })

  test('is up to date in the eyes of the stock CLI', async () => {
    const { exitCode, stdout } = await prisma(['migrate', 'status'], database.url)
    expect(stdout).toMatch(/Database schema is up to date/)
    expect(exitCode).toBe(0)
  })

  test('a difference is told, not passed over', async () => {
    const changed = await createDatabase()
    const other = new pg.Client({ connectionString: changed.url })
    await other.connect()
    await other.query('DROP INDEX lanes_due; ALTER TABLE threads DROP COLUMN epoch')
    await other.end()
    const args = ['migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma', '--exit-code', '--script']
    const { exitCode, stdout } = await prisma(args, changed.url)
    expect(exitCode).toBe(2)
    expect(stdout).toMatch(/CREATE INDEX "lanes_due" ON "lanes"\("bucket", "next_at"\) WHERE \(next_at IS NOT NULL\)/)
    expect(stdout).toMatch(/ADD COLUMN\s+"epoch"/)
    await changed.drop()
  })

  test('has bucket and organisation first in the key of whatever belongs to a user', async () => {
    const { rows } = await client.query<{ table: string; keys: string[] }>(`
      SELECT c.relname AS table, array_agg(a.attname::text ORDER BY k.ord) AS keys
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
      CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, ord)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
      WHERE i.indisprimary AND EXISTS (SELECT FROM pg_attribute b WHERE b.attrelid = c.oid AND b.attname = 'bucket')
      GROUP BY 1 ORDER BY 1`)
    expect(Object.fromEntries(rows.map((row) => [row.table, row.keys]))).toEqual({
      attempts: ['bucket', 'organisation_id', 'delivery_id', 'number'],
      conversations: ['bucket', 'organisation_id', 'user_id', 'conversation_number'],
      deliveries: ['bucket', 'organisation_id', 'listener', 'user_id', 'sequence'],
      delivery_ends: ['bucket', 'organisation_id', 'delivery_id'],
      delivery_faults: ['bucket', 'organisation_id', 'delivery_id', 'fault'],
      erased_users: ['bucket', 'organisation_id', 'mark'],
      events: ['bucket', 'organisation_id', 'user_id', 'id'],
      idempotency_keys: ['bucket', 'client_id', 'key'],
      lanes: ['bucket', 'organisation_id', 'listener', 'user_id'],
      message_words: ['bucket', 'organisation_id', 'user_id', 'message_id'],
      messages: ['bucket', 'organisation_id', 'user_id', 'message_id'],
      threads: ['bucket', 'organisation_id', 'user_id'],
      users: ['bucket', 'organisation_id', 'user_id'],
    })
  })

  test('keeps lanes fit for constant rewriting', async () => {
    const { rows } = await client.query("SELECT reloptions FROM pg_class WHERE oid = 'lanes'::regclass")
    expect(rows[0].reloptions).toEqual(
      expect.arrayContaining([
        'fillfactor=50',
        'autovacuum_vacuum_scale_factor=0.02',
        'autovacuum_vacuum_cost_delay=0',
      ]),
    )
  })

  test('finds due lanes by their index', async () => {
    const claim = `SELECT user_id FROM lanes WHERE bucket = 7 AND next_at <= $1
      ORDER BY next_at LIMIT 10 FOR UPDATE SKIP LOCKED`
    await client.query('BEGIN; SET LOCAL enable_seqscan = off')
    const { rows } = await client.query(`EXPLAIN ${claim}`, [new Date()])
    await client.query('ROLLBACK')
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Scan using lanes_due/)
  })

  test('lets no lane get ahead of itself, and has one instance row', async () => {
    const lane = 'INSERT INTO lanes (bucket, organisation_id, listener, user_id, head, tail, next_at)'
    await expect(client.query(`${lane} VALUES (0, $1, 'l', 'u', 2, 1, now())`, [v7()])).rejects.toMatchObject({
      constraint: 'lanes_head_before_tail',
    })
    await expect(client.query("INSERT INTO instance VALUES (2, 'x', now())")).rejects.toMatchObject({
      constraint: 'instance_single_row',
    })
  })
})

describe('the Prisma client', () => {
  let prismaClient: PrismaClient

  beforeAll(() => {
    prismaClient = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url }) })
  })

  afterAll(() => prismaClient.$disconnect())

  test('writes and reads organisations with what belongs to them', async () => {
    const id = v7()
    const now = new Date('2026-11-22T10:00:00.123Z')
    const times = { created_at: now, updated_at: now }
    await prismaClient.organisation.create({
      data: {
        id,
        name: 'Acme',
        ...times,
        listeners: { create: { listener_id: 'desk', kind: 'ect', name: 'Desk', is_primary: false, ...times } },
        clients: {
          create: {
            client_id: 'c1',
            name: 'Desk',
            scopes: ['hooks'],
            jwks: { keys: [] },
            secret_hash: Buffer.from('00ff', 'hex'),
            ...times,
          },
        },
      },
    })
    const found = await prismaClient.organisation.findUniqueOrThrow({
      where: { id },
      include: { listeners: true, clients: true },
    })
    expect(found).toMatchObject({
      name: 'Acme',
      on_request: 'ask',
      unreachable_after: 60,
      created_at: now,
      config_version: 1,
    })
    expect(found.listeners).toMatchObject([
      { kind: 'ect', enabled: true, standby: true, may_pass_to: 'default_or_primary' },
    ])
    expect(found.clients).toMatchObject([
      { scopes: ['hooks'], jwks: { keys: [] }, secret_hash: new Uint8Array([0, 255]) },
    ])
  })

  test('does not delete an organisation that has clients: one without an organisation would be the operator’s', async () => {
    const id = v7()
    const times = { created_at: new Date(), updated_at: new Date() }
    await prismaClient.organisation.create({
      data: { id, name: 'B', ...times, clients: { create: { client_id: 'c2', name: 'B', scopes: [], ...times } } },
    })
    await expect(prismaClient.organisation.delete({ where: { id } })).rejects.toThrow(/constraint/)
  })
})
