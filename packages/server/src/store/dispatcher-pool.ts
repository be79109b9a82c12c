import type pg from 'pg'
import { openPool } from './database.js'

/** Claiming, writing results, renewing and polling at once, and one to spare. */
const CONNECTIONS = 8

/**
 * Statements here find rows by key, whatever the statistics of young tables say; planning them anew would cost more than running them. A
 * result that is lost with the database's last moments before a crash is an attempt repeated, so nobody waits for the disk.
 */
const SETTINGS = `set synchronous_commit = off; set plan_cache_mode = force_generic_plan;
  set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off`

/** The dispatcher's own connections. */
export function openDispatcherPool(connection: pg.PoolConfig, onError: (error: Error) => void): pg.Pool {
  // The pool waits for what this returns.
  const onConnect = (client: pg.ClientBase) => client.query(SETTINGS)
  return openPool({ ...connection, max: CONNECTIONS, onConnect }, onError)
}
