/**
 * PostgreSQL and PgBouncer by the programs that a system installs (Debian: `postgresql-15`, `pgbouncer`), with data of
 * their own in a folder that goes with them: for what the embedded server cannot show, such as a standby or a pooler.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './listen.js'
import { until } from './until.js'

const DEBIAN = '/usr/lib/postgresql'
const POOLERS = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer']
const USER = 'tract'

/** Where PostgreSQL's programs are; null: they are not installed. */
export function postgresPrograms(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(a) - Number(b)) : []
  const folders = versions.map((version) => join(DEBIAN, version, 'bin'))
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null
}

/** PgBouncer; null: it is not installed. TRACT_TEST_PGBOUNCER names another. */
export const poolerProgram = (): string | null =>
  process.env.TRACT_TEST_PGBOUNCER ?? POOLERS.find((path) => existsSync(path)) ?? null

/** Neither program runs as root. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8').match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm'))
    if (line) return { uid: Number(line[1]), gid: Number(line[2]) }
  }
  throw new Error('this system has no account for PostgreSQL')
}

function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const { uid, gid } = account()
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
}

/** A process of its own, with its output in a file beside its data. */
class Program {
  #process: ChildProcess | undefined

  constructor(
    private readonly command: string,
    private readonly words: readonly string[],
    private readonly log: string,
  ) {}

  start(): void {
    const log = openSync(this.log, 'a')
    this.#process = spawn(this.command, this.words, { ...account(), cwd: '/', stdio: ['ignore', log, log] })
    closeSync(log)
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return
    const ended = once(this.#process as ChildProcess, 'exit')
    this.#process?.kill(signal)
    await ended
  }

  said(): string {
    return readFileSync(this.log, 'utf8').slice(-2_000)
  }
}

async function run(name: string, words: readonly string[]): Promise<void> {
  await promisify(execFile)(join(postgresPrograms() ?? '', name), words, { ...account(), cwd: '/' })
}

/** A server at a port of loopback, with the database `tract` of the superuser `tract`, who needs no password. */
export class OwnPostgres {
  readonly #program: Program

  private constructor(
    readonly folder: string,
    readonly port: number,
    settings: readonly string[],
  ) {
    const own = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', ...settings]
    const words = ['-D', folder, ...own.flatMap((setting) => ['-c', setting])]
    this.#program = new Program(join(postgresPrograms() ?? '', 'postgres'), words, `${folder}.log`)
  }

  /** @param folder made by this, in one that everyone may enter */
  static async create(folder: string, settings: readonly string[] = []): Promise<OwnPostgres> {
    makeFolder(folder)
    await run('initdb', ['-D', folder, '-U', USER, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'])
    const server = new OwnPostgres(folder, await freePort(), settings)
    await server.start()
    await server.query(`create database ${USER}`, 'postgres')
    return server
  }

  /** A server that follows this one, under the application name `standby`. */
  async standby(folder: string, settings: readonly string[] = []): Promise<OwnPostgres> {
    const source = `host=127.0.0.1 port=${this.port} user=${USER}`
    makeFolder(folder)
    await run('pg_basebackup', ['-D', folder, '-d', source, '-X', 'stream', '--checkpoint=fast', '--no-sync'])
    writeFileSync(join(folder, 'standby.signal'), '')
    const following = [`primary_conninfo=${source} application_name=standby`, 'synchronous_standby_names=', ...settings]
    const standby = new OwnPostgres(folder, await freePort(), following)
    await standby.start()
    return standby
  }

  get url(): string {
    return `postgresql://${USER}@127.0.0.1:${this.port}/${USER}`
  }

  async start(): Promise<void> {
    this.#program.start()
    await until(async () => {
      if (!this.#program.isRunning) throw new Error(`PostgreSQL does not start:\n${this.#program.said()}`)
      return this.query('select 1', 'postgres').then(Boolean, () => false)
    }, 'a server that answers')
  }

  /** `SIGQUIT` is an immediate shutdown, `SIGINT` a fast one. */
  stop(signal: 'SIGQUIT' | 'SIGINT' | 'SIGKILL' = 'SIGQUIT'): Promise<void> {
    return this.#program.stop(signal)
  }

  /** Makes it a server that takes writes. */
  async promote(): Promise<void> {
    await this.query('select pg_promote(true, 60)', 'postgres')
  }

  query(statement: string, database = USER): Promise<pg.QueryResult> {
    return queryOnce({ host: '127.0.0.1', port: this.port, user: USER, database }, statement)
  }
}

/** On a connection of its own. */
async function queryOnce(to: pg.ClientConfig, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client(to)
  // a lost server shows in the statement
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.query(statement)
  } finally {
    await client.end().catch(() => {})
  }
}

/** PgBouncer in transaction mode, in front of a server. */
export class Pooler {
  readonly #program: Program

  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {
    this.#program = new Program(poolerProgram() ?? '', [join(folder, 'pgbouncer.ini')], `${folder}.log`)
  }

  static async create(folder: string, server: OwnPostgres, settings: readonly string[] = []): Promise<Pooler> {
    makeFolder(folder)
    const pooler = new Pooler(await freePort(), folder)
    const users = join(folder, 'users.txt')
    writeFileSync(users, `"${USER}" ""\n`)
    pooler.lead(server, settings)
    await pooler.start()
    return pooler
  }

  /** Writes its settings: where it leads to, from the next start on. */
  lead(server: OwnPostgres, settings: readonly string[] = []): void {
    const own = [
      '[databases]',
      `${USER} = host=127.0.0.1 port=${server.port} dbname=${USER}`,
      '[pgbouncer]',
      `listen_addr = 127.0.0.1`,
      `listen_port = ${this.port}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${join(this.folder, 'users.txt')}`,
      'pool_mode = transaction',
      'default_pool_size = 20',
      'max_client_conn = 500',
    ]
    writeFileSync(join(this.folder, 'pgbouncer.ini'), [...own, ...settings, ''].join('\n'))
  }

  get url(): string {
    return `postgresql://${USER}@127.0.0.1:${this.port}/${USER}`
  }

  async start(): Promise<void> {
    this.#program.start()
    await until(async () => {
      if (!this.#program.isRunning) throw new Error(`PgBouncer does not start:\n${this.#program.said()}`)
      return this.query('select 1').then(Boolean, () => false)
    }, 'a pooler that answers')
  }

  stop(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT' = 'SIGKILL'): Promise<void> {
    return this.#program.stop(signal)
  }

  query(statement: string): Promise<pg.QueryResult> {
    return queryOnce({ connectionString: this.url }, statement)
  }
}
