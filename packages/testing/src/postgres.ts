/** A database for a suite, on the server that the global setup started (postgres-server.ts). */
import { randomBytes } from 'node:crypto'
import { execute, withDatabase } from './postgres-server.js'

export interface TestDatabase {
  /** For `pg` and for the service (DATABASE_URL). */
  url: string
  /** Cuts the connections that are still open. */
  drop(): Promise<void>
}

/** A migrated database of one's own, a copy of the template: some 30 ms. */
export const createDatabase = (): Promise<TestDatabase> => copy(shared().template)

/** A database without a table. */
export const createEmptyDatabase = (): Promise<TestDatabase> => copy('template0')

async function copy(template: string): Promise<TestDatabase> {
  const { url } = shared()
  const name = `test_${randomBytes(8).toString('hex')}`
  await execute(url, `CREATE DATABASE ${name} TEMPLATE ${template}`)
  return {
    url: withDatabase(url, name),
    drop: () => execute(url, `DROP DATABASE ${name} WITH (FORCE)`),
  }
}

function shared(): { url: string; template: string } {
  const given = process.env.TRACT_TEST_POSTGRES
  if (!given) throw new Error('no PostgreSQL server for the tests: jest.config.mjs starts one in its globalSetup')
  return JSON.parse(given)
}
