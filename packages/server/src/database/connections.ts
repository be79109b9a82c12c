/**
 * The driver's connections and pools, with what TRACT asks of a database that moves and of poolers.
 *
 *  - Each connection says first what it is: directly at the server, or through a pooler in transaction mode, where the process
 *    that answers is not the one that the connection was told of. What a session keeps is set only directly: through a
 *    pooler it would reach the transactions of others. Statements have names there only if the pooler keeps them apart.
 *  - A connection whose server only reads or has failed in itself is closed when it comes back.
 *  - Hosts are tried one after another, and a connection to a host that was left is not handed out (hosts.ts).
 *  - A pool that the database refuses one more connection goes on with those it has, for a while. One that may have fewer
 *    than before closes those beyond as they are asked for.
 */
import pg from 'pg'
import type { Hosts, ServerState } from './hosts.js'
import { onCitus } from './statement.js'
import { codeOf } from './uncoded-errors.js'
import type { Way } from './ways.js'

/** A connection to a server that only reads, or has lost its own: another one may lead elsewhere. */
const READ_ONLY = '25006'
const INTERNAL_ERROR = 'XX000'
const TOO_MANY_CONNECTIONS = '53300'
const FULL_FOR_MS = 10_000

/** By name, what a session keeps. */
export type SessionSettings = Readonly<Record<string, string>>

interface ClientOptions extends Way {
  session?: SessionSettings
}

export class ServiceClient extends pg.Client {
  /** The server only reads, or has failed in itself. */
  leadsNowhere = false
  era = 0
  #hasPooler = false
  readonly #options: ClientOptions
  readonly #place: pg.ClientConfig | undefined

  constructor(options: ClientOptions) {
    const { hosts, password } = options
    const place = hosts?.next
    // a pool hides the password from copies
    const { session: _, ...given } = { ...options, ...(password !== undefined && { password }), ...place }
    super(hosts ? { ...given, connectionTimeoutMillis: hosts.timeoutMs } : given)
    this.#options = options
    this.#place = place
    // before the driver makes an error of it
    this.connection.on('errorMessage', (said: { code?: string; message?: string }) => {
      const code = codeOf(said)
      if (code !== undefined) said.code = code
      if (code !== READ_ONLY && code !== INTERNAL_ERROR) return
      this.leadsNowhere = true
      if (code === READ_ONLY) hosts?.doubt(this.era)
    })
  }

  /** Whether there is a pooler between this process and the server. Known once it is prepared. */
  get hasPooler(): boolean {
    return this.#hasPooler
  }

  /** For another connection like this one. */
  get way(): Way {
    return this.#options
  }

  /** To be called once, before anything else. @throws {HostError} where the server is not of the kind that is wanted */
  async prepare(): Promise<void> {
    const { hosts, session = {} } = this.#options
    const { processID } = this as unknown as { processID: number }
    const settings = Object.entries(session).map(
      ([name, value]) => `set_config('${name}', ${pg.escapeLiteral(value)}, false)`,
    )
    const { rows } = await super.query<ServerState & { direct: boolean }>(`select ${ServiceClient.#STATE},
      pg_backend_pid() = ${processID} as direct,
      case when pg_backend_pid() = ${processID} then array[${settings}]::text[] end as settings`)
    const [state] = rows as [ServerState & { direct: boolean }]
    this.#hasPooler = !state.direct
    this.#confirm(hosts, state)
  }

  /** Asks whether the server is there, and still of the kind that is wanted. */
  async probe(): Promise<void> {
    const { rows } = await super.query<ServerState>(`select ${ServiceClient.#STATE}`)
    this.#confirm(this.#options.hosts, rows[0] as ServerState)
  }

