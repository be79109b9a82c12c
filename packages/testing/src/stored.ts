/** What a service has stored, read and changed past its API: for what no operation says. */
import pg from 'pg'
import { Lock } from './lock.js'
import { until } from './until.js'

/** What the processes of the service tell each other of themselves, with calls or without, and what they write a while after a call. */
const ALIVE = ['buckets', 'dispatchers', 'message_words']

/** By column: what the rows have that are meant (a list: one of it), or what they get. */
type Columns = Record<string, unknown>

export const ago = (seconds: number): Date => new Date(Date.now() - 1000 * seconds)

export class Stored {
  /** For what has to be said in SQL. It connects with the first statement. */
  readonly pool: pg.Pool

  constructor(databaseUrl: string) {
    this.pool = new pg.Pool({ connectionString: databaseUrl })
    // of a connection that a test cut
    this.pool.on('error', () => {})
  }

  // biome-ignore lint/suspicious/noExplicitAny: rows of every table
  async rows(table: string, where: Columns = {}, orderBy?: string): Promise<any[]> {
    const order = orderBy === undefined ? '' : `order by ${orderBy}`
    return (await this.pool.query(`select * from ${table} where ${conditions(where)} ${order}`, Object.values(where)))
      .rows
  }

  async row(table: string, where: Columns = {}) {
    return (await this.rows(table, where))[0]
  }

  async count(table: string, where: Columns = {}): Promise<number> {
    const text = `select count(*)::int as count from ${table} where ${conditions(where)}`
    return (await this.pool.query(text, Object.values(where))).rows[0].count
  }

  async insert(table: string, row: Columns): Promise<void> {
    const columns = Object.keys(row)
    const text = `insert into ${table} (${columns}) values (${columns.map((_, index) => `$${index + 1}`)})`
    await this.pool.query(text, Object.values(row))
  }

  /** @returns how many rows it was */
  async change(table: string, columns: Columns, where: Columns = {}): Promise<number> {
    const set = Object.keys(columns).map((column, index) => `${column} = $${index + 1}`)
    const text = `update ${table} set ${set} where ${conditions(where, set.length)}`
    return (await this.pool.query(text, [...Object.values(columns), ...Object.values(where)])).rowCount as number
  }

  async remove(table: string, where: Columns = {}): Promise<void> {
    await this.pool.query(`delete from ${table} where ${conditions(where)}`, Object.values(where))
  }

  async empty(...tables: string[]): Promise<void> {
    await this.pool.query(`truncate ${tables}`)
  }

  /** As if that much more time had gone by since what these columns say. */
  async age(seconds: number, table: string, columns: string[], where: Columns = {}): Promise<void> {
    const set = columns.map((column) => `${column} = ${column} - $1 * interval '1 s'`)
    await this.pool.query(`update ${table} set ${set} where ${conditions(where, 1)}`, [
      seconds,
      ...Object.values(where),
    ])
  }

  /** As if the attempts at all that was to be delivered about a user had been so much earlier. */
  async ageAttempts(seconds: number, user: { organisation_id: string; user_id: string }): Promise<void> {
    const delivery_id = (await this.rows('deliveries', user)).map(({ id }) => id)
    await this.age(seconds, 'deliveries', ['tried_at'], user)
    await this.age(seconds, 'attempts', ['started_at'], { delivery_id })
  }

  /** Waits for the end of all deliveries to these lanes, but for those to one listener, whose hooks take none. */
  async delivered(where: Columns = {}, except = ''): Promise<void> {
    const text = `select from lanes where ((head < tail and listener <> $1) or lease is not null) and ${conditions(where, 1)}`
    const values = [except, ...Object.values(where)]
    await until(async () => (await this.pool.query(text, values)).rowCount === 0, 'the end of all deliveries')
  }

  /** Locks these rows, or else the whole table. */
  lock(table: string, where?: Columns): Promise<Lock> {
    const text = where ? `select from ${table} where ${conditions(where)} for update` : `lock table ${table}`
    return Lock.hold(this.pool, text, Object.values(where ?? {}))
  }

  /**
   * A digest of every row of every table, or of those of one organisation. Two that are equal mean that nothing was stored, changed or
   * removed in between.
   */
  async digest(organisation?: string): Promise<Record<string, string>> {
    const { rows: tables } = await this.pool.query<{ name: string; key: string | null }>(
      `select c.relname as name, max(a.attname::text) filter (
          where a.attname = 'organisation_id' or (c.relname = 'organisations' and a.attname = 'id')) as key
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> all($1) group by c.relname order by c.relname`,
      [ALIVE],
    )
    const digests = tables
      .filter(({ key }) => organisation === undefined || key !== null)
      .map(
        ({ name, key }) => `select '${name}' as name,
          count(*) || ' rows ' || coalesce(md5(string_agg(t::text, '' order by t::text)), '') as digest
        from "${name}" t ${organisation === undefined ? '' : `where "${key}" = '${organisation}'`}`,
      )
    const { rows } = await this.pool.query<{ name: string; digest: string }>(digests.join(' union all '))
    return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]))
  }

  close(): Promise<void> {
    return this.pool.end()
  }
}

const conditions = (where: Columns, before = 0): string =>
  Object.entries(where)
    .map(([column, value], index) => {
      const parameter = `$${before + index + 1}`
      return Array.isArray(value) ? `${column} = any(${parameter})` : `${column} is not distinct from ${parameter}`
    })
    .join(' and ') || 'true'
