import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import type pg from 'pg'
import { openPool } from '../../src/database/database.js'
import { bucketTables, planProblems } from './statement-plan.js'

let database: TestDatabase
let pool: pg.Pool
let tables: ReadonlySet<string>

beforeAll(async () => {
  database = await createDatabase()
  pool = openPool({ connectionString: database.url, max: 1 }, () => {})
  tables = await bucketTables(pool)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

test('the tables of users are known', () => {
  for (const table of ['users', 'threads', 'messages', 'events', 'lanes', 'deliveries', 'attempts', 'delivery_ends'])
    expect(tables).toContain(table)
  expect(tables).not.toContain('organisations')
})

test.each([
  [
    'one bucket',
    'select head from lanes where bucket = $1 and organisation_id = $2 and listener = $3 and user_id = $4',
  ],
  [
    'a join that goes on with the bucket',
    `select d.id from unnest($1::smallint[]) as b(bucket) cross join lateral (
      select bucket, organisation_id, listener, user_id, head from lanes where bucket = b.bucket and organisation_id = $2 offset 0
    ) l cross join lateral (
      select id from deliveries where bucket = l.bucket and organisation_id = l.organisation_id and listener = l.listener
        and user_id = l.user_id and sequence = l.head + 1 offset 0
    ) d`,
  ],
  ['what is written with its bucket', `insert into attempts select $1, $2, $3, 1, now(), 1`],
  ['what is no table of users', 'select * from organisations'],
])('%s passes', async (_, text) => {
  expect(await planProblems(pool, text, tables)).toEqual([])
})

test.each([
  ['no bucket at all', 'select head from lanes where organisation_id = $1 and listener = $2 and user_id = $3'],
  ['a bucket that no index is asked for', 'select id from deliveries where bucket + 0 = $1 and organisation_id = $2'],
  [
    'a join that forgets the bucket',
    `select d.id from lanes l join deliveries d on d.organisation_id = l.organisation_id and d.listener = l.listener
      and d.user_id = l.user_id and d.sequence = l.head + 1 where l.bucket = $1 and l.organisation_id = $2 and l.listener = $3 and l.user_id = $4`,
  ],
  [
    'a bucket that is compared only after the look',
    'select l.head from unnest($1::smallint[]) as b(bucket) join lanes l on l.bucket = b.bucket and l.organisation_id = $2',
  ],
  ['a whole table', 'select count(*) from messages where sender = $1::sender'],
  ['an update without a bucket', 'update threads set owner = null where organisation_id = $1 and user_id = $2'],
  [
    'a part of a statement without a bucket',
    `with l as (select head from lanes where bucket = $1 and organisation_id = $2)
      delete from attempts where delivery_id = $3 and number < (select max(head) from l)`,
  ],
])('%s is found', async (_, text) => {
  expect(await planProblems(pool, text, tables)).not.toEqual([])
})
