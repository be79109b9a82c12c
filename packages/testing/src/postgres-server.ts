/**
 * One PostgreSQL server for the whole run, with a migrated database as the template of every suite's own (postgres.ts).
 * TRACT_TEST_DATABASE_URL names another server to run the tests on; the role must be allowed to create databases.
 */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../embedded-postgres/src/index.js'
import { migrate } from '../../server/src/database/migrations/migrate.js'

const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url))

/** Starts the server, and tells the suites about it by the environment, which Jest hands on to its workers. */
export async function startServer(): Promise<void> {
  const server = process.env.TRACT_TEST_DATABASE_URL
    ? { url: process.env.TRACT_TEST_DATABASE_URL, stop: async () => {} }
    : await startEmbedded()
  if (!process.env.TRACT_TEST_DATABASE_URL) await withoutDisk(server.url)
  const template = `tract_template_${process.pid}`
  await execute(server.url, `CREATE DATABASE ${template}`)
  await migrate({ connectionString: withDatabase(server.url, template) }, MIGRATIONS)
  process.env.TRACT_TEST_POSTGRES = JSON.stringify({ url: server.url, template })

  const stop = async () => {
    await execute(server.url, `DROP DATABASE ${template}`)
    await server.stop()
  }
  Object.assign(globalThis, { [Symbol.for('tract.test.postgres')]: stop })
}

/** Nothing of it outlives the run: it need not wait for the disk. */
async function withoutDisk(url: string): Promise<void> {
  for (const setting of ['fsync', 'full_page_writes']) await execute(url, `alter system set ${setting} = off`)
  await execute(url, 'select pg_reload_conf()')
}

/** A server without data, of which nothing is left when it has stopped. */
export async function startEmbedded(): Promise<{ url: string; stop(): Promise<void> }> {
  // Made by the server, so that it can be reached when the tests run as root.
  const dataDir = join(tmpdir(), `tract-test-${randomUUID()}`)
  const server = await startEmbeddedPostgres({ name: 'tract', dataDir, log: console.error })
  const stop = async () => {
    await server.stop()
    rmSync(server.home, { recursive: true, force: true })
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { url: server.url, stop }
}

export function withDatabase(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.toString()
}

export async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
