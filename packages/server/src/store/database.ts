import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

const DEADLOCK = '40P01'
const SERIALIZATION_FAILURE = '40001'
const ATTEMPTS = 5

// integer columns are int4 throughout; int8 comes only from count(*), which fits a number
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/**
 * Hot statements find rows by key, whatever the statistics of young tables say, and planning them anew would cost more than running them.
 * What goes through whole tables on purpose still can: a scan is made to look expensive, not forbidden.
 */
const PLAN_BY_KEY = `set plan_cache_mode = force_generic_plan;
  set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off`

/** A process that stands still, or a machine that is gone, in the middle of a transaction holds its users' threads no longer than this. */
const LET_GO = `set idle_in_transaction_session_timeout = '5s'`

/** A database that says nothing for so long is gone, and its connection with it: a network that fails silently tells nobody. */
const NO_ANSWER_AFTER_MS = 10_000
const NO_ANSWER = 'Query read timeout'

export interface PoolOptions extends pg.PoolConfig {
  /** Commits don't wait for the disk: the last moments before a crash of the database may be lost. */
  asynchronousCommit?: boolean
}

export function openPool(
  { asynchronousCommit = false, ...connection }: PoolOptions,
  onError: (error: Error) => void,
): pg.Pool {
  const settings = [PLAN_BY_KEY, LET_GO, ...(asynchronousCommit ? ['set synchronous_commit = off'] : [])].join('; ')
  const pool = new pg.Pool({
    max: 20,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    query_timeout: NO_ANSWER_AFTER_MS,
    // the pool waits for what this returns
    onConnect: (client) => client.query(settings),
    ...connection,
  })
  pool.on('error', onError)
  // The pool listens to idle connections only. One that is lost between two statements of a transaction fails the next one; unheard, it
  // would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/**
 * Runs `work` in one transaction and repeats it when the database broke a deadlock, so `work` must have no effect outside of the
 * transaction. Whatever else it throws rolls everything back.
 */
export async function transaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      await client.query('begin')
      const result = await work(client)
      await client.query('commit')
      return result
    } catch (error) {
      // who does not answer would not answer to that either
      if ((error as Error).message === NO_ANSWER) broken = error as Error
      else
        await client.query('rollback').catch((failure: Error) => {
          broken = failure
        })
      const code = (error as { code?: unknown }).code
      if ((code !== DEADLOCK && code !== SERIALIZATION_FAILURE) || attempt === ATTEMPTS) throw error
      await sleep(attempt * 10)
    } finally {
      client.release(broken)
    }
  }
}

/** What Prisma's driver adapter makes of an error. */
interface AdapterCause {
  kind?: unknown
  originalCode?: unknown
  originalMessage?: unknown
}

/** What the driver said, also where Prisma passed it on in an error of its own, or let it through as the adapter's. */
interface DriverError {
  code?: unknown
  message?: unknown
  cause?: AdapterCause
  meta?: { driverAdapterError?: { cause?: AdapterCause } }
}

// classes 08 connection, 53 out of resources, 57P operator intervention; a transaction that stood still for too long; a database that is
// not there, or takes no connections
const UNAVAILABLE_STATE = /^(08|53|57P)|^(25P03|3D000|55000)$/
const UNAVAILABLE_SOCKET = /^E(CONN|PIPE|TIMEDOUT|NOENT|HOST|NET|AI_)/
// of Prisma: cannot reach the server, no connection in time
const UNAVAILABLE_PRISMA = /^P(10\d\d|2024|2028|2037)$/
const UNAVAILABLE_KIND = /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections)$/
// the last: the service is stopping, and whoever called has hung up, or would have been answered before
const UNAVAILABLE_MESSAGE =
  /Query read timeout|Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Cannot use a pool after calling end/

/** Is the database out of reach or out of room, so that the same call can succeed later? */
export function isUnavailable(error: unknown): boolean {
  const { code, message, meta, cause = meta?.driverAdapterError?.cause } = error as DriverError
  const said = (text: unknown, ...patterns: RegExp[]) =>
    typeof text === 'string' && patterns.some((pattern) => pattern.test(text))
  return (
    said(code, UNAVAILABLE_STATE, UNAVAILABLE_SOCKET, UNAVAILABLE_PRISMA) ||
    said(cause?.kind, UNAVAILABLE_KIND) ||
    said(cause?.originalCode, UNAVAILABLE_STATE) ||
    said(cause?.originalMessage, UNAVAILABLE_MESSAGE) ||
    said(message, UNAVAILABLE_MESSAGE)
  )
}
