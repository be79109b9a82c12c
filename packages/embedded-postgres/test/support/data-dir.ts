/** For tests of the embedded server itself: a data dir for each test, and a stop of all that was started on it. */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import pg from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/index.js'
import { NAME, type Service, startService } from './processes.js'

export { NAME }

/** What `useDataDir` makes for each test. */
export const here = { folder: '', dataDir: '', said: [] as string[] }

/** A home as a first start leaves it: most tests begin with a copy, since initdb takes a second. */
let made: string
const servers: EmbeddedPostgres[] = []
const services: Service[] = []

export function useDataDir(): void {
  beforeAll(async () => {
    made = join(tmpdir(), `embedded-postgres-${randomUUID()}`)
    const { stop } = await startEmbeddedPostgres({ name: NAME, dataDir: made, log: () => {} })
    await stop()
  })

  afterAll(() => rmSync(made, { recursive: true }))

  beforeEach(() => {
    here.folder = realpathSync(mkdtempSync(join(tmpdir(), 'embedded-postgres-')))
    // When root runs the tests, PostgreSQL's account must get in.
    chmodSync(here.folder, 0o711)
    here.dataDir = join(here.folder, 'data-dir')
    here.said = []
  })

  afterEach(async () => {
    for (const service of services.splice(0)) {
      service.child.kill('SIGKILL')
      await service.exited
    }
    for (const server of servers.splice(0)) await server.stop()
    rmSync(here.folder, { recursive: true, force: true })
  })
}

/** Gives the data dir an empty database. */
export function furnish(dataDir = here.dataDir): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 })
  // cp and not cpSync: it keeps owners.
  execFileSync('cp', ['-a', join(made, 'postgres'), dataDir])
}

/** A server of this process. */
export async function start(dataDir = here.dataDir): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ name: NAME, dataDir, log: (message) => here.said.push(message) })
  servers.push(server)
  return server
}

/** A server of another process. */
export function serve(...args: Parameters<typeof startService>): Service {
  const service = startService(...args)
  services.push(service)
  return service
}

export async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Commits a thousand rows, which `kept` counts. */
export const insertRows = (url: string) =>
  query(url, 'CREATE TABLE kept (x int); INSERT INTO kept SELECT generate_series(1, 1000)')

export const kept = async (url: string) => Number((await query(url, 'SELECT count(*) FROM kept'))[0]?.count)

export async function refusal(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.catch((error: Error) => error)
  if (outcome instanceof Error) return outcome
  throw new Error('it went through')
}
