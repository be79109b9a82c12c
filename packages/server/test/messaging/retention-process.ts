/** Removes history in a process of its own, to be killed. Arguments: database URL, milliseconds to keep. */
import { RETENTION_SETTINGS, Retention } from '../../src/messaging/retention.js'
import { ALL_BUCKETS } from '../../src/store/deliveries.js'
import { openDispatcherPool } from '../../src/store/dispatcher-pool.js'

const [databaseUrl = '', keep = ''] = process.argv.slice(2)
new Retention({
  db: openDispatcherPool({ connectionString: databaseUrl }, () => {}),
  buckets: () => new Set(ALL_BUCKETS),
  settings: { ...RETENTION_SETTINGS, keep: Number(keep), look: 1, rows: 5, users: 5 },
  onError: () => {},
}).start()
