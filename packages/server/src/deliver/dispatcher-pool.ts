import type pg from 'pg'
import { openPool } from '../database/database.js'

/** Claiming, writing results, renewing and polling at once, and one to spare. */
const CONNECTIONS = 8

/** The dispatcher's own connections. A result that a crash of the database loses is an attempt repeated, so nobody waits for the disk. */
export function openDispatcherPool(connection: pg.PoolConfig, onError: (error: Error) => void): pg.Pool {
  return openPool({ ...connection, max: CONNECTIONS, asynchronousCommit: true }, onError)
}
