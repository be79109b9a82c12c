/**
 * A dispatcher as a process of its own, to be killed; its number stands in `user-agent`. Arguments: database URL, hook URL. Says `ready` when
 * it works, then which deliveries it lost.
 */
import { Dispatcher } from '../../src/deliver/dispatcher.js'
import { openDispatcherPool } from '../../src/deliver/dispatcher-pool.js'
import { Sender } from '../../src/deliver/send/sender.js'
import { Wakeups } from '../../src/lanes/wakeups.js'
import { LOOPBACK, QUICK, SHORT_LEASE, SHORT_TIMEOUT_MS } from './quick-settings.js'

const [databaseUrl = '', url = ''] = process.argv.slice(2)
const hook = { id: 'hook', url, status: 'active' as const, secrets: [Buffer.from('secret')] }
const db = openDispatcherPool({ connectionString: databaseUrl }, () => {})
const dispatcher = new Dispatcher({
  db,
  wakeups: new Wakeups(db, () => {}),
  hooks: { find: async () => hook },
  sender: new Sender({ version: String(process.pid), egress: LOOPBACK, timeoutMs: SHORT_TIMEOUT_MS }),
  settings: { ...QUICK, ...SHORT_LEASE },
  log: { warn: (details, message) => console.log(JSON.stringify({ ...details, message })), error: console.error },
})
await dispatcher.start()
console.log('ready')
