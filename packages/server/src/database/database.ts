import { setTimeout as sleep } from 'node:timers/promises'
import { parseJson } from '@tract/contract'
import pg from 'pg'
import { connectOnce, type ServiceClient, ServicePool, type SessionSettings } from './connections.js'
import type { Queryable } from './queryable.js'
import type { Way } from './ways.js'

const DEADLOCK = '40P01'
const SERIALIZATION_FAILURE = '40001'
const ATTEMPTS = 5

// integer columns are int4 throughout; int8 comes only from count(*), which fits a number
pg.types.setTypeParser(pg.types.builtins.INT8, Number)
// what is only passed on keeps its digits
for (const type of [pg.types.builtins.JSON, pg.types.builtins.JSONB]) pg.types.setTypeParser(type, parseJson)

/** Queries are never compiled: the planner would, for what BY_KEY makes look expensive, and that takes longer than running it. */
const NEVER_COMPILED: SessionSettings = { jit: 'off' }

/**
 * Hot statements are planned once, because planning costs more than running them, and find rows by key, also while
 * tables have no statistics. A statement that has to scan a table still can. A process that hangs in the middle of a
 * transaction, or whose machine is gone, does not hold its threads for long.
 */
export const SESSION: SessionSettings = {
  ...NEVER_COMPILED,
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  idle_in_transaction_session_timeout: '5s',
}

/** With Citus, a plan may depend on the parameters: without them, it cannot make one of every statement. */
export const sessionOn = ({ hasCitus = false }: Way): SessionSettings =>
  hasCitus ? { ...SESSION, plan_cache_mode: 'auto' } : SESSION

/** Of `timeoutMs`, where the way does not say it. */
const TIMEOUT_MS = 10_000

const NO_ANSWER = 'Query read timeout'

export interface PoolOptions extends pg.PoolConfig, Way {
  /** What `pg_stat_activity` shows as its connections' application, unless the operator's URL names one. */
  name?: string
  /** The search path of its connections, other than the operator's. */
  path?: string | null
  /** Commits do not wait for the disk, so a crash of the database may lose the last ones. Through a pooler, they wait. */
  asynchronousCommit?: boolean
}

export function openPool(
  { name = 'api', path = null, asynchronousCommit = false, timeoutMs = TIMEOUT_MS, ...way }: PoolOptions,
  onError: (error: Error) => void,
): ServicePool {
  const half = timeoutMs / 2
  const session = {
    ...sessionOn(way),
    idle_in_transaction_session_timeout: `${half}ms`,
    ...(path !== null && { search_path: path }),
  }
  const pool = new ServicePool({
    connectionTimeoutMillis: half,
    keepAlive: true,
    query_timeout: timeoutMs,
    session: asynchronousCommit ? { ...session, synchronous_commit: 'off' } : session,
    fallback_application_name: `tract ${name}`,
    ...way,
  })
  pool.on('error', onError)
  // The pool handles errors of idle connections only. An unhandled one between two statements of a transaction would
  // end the process; the next statement fails anyway.
  pool.on('connect', (client) => client.on('error', () => {}))
  // A connection that comes back in the middle of a transaction is closed, or the next user would get the transaction.
  pool.on('release', (_error, client) => {
    const { leadsNowhere } = client as unknown as ServiceClient
    if (leadsNowhere || client.getTransactionStatus() !== 'I') void client.end().catch(() => {})
  })
  return pool
}

/**
 * A connection outside of the pools, without a limit in time. The caller ends it.
 * @param name as that of a pool
 * @param onFailure told of each host to which there is no connection
 */
export function connectAlone(
  way: Way,
  name = 'start',
  onFailure?: (place: pg.ClientConfig, error: unknown) => void,
): Promise<ServiceClient> {
  const given = { keepAlive: true, ...way, session: NEVER_COMPILED, fallback_application_name: `tract ${name}` }
  return connectOnce(given, onFailure)
}

/**
 * The connection of a transaction. A statement after the end would run outside of the transaction, so it is refused.
 */
class TransactionConnection implements Queryable {
  #client: pg.ClientBase | null

  constructor(client: pg.ClientBase) {
    this.#client = client
  }

  query<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    if (this.#client === null) return Promise.reject(new TransactionEndedError())
    return this.#client.query<Row>(statement)
  }

  end(): void {
    this.#client = null
  }
}

export class TransactionEndedError extends Error {
  override name = 'TransactionEndedError'

  constructor() {
    super('A statement came after the end of its transaction, and was not executed.')
  }
}

/**
 * Runs `work` in one transaction, and again if the database broke a deadlock, so `work` must have no effect outside of
 * it. Any other error rolls everything back.
 */
export async function transaction<T>(pool: pg.Pool, work: (db: Queryable) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      return await transactionOn(client, work)
    } catch (error) {
      const code = (error as { code?: unknown }).code
      // a database that does not answer would not answer a rollback either, so the pool closes the connection
      if ((error as Error).message === NO_ANSWER) broken = error as Error
      if ((code !== DEADLOCK && code !== SERIALIZATION_FAILURE) || attempt === ATTEMPTS) throw error
      await sleep(attempt * 10)
    } finally {
      client.release(broken)
    }
  }
}

/** Runs `work` in a transaction on the caller's connection, without repetition. */
export async function transactionOn<T>(client: pg.ClientBase, work: (db: Queryable) => Promise<T>): Promise<T> {
  const connection = new TransactionConnection(client)
  await client.query('begin')
  try {
    const result = await work(connection)
    connection.end()
    await client.query('commit')
    return result
  } catch (error) {
    connection.end()
    if ((error as Error).message !== NO_ANSWER) await client.query('rollback').catch(() => {})
    throw error
  }
}

/** What Prisma's driver adapter makes of an error. */
interface AdapterCause {
  kind?: unknown
  originalCode?: unknown
  originalMessage?: unknown
}

/** An error of the driver, or one in which Prisma or its adapter passed that on. */
interface DriverError {
  code?: unknown
  message?: unknown
  cause?: AdapterCause
  meta?: { driverAdapterError?: { cause?: AdapterCause } }
}

// classes 08 connection, 53 out of resources, 57P operator intervention; a transaction that stood still for too long; a
// database that is not there, takes no connections, only reads, or has failed in itself, as one without its own nodes
const UNAVAILABLE_STATE = /^(08|53|57P)|^(25006|25P03|3D000|55000|XX000)$/
const UNAVAILABLE_SOCKET = /^E(CONN|PIPE|TIMEDOUT|NOENT|HOST|NET|AI_)/
// Prisma cannot reach the server, or gets no connection in time
const UNAVAILABLE_PRISMA = /^P(10\d\d|2024|2028|2037)$/
const UNAVAILABLE_KIND = /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections)$/
// the last: the service is stopping, so the caller has hung up
const UNAVAILABLE_MESSAGE =
  /Query read timeout|Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Cannot use a pool after calling end/

/** Whether the database is out of reach or out of room, so that the same call can succeed later. */
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

const LONGEST_PAUSE_MS = 5_000

/** For a start: repeats work that the database did not answer in time, until the start is given up. */
export async function patiently<T>(
  work: () => Promise<T>,
  onError: (error: unknown) => void,
  isGivenUp: () => boolean,
): Promise<T> {
  for (let pause = 100; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work()
    } catch (error) {
      if (!isUnavailable(error) || isGivenUp()) throw error
      onError(error)
      await sleep(pause, undefined, { ref: false })
    }
  }
}
