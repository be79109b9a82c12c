/** The embedded PostgreSQL and its owner in a process of its own. Argument: the data folder. */
import { startEmbeddedPostgres } from '../../../packages/embedded-postgres/src/index.js'
import type { DatabaseReport } from './orders.js'

const report = (what: DatabaseReport) => process.send?.(what)
const [, , dataDir = ''] = process.argv

try {
  const { url, home, stop } = await startEmbeddedPostgres({
    name: 'tract',
    dataDir,
    log: (message) => report({ kind: 'log', message }),
  })
  process.on('SIGTERM', () => void stop().then(() => process.exit(0)))
  process.on('SIGINT', () => {})
  // The watchdog stops the server when this process is gone.
  process.on('disconnect', () => process.exit(1))
  report({ kind: 'started', url, home })
} catch (error) {
  report({ kind: 'failed', error: String(error) })
  process.exit(1)
}
