/**
 * A database with Citus. TRACT's tables are one distributed schema: all of them lie on one node, and so does every transaction. With
 * several slices (`slices.ts`), each is one. Which node that is, and moving it, is Citus' own (`citus_schema_move`).
 *
 *   empty         the operator has made a schema, and it is first on the search path: Citus distributes none called `public`
 *   local         the first migrations have made the tables, as on any other database; some of them Citus could not take
 *   distributed   the start has handed the schema over to Citus; from then on each statement of a migration comes by itself
 *
 * A statement is planned by its parameters: for one that inserts, Citus refuses to plan without them. Nor does it take one that
 * inserts from a query and uses a parameter beside it, unless that is a CTE; a function that is not immutable in a `case`, a
 * `coalesce`, after `returning` or `on conflict`, such as the cast of an enum to text; a query among `values`. An insert of rows that
 * come from no table goes by way of the coordinator, and of all nodes (`IN_SLICE`).
 */
import type pg from 'pg'
import { SESSION } from './database.js'
import type { Layout } from './migrations/layout.js'
import { searchPath } from './slices.js'
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
  /** Empty: there is none. */
  schema: string
  isDistributed: boolean
  /** Schemas of slices that are to be made, and may not be. */
  lacking: readonly string[]
}

/** Null: the database has no Citus. */
export async function citusSchemaOf(client: pg.Client, { schema, slices }: Layout): Promise<CitusSchema | null> {
  const { hasCitus } = await tablesOf(client)
  if (!hasCitus) return null
  const { rows } = await client.query<Pick<CitusSchema, 'isDistributed' | 'lacking'>>(
    `SELECT EXISTS (SELECT FROM pg_dist_schema WHERE schemaid = to_regnamespace(quote_ident($1))) AS "isDistributed",
      array(SELECT name FROM unnest($2::text[]) name WHERE to_regnamespace(quote_ident(name)) IS NULL
        AND NOT has_database_privilege(current_database(), 'CREATE')) AS lacking`,
    [slices[0] ?? schema, slices],
  )
  const [{ isDistributed, lacking } = { isDistributed: false, lacking: [] }] = rows
  return { schema, isDistributed, lacking }
}

/** Of the settings of a session, those by which a node plans: in the order of keys, so that rows are locked in that order. */
const OF_NODES = ['jit', 'enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']

/** What the operator has to set up before the tables can be made there, in words; null: nothing. */
export async function lackOfCitus(client: pg.Client, { schema, lacking: slices }: CitusSchema): Promise<string | null> {
  const { rows } = await client.query(
    `SELECT 'alter role ' || quote_ident(current_user) || ' in database ' || quote_ident(current_database()) AS alter,
      quote_ident(current_user) AS role`,
  )
  const [{ alter, role }] = rows
  const isIn = schema !== '' && schema !== 'public'
  const lacking = [
    ...(isIn ? [] : [`create schema tract authorization ${role};`, `${alter} set search_path = tract;`]),
    ...slices.map((name) => `create schema ${searchPath(name)} authorization ${role};`),
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

/**
 * Hands over what Citus has not got yet. Slices go to the nodes in turn. Beside several, each node has a copy of what belongs to
 * organisations, so that a transaction on a user's data stays on one node.
 */
export async function distribute(client: pg.Client, { schema }: CitusSchema, { slices }: Layout): Promise<void> {
  await client.query(
    `SELECT citus_schema_distribute(name::regnamespace) FROM (
        SELECT quote_ident(name) AS name FROM unnest($1::text[]) WITH ORDINALITY AS s(name, place) ORDER BY place
      ) s WHERE name::regnamespace NOT IN (SELECT schemaid FROM pg_dist_schema)`,
    [slices.length > 0 ? slices : [schema]],
  )
  if (slices.length === 0) return
  const { rows } = await client.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class c WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind = 'r'
      AND relname <> ALL($2) AND oid NOT IN (SELECT logicalrelid FROM pg_dist_partition WHERE repmodel = 't')
      -- first those that others refer to
      ORDER BY EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'), relname`,
    [schema, ON_ONE_NODE],
  )
  for (const { name } of rows) await client.query('SELECT create_reference_table($1)', [name])
}

/**
 * Of what belongs to no user, what is no node's but the coordinator's: it changes all the time, or also while a node is away, and no
 * statement writes to it together with what is in a slice.
 */
const ON_ONE_NODE = [
  '_prisma_migrations',
  'availability',
  'hook_streams',
  'instance',
  'open_breakers',
  'revoked_tokens',
  'signing_keys',
  'stream_attempts',
  'used_assertions',
  'write_probes',
]

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
