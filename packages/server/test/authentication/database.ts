import { createDatabase } from '@tract/testing/postgres'
import { Stored } from '@tract/testing/stored'
import pg from 'pg'

export interface Database {
  stored: Stored
  pool: pg.Pool
  /** A pool of its own, as another process has. */
  open(): pg.Pool
  close(): Promise<void>
}

/** A migrated database, with as many pools as there are processes in the test. */
export async function openDatabase(): Promise<Database> {
  const { url, drop } = await createDatabase()
  const pools: pg.Pool[] = []
  const open = () => {
    const pool = new pg.Pool({ connectionString: url })
    // A connection that a test cut.
    pool.on('error', () => {})
    pools.push(pool)
    return pool
  }
  const stored = new Stored(url)
  return {
    stored,
    pool: stored.pool,
    open,
    async close() {
      await Promise.all([stored.pool, ...pools].map((pool) => (pool.ended ? undefined : pool.end())))
      await drop()
    },
  }
}
