import type { ServicePool } from '../database/connections.js'
import { openPool, type PoolOptions } from '../database/database.js'

/** For a claim, two writes of results, a renewal, a poll, a round of sharing, a read, and one to spare. */
const CONNECTIONS = 8

/** The dispatcher's own connections. No write waits for the disk: a result lost in a crash is an attempt repeated. */
export function openDispatcherPool(way: PoolOptions, onError: (error: Error) => void, max = CONNECTIONS): ServicePool {
  return openPool({ ...way, name: 'delivery', max, asynchronousCommit: true }, onError)
}
