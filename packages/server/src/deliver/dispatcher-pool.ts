import type pg from 'pg'
import { openPool } from '../database/database.js'

/** For a claim, two writes of results, a renewal, a poll, a round of sharing, a read, and one to spare. */
const CONNECTIONS = 8

/** The dispatcher's own connections. No write waits for the disk: a result lost in a crash is an attempt repeated. */
export function openDispatcherPool(connection: pg.PoolConfig, onError: (error: Error) => void): pg.Pool {
  return openPool({ ...connection, name: 'delivery', max: CONNECTIONS, asynchronousCommit: true }, onError)
}
