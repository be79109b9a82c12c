/**
 * Slices: the data of users, spread over several nodes of a database with Citus.
 *
 * A slice is a range of buckets whose tables lie together in a schema of their own, and so on one node. There is one, which is the
 * operator's schema itself, unless the first start was told otherwise (`TRACT_SLICES`). With several, the operator's schema keeps what
 * belongs to organisations, and `<schema>_s1`, `<schema>_s2`, … have the tables by bucket.
 *
 * A connection sees one slice, and behind it what belongs to organisations: its search path says so, and no statement does. Hence
 * what works by bucket is there once for each slice and knows of no other (`start/slice-rooms.ts`), and what asks for all asks each
 * and puts the answers together: it is given a `Sliced`.
 */
import pg from 'pg'
import type { Queryable } from './queryable.js'
import type { Way } from './ways.js'

/** Parts into which users fall by hash: slices have even shares of them. */
export const BUCKETS = 256

/** One of something for each slice. */
export class Sliced<T> {
  /** In the order of their buckets. */
  readonly all: readonly T[]

  constructor(all: readonly T[]) {
    this.all = all
  }

  /** That of the slice with this bucket. */
  of(bucket: number): T {
    return this.all[Math.floor((bucket * this.all.length) / BUCKETS)] as T
  }

  /** Where what belongs to no user is kept, too. */
  get first(): T {
    return this.all[0] as T
  }

  map<U>(make: (one: T, slice: number) => U): Sliced<U> {
    return new Sliced(this.all.map(make))
  }

  /** Rows by slice, for those slices that have some, in their order. */
  group<Row extends { bucket: number }>(rows: readonly Row[]): [slice: T, rows: Row[]][] {
    const groups = new Map(this.all.map((slice): [T, Row[]] => [slice, []]))
    for (const row of rows) groups.get(this.of(row.bucket))?.push(row)
    return [...groups].filter(([, group]) => group.length > 0)
  }

  /** A bucket in the same slice as another one, by a byte of a hash: with one slice, that byte. */
  bucketBeside(bucket: number, byte: number): number {
    const slices = this.all.length
    const slice = Math.floor((bucket * slices) / BUCKETS)
    const first = firstBucket(slice, slices)
    return first + Math.floor((byte * (firstBucket(slice + 1, slices) - first)) / BUCKETS)
  }

  /** Asks all of them at a time. */
  ask<U>(question: (one: T) => Promise<U>): Promise<U[]> {
    return Promise.all(this.all.map(question))
  }
}

/** The first rows of what slices have answered, each in this order. */
export const firstOf = <Row>(
  answers: readonly (readonly Row[])[],
  order: (a: Row, b: Row) => number,
  limit: number,
): Row[] => (answers.length === 1 ? (answers[0] as Row[]).slice(0, limit) : answers.flat().sort(order).slice(0, limit))

/** The first bucket of a slice. */
export const firstBucket = (slice: number, slices: number): number => Math.ceil((slice * BUCKETS) / slices)

/** The names of the schemas with the slices; none where the operator's schema has everything. */
export const sliceSchemas = (schema: string, slices: number): string[] =>
  slices === 1 ? [] : Array.from({ length: slices }, (_, slice) => `${schema}_s${slice + 1}`)

/** As a value of `search_path`. */
export const searchPath = (...schemas: string[]): string => schemas.map((name) => pg.escapeIdentifier(name)).join(', ')

/** The search path of each slice; null: as the connection has it. */
export const pathsOf = ({ schema = '', slices = [] }: Way): Sliced<string | null> =>
  new Sliced(slices.length === 0 ? [null] : slices.map((slice) => searchPath(slice, schema)))

export const settingPath = (path: string): pg.QueryConfig => ({
  text: `select set_config('search_path', $1, true)`,
  values: [path],
})

/**
 * Does something with all slices in one transaction. With Citus that is a transaction of several nodes, so it is for what is rare.
 * @param client sees the first one, before and after
 */
export async function overSlices<T>(
  client: Queryable,
  paths: Sliced<string | null>,
  work: (slices: Sliced<Queryable>) => Promise<T>,
): Promise<T> {
  let turn: Promise<unknown> = Promise.resolve()
  const through = (path: string | null): Queryable =>
    path === null
      ? client
      : {
          query<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
            const result = turn.then(async () => {
              await client.query(settingPath(path))
              return client.query<Row>(statement)
            })
            turn = result.catch(() => {})
            return result
          },
        }
  const result = await work(paths.map(through))
  if (paths.first !== null) await client.query(settingPath(paths.first))
  return result
}
