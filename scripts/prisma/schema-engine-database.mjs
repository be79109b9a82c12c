/** The schema engine's work outside its database: find, create and drop it. */
import pg from 'pg'

const quoted = (name) => `"${name.replaceAll('"', '""')}"`
const databaseOf = (url) => decodeURIComponent(new URL(url).pathname.slice(1))

/** The same server's other database; what the query string says stays. */
export function withDatabase(url, database) {
  const other = new URL(url)
  other.pathname = `/${encodeURIComponent(database)}`
  return other.toString()
}

/** Runs one statement on a connection of its own. */
export async function execute(url, statement) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

const fromOutside = (url, statement) => execute(withDatabase(url, 'postgres'), statement)

export async function createDatabase(url) {
  const databaseName = databaseOf(url)
  await fromOutside(url, `CREATE DATABASE ${quoted(databaseName)}`)
  return { databaseName }
}

export const commands = {
  'can-connect-to-database': (url) => execute(url, 'SELECT 1'),
  'create-database': createDatabase,
  'drop-database': (url) => fromOutside(url, `DROP DATABASE ${quoted(databaseOf(url))}`),
}

/** Prisma's code for a failed connection: the CLI offers to create a database after P1003 only. */
export function errorCode(error) {
  if (error.code === '3D000') return 'P1003'
  return error.code === '28P01' || error.code === '28000' ? 'P1000' : 'P1001'
}
