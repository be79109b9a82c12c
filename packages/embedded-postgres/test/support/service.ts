/**
 * A stand-in for the service in a process of its own: owns an embedded server until it gets SIGTERM or SIGINT.
 * Usage: service.ts <name> <data dir> [<folder of another copy of src>]. Prints a line of JSON for each thing that happens.
 */
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from '../../src/index.js'

const [, , name = '', dataDir = '', store] = process.argv
const source = store ? pathToFileURL(`${store}/index.ts`).href : '../../src/index.js'
const { startEmbeddedPostgres } = (await import(source)) as {
  startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres>
}
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

try {
  const { url, home, notice, stop } = await startEmbeddedPostgres({ name, dataDir, log: (message) => say({ message }) })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, async () => {
      // The server must still be there: the service has work to finish.
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      say({ stopping: signal, answer: (await client.query('SELECT 42 AS answer')).rows[0].answer })
      await client.end()
      await stop()
      process.exit()
    })
  }
  setInterval(() => {}, 60_000)
  say({ url, home, notice })
} catch (error) {
  const { name: kind, message } = error as Error
  say({ error: kind, message })
  process.exitCode = 1
}