  static readonly #STATE = `current_setting('transaction_read_only')::boolean as "readOnly",
    pg_is_in_recovery() as standby`

  #confirm(hosts: Hosts | undefined, state: ServerState): void {
    if (!hosts || !this.#place) return
    if (!hosts.suits(state)) throw new HostError(this.#place)
    hosts.serves(this.#place)
    this.era = hosts.era
  }

  /** As the server takes it: a name is left out where a pooler would mix it up with that of another connection. */
  override query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    statement: pg.QueryConfig | string,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>>
  override query(...given: never[]): never
  override query(...given: never[]): never {
    const [statement, ...others] = given as unknown[]
    const fitted = isStatement(statement) ? this.#fitted(statement) : statement
    return (super.query as (...given: unknown[]) => never).call(this, fitted, ...others)
  }

  #fitted(statement: pg.QueryConfig): pg.QueryConfig {
    const { poolerKnowsStatements, hasCitus } = this.#options
    const isNameless = this.#hasPooler && !poolerKnowsStatements
    if (!isNameless && !hasCitus) return statement
    return {
      ...statement,
      ...(isNameless && { name: undefined }),
      ...(hasCitus && { text: onCitus(statement.text) }),
    }
  }

  /** A statement whose name goes out all the same, to see what becomes of it. */
  queryNamed(statement: pg.QueryConfig): Promise<pg.QueryResult> {
    return super.query(statement)
  }
}

/** Not a text, nor a query of the driver's own. */
const isStatement = (statement: unknown): statement is pg.QueryConfig =>
  typeof statement === 'object' && statement !== null && !('submit' in statement)

/** A server that answers, and is not of the kind that is wanted. */
class HostError extends Error {
  override name = 'HostError'
  readonly code = READ_ONLY

  constructor(place: pg.ClientConfig) {
    const { host, port } = new pg.Client(place)
    super(`The database at ${host}:${port} is read-only, as a standby is.`)
  }
}

/** What a host says of a call alone, such as a wrong password, the next one would say too. */
function isOfTheHost(error: unknown): boolean {
  const { code = '' } = error as { code?: string }
  return !(error instanceof pg.DatabaseError) || code.startsWith('57P')
}

type Handed = (error: Error | undefined, client: pg.PoolClient | undefined, done: (release?: unknown) => void) => void

export class ServicePool extends pg.Pool {
  readonly #hosts: Hosts | undefined
  #most: number
  #isFull = false

  constructor(options: pg.PoolConfig & ClientOptions) {
    super({
      ...options,
      Client: ServiceClient as unknown as new () => pg.ClientBase,
      // the pool waits for what this returns
      onConnect: (client) => (client as ServiceClient).prepare(),
    })
    this.#hosts = options.hosts
    this.#most = this.options.max
  }

  override connect(): Promise<pg.PoolClient>
  override connect(handed: Handed): void
  override connect(handed?: Handed): Promise<pg.PoolClient> | undefined {
    const tries = this.#hosts?.places.length ?? 1
    if (handed) return void this.#connect(handed, tries)
    return new Promise((resolve, reject) =>
      this.#connect((error, client) => (error ? reject(error) : resolve(client as pg.PoolClient)), tries),
    )
  }

  #connect(handed: Handed, tries: number): void {
    const hosts = this.#hosts
    const place = hosts?.next
    super.connect((error, client, done) => {
      if (error) {
        if (hosts && place && isOfTheHost(error)) {
          hosts.leave(place)
          if (tries > 1 && !this.ending) return this.#connect(handed, tries - 1)
        }
        if ((error as { code?: string }).code === TOO_MANY_CONNECTIONS && this.totalCount > 0) {
          this.#beFull()
          return this.#connect(handed, tries)
        }
      } else if (
        this.totalCount > this.options.max ||
        (hosts && (client as unknown as ServiceClient).era !== hosts.era)
      ) {
        done(true)
        return this.#connect(handed, tries)
      }
      handed(error, client, done)
    })
  }

  /** The most connections that it may have from now on. */
  allow(most: number): void {
    this.#most = most
    this.options.max = this.#isFull ? Math.min(this.options.max, most) : most
  }

  /** Callers wait for one of the connections that there are. */
  #beFull(): void {
    if (!this.#isFull)
      setTimeout(() => {
        this.#isFull = false
        this.options.max = this.#most
      }, FULL_FOR_MS).unref()
    this.#isFull = true
    this.options.max = this.totalCount
  }
}

/** A connection outside of the pools. @param onFailure told of each host to which there is none */
export async function connectOnce(
  options: ClientOptions,
  onFailure: (place: pg.ClientConfig, error: unknown) => void = () => {},
): Promise<ServiceClient> {
  const { hosts } = options
  for (let tries = hosts?.places.length ?? 1; ; tries--) {
    const place = hosts?.next
    const client = new ServiceClient(options)
    // the statement in progress fails with it
    client.on('error', () => {})
    try {
      await client.connect()
      await client.prepare()
      return client
    } catch (error) {
      await client.end().catch(() => {})
      onFailure(place ?? options, error)
      if (!hosts || !place || !isOfTheHost(error)) throw error
      hosts.leave(place)
      if (tries === 1) throw error
    }
  }
}
