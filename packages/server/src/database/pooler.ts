/** What a start finds out of a pooler in transaction mode, such as PgBouncer, and tells of it. */
import { randomBytes } from 'node:crypto'
import type { ServiceClient } from './connections.js'
import { sessionOn } from './database.js'
import type { Way } from './ways.js'

/**
 * Whether the pooler keeps the prepared statements of its clients apart (PgBouncer from 1.21 on, unless
 * `max_prepared_statements` is 0): then the server has them under names of the pooler's own.
 */
export async function knowsStatements(client: ServiceClient): Promise<boolean> {
  const name = `tract_${randomBytes(8).toString('hex')}`
  // in a transaction, or the pooler may ask another server for the second
  await client.query('begin')
  try {
    await client.queryNamed({ name, text: 'select 1' })
    const { rows } = await client.query('select from pg_prepared_statements where name = $1', [name])
    if (rows.length > 0) await client.query(`deallocate ${name}`)
    return rows.length === 0
  } finally {
    await client.query('rollback')
  }
}

/** Sentences for the operator: what there is to be set up, since the service cannot do it through a pooler. */
export async function lacksOfPooler(client: ServiceClient, way: Way, hasDirectUrl: boolean): Promise<string[]> {
  const session = sessionOn(way)
  const names = Object.keys(session)
  const { rows } = await client.query<{ name: string; value: string; role: string; database: string }>(
    `select name, current_setting(name) as value, quote_ident(current_user) as role,
      quote_ident(current_database()) as database from unnest($1::text[]) name`,
    [names],
  )
  const missing = rows.filter(({ name, value }) => value !== session[name])
  const lacks: string[] = []
  const [first] = missing
  if (first) {
    const statements = missing.map(
      ({ name }) => `alter role ${first.role} in database ${first.database} set ${name} = '${session[name]}';`,
    )
    lacks.push(
      `The database is behind a pooler, where the service sets nothing by session. Set this once, for plans that stay good:\n  ${statements.join('\n  ')}`,
    )
  }
  if (!hasDirectUrl)
    lacks.push(
      'The database is behind a pooler, which carries no notifications: what other processes accept is found by looking for it, later. DATABASE_DIRECT_URL, to the server itself, mends that.',
    )
  return lacks
}
