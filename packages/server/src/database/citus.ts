/**
 * A database with Citus. TRACT's tables are one distributed schema: all of them lie on one node, and so does every transaction.
 * Which node that is, and moving it, is Citus' own (`citus_schema_move`).
 *
 *   empty         the operator has made a schema, and it is first on the search path: Citus distributes none called `public`
 *   local         the first migrations have made the tables, as on any other database; some of them Citus could not take
 *   distributed   the start has handed the schema over to Citus; from then on each statement of a migration comes by itself
 *
 * A statement is planned by its parameters: for one that inserts, Citus refuses to plan without them. Nor does it take one that
 * inserts from a query and uses a parameter beside it, unless that is a CTE; a function that is not immutable in a `case`, a
 * `coalesce`, after `returning` or `on conflict`, such as the cast of an enum to text; a query among `values`.
 */
import type pg from 'pg'
import { SESSION } from './database.js'
import type { Way } from './ways.js'

/** Where a connection finds the tables. */
export async function tablesOf(client: pg.Client): Promise<Pick<Way, 'schema' | 'hasCitus'>> {
  const { rows } = await client.query<{ schema: string | null; hasCitus: boolean }>(
    `SELECT current_schema() AS schema, EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS "hasCitus"`,
  )
  const { schema = null, hasCitus = false } = rows[0] ?? {}
  return { hasCitus, ...(schema !== null && { schema }) }
}

export interface CitusSchema {
  schema: string | undefined
  isDistributed: boolean
}

/** Null: the database has no Citus. */
export async function citusSchemaOf(client: pg.Client): Promise<CitusSchema | null> {
  const { schema, hasCitus } = await tablesOf(client)
  if (!hasCitus) return null
  const distributed = await client.query(
    'SELECT FROM pg_dist_schema WHERE schemaid = to_regnamespace(quote_ident($1))',
    [schema],
  )
  return { schema, isDistributed: distributed.rows.length > 0 }
}

/** Of the settings of a session, those by which a node plans: in the order of keys, so that rows are locked in that order. */
const OF_NODES = ['jit', 'enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']

/** What the operator has to set up before the tables can be made there, in words; null: nothing. */
export async function lackOfCitus(client: pg.Client, { schema }: CitusSchema): Promise<string | null> {
  const { rows } = await client.query(
    `SELECT 'alter role ' || quote_ident(current_user) || ' in database ' || quote_ident(current_database()) AS alter,
      quote_ident(current_user) AS role`,
  )
  const [{ alter, role }] = rows
  const isIn = schema !== undefined && schema !== 'public'
  const lacking = [
    ...(isIn ? [] : [`create schema tract authorization ${role};`, `${alter} set search_path = tract;`]),
    ...(await otherwiseOnNodes(client)).map((name) => `${alter} set ${name} = '${SESSION[name]}';`),
  ]
  if (lacking.length === 0) return null
  return (
    'The database has Citus, which distributes no schema called public, and passes no settings of a session on to its nodes. ' +
    `Set this up once:\n  ${lacking.join('\n  ')}`
  )
}

/** Settings that some node has otherwise than a session here. */
async function otherwiseOnNodes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ result: string }>('SELECT result FROM run_command_on_all_nodes($1)', [
    `select json_object_agg(name, current_setting(name)) from unnest('{${OF_NODES}}'::text[]) name`,
  ])
  const nodes = rows.map(({ result }) => JSON.parse(result))
  return OF_NODES.filter((name) => nodes.some((node) => node[name] !== SESSION[name]))
}

export async function distribute(client: pg.Client, { schema }: CitusSchema): Promise<void> {
  await client.query('SELECT citus_schema_distribute(quote_ident($1)::regnamespace)', [schema])
}

/** What a text of SQL is made of: strings, names and comments as they stand, so that a semicolon by itself ends a statement. */
const PIECES = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|;|[^'"$;\-/]+|[\s\S]/g

/** The statements of a migration. Citus hands a text with several on as a whole, which its nodes refuse. */
export function statementsOf(sql: string): string[] {
  const statements = ['']
  for (const [piece] of sql.matchAll(PIECES))
    if (piece === ';') statements.push('')
    else if (!/^(--|\/\*)/.test(piece)) statements.push(statements.pop() + piece)
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== '')
}
