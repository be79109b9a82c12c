/** Removes history in a process of its own, to be killed: it does not come to the end. Arguments: database URL, milliseconds to keep. */
import type { QueryConfig } from 'pg'
import type { Queryable } from '../../src/database/queryable.js'
import { openDispatcherPool } from '../../src/deliver/dispatcher-pool.js'
import { ALL_BUCKETS } from '../../src/lanes/delivery-places.js'
import { RETENTION_SETTINGS, Retention } from '../../src/upkeep/retention.js'

/** Of some hundreds: some history is gone by then, and some is not. */
const MOST_STEPS = 40

const [databaseUrl = '', keep = ''] = process.argv.slice(2)
const pool = openDispatcherPool({ connectionString: databaseUrl }, () => {})
let steps = 0
const db = {
  query: (statement: QueryConfig) =>
    statement.name === 'prune_deliveries' && ++steps > MOST_STEPS ? new Promise(() => {}) : pool.query(statement),
} as Queryable
new Retention({
  db,
  pool,
  buckets: () => new Set(ALL_BUCKETS),
  settings: { ...RETENTION_SETTINGS, keep: Number(keep), look: 1, rows: 5, users: 5 },
  onError: () => {},
}).start()
