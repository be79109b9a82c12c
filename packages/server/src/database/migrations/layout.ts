/**
 * Where a migration's statements are executed in a database with several slices (`slices.ts`): each belongs to the operator's schema, or
 * to every slice.
 */
import type pg from 'pg'
import { firstBucket, searchPath, settingPath, sliceSchemas } from '../slices.js'

export interface Layout {
  schema: string
  /** Schemas of the slices; none: the operator's has everything. */
  slices: readonly string[]
}

/** Of a database that has no table yet: null. */
export async function layoutOf(client: pg.Client): Promise<Layout | null> {
  const { rows } = await client.query<Layout & { isMade: boolean }>(
    `SELECT current_schema() AS schema, to_regclass('lanes') IS NOT NULL OR cardinality(slices) > 0 AS "isMade", slices
      FROM (SELECT array(
        SELECT n.nspname::text FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'lanes'
          CROSS JOIN LATERAL (SELECT substr(n.nspname, length(current_schema()) + 3) AS number) s
        WHERE starts_with(n.nspname, current_schema() || '_s') AND number ~ '^[1-9][0-9]*$' ORDER BY number::int
      ) AS slices) s`,
  )
  const { schema, slices = [], isMade = false } = rows[0] ?? {}
  return isMade ? { schema: schema ?? '', slices } : null
}

/** That of a new database. */
export async function newLayout(client: pg.Client, slices: number): Promise<Layout> {
  const { rows } = await client.query<{ schema: string | null }>('SELECT current_schema() AS schema')
  const schema = rows[0]?.schema ?? ''
  return { schema, slices: sliceSchemas(schema || 'tract', slices) }
}

/** A transaction of the caller's makes the schemas with the first tables. */
export async function makeSchemas(client: pg.Client, { slices }: Layout): Promise<void> {
  for (const slice of slices) await client.query(`CREATE SCHEMA IF NOT EXISTS ${searchPath(slice)}`)
}

/** Tables by bucket that say it by another name than `bucket`, or are about those. */
const BESIDE_BUCKETS = new Set(['buckets', 'dispatchers'])
const NEW_TABLE = /^create table (?:if not exists )?"?(\w+)"? \(\s*"?(\w+)/i

/** In a transaction of the caller's. */
export async function executeIn(client: pg.Client, { schema, slices }: Layout, statement: string): Promise<void> {
  const paths = (await isOfSlices(client, slices, statement))
    ? slices.map((slice) => searchPath(slice, schema))
    : [searchPath(schema)]
  for (const path of paths) {
    await client.query(settingPath(path))
    await client.query(statement)
  }
}

/** It makes a table by bucket, or names something that is in the slices. */
async function isOfSlices(client: pg.Client, [first]: readonly string[], statement: string): Promise<boolean> {
  const [, table = '', column] = NEW_TABLE.exec(statement) ?? []
  if (column === 'bucket' || BESIDE_BUCKETS.has(table)) return true
  const { rows } = await client.query<{ name: string }>(
    'SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident($1))',
    [first],
  )
  const named = new Set(statement.match(/\w+/g))
  return rows.some(({ name }) => named.has(name))
}

/** Each slice serves its own buckets only. */
export async function keepOwnBuckets(client: pg.Client, { slices }: Layout): Promise<void> {
  for (const [slice, schema] of slices.entries()) {
    const [first, end] = [slice, slice + 1].map((one) => firstBucket(one, slices.length))
    await client.query(`DELETE FROM ${searchPath(schema)}.buckets WHERE id < ${first} OR id >= ${end}`)
  }
}

/** From now on the connection sees the first slice, as those of the first pools do. @returns how to undo that */
export async function seeFirst(
  client: pg.Client,
  { schema, slices: [first] }: Layout,
): Promise<() => Promise<unknown>> {
  if (first === undefined) return async () => {}
  await client.query(`SET search_path = ${searchPath(first, schema)}`)
  return () => client.query('RESET search_path')
}
