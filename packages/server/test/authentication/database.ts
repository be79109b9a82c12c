import { createDatabase } from '@tract/testing/postgres'
import pg from 'pg'

export interface Database {
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
  return {
    pool: open(),
    open,
    async close() {
      await Promise.all(pools.map((pool) => (pool.ended ? undefined : pool.end())))
      await drop()
    },
  }
}
