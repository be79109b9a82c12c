/** The embedded PostgreSQL and its owner in a process of its own. Argument: the data folder. */
import { startEmbeddedPostgres } from '../../../packages/embedded-postgres/src/index.js'
import type { DatabaseReport } from './orders.js'

const [, , dataDir = ''] = process.argv

const { url, home, stop } = await startEmbeddedPostgres({ name: 'tract', dataDir, log: console.log })
process.on('SIGTERM', () => void stop().then(() => process.exit(0)))
process.on('SIGINT', () => {})
// The watchdog stops the server when this process is gone.
process.on('disconnect', () => process.exit(1))
process.send?.({ kind: 'started', url, home } satisfies DatabaseReport)
