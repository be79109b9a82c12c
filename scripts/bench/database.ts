/** The embedded PostgreSQL that a run measures on, and databases with the real tables in it. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../packages/embedded-postgres/src/index.js'
import { migrate } from '../../packages/server/src/database/migrations/migrate.js'
import { SUBJECT } from './turns.js'

const MIGRATIONS = join(SUBJECT, 'prisma/migrations')

export class BenchPostgres {
  #server: EmbeddedPostgres
  readonly #folder: string
  readonly #profiles: string | undefined

  private constructor(server: EmbeddedPostgres, folder: string, profiles: string | undefined) {
    this.#server = server
    this.#folder = folder
    this.#profiles = profiles
  }

  /** @param profiles where to leave an account of each database's statements, which costs time */
  static async start(profiles?: string): Promise<BenchPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'tract-bench-'))
    // PostgreSQL does not run as root: its account has to enter the folder.
    await chmod(folder, 0o711)
    const open = () => startEmbeddedPostgres({ name: 'tract', dataDir: join(folder, 'data'), log: console.error })
    const postgres = new BenchPostgres(await open(), folder, profiles)
    if (profiles !== undefined) {
      await postgres.execute("alter system set shared_preload_libraries = 'pg_stat_statements'")
      await postgres.#server.stop()
      postgres.#server = await open()
    }
    return postgres
  }

  async version(): Promise<string> {
    const client = await connect(this.#server.url)
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    await client.end()
    return rows[0]?.server_version ?? ''
  }

  private async execute(statement: string): Promise<void> {
    const client = await connect(this.#server.url)
    await client.query(statement)
    await client.end()
  }

  /** A database with the service's tables, empty. */
  async database(): Promise<BenchDatabase> {
    const name = `bench_${randomBytes(6).toString('hex')}`
    await this.execute(`create database ${name}`)
    const url = new URL(this.#server.url)
    url.pathname = `/${name}`
    await migrate({ connectionString: url.toString() }, MIGRATIONS)
    const client = await connect(url.toString())
    if (this.#profiles !== undefined) await client.query('create extension pg_stat_statements')
    const dataDir = await mkdtemp(join(this.#folder, 'service-'))
    return new BenchDatabase(client, url.toString(), dataDir, async () => {
      if (this.#profiles !== undefined) await writeFile(join(this.#profiles, `${name}.txt`), await statements(client))
      await client.end()
      await this.execute(`drop database ${name} with (force)`)
    })
  }

  async stop(): Promise<void> {
    const { home } = this.#server
    await this.#server.stop()
    await rm(home, { recursive: true, force: true })
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The statements that took the most time. */
async function statements(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ calls: string; us: number; query: string }>(`
    select calls, round(total_exec_time * 1000 / calls)::int as us, round(total_plan_time * 1000 / calls)::int as plan_us, rows,
      shared_blks_hit + shared_blks_read as blocks, wal_bytes, regexp_replace(query, '\\s+', ' ', 'g') as query
    from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
    order by total_exec_time + total_plan_time desc limit 30`)
  return rows.map((row) => `${JSON.stringify({ ...row, query: undefined })}\n  ${row.query}\n`).join('')
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  // A lost server shows in the next statement.
  client.on('error', () => {})
  await client.connect()
  return client
}

/** A database of one benchmark, and what the services on it share. */
export class BenchDatabase {
  /** Shared, like the folder: the first service creates the operator's client for all. */
  readonly secretKey = randomBytes(32).toString('base64')

  constructor(
    readonly client: pg.Client,
    readonly url: string,
    readonly dataDir: string,
    readonly drop: () => Promise<void>,
  ) {}

  /** The table of the INSERT loop. */
  async makeBenchRows(): Promise<void> {
    await this.client.query(
      `create table bench_rows (id bigint generated always as identity primary key, user_id text not null, body text not null, at timestamptz not null)`,
    )
  }

  async count(condition: string, values: unknown[] = []): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(
      `select count(*)::int as count from ${condition}`,
      values,
    )
    return rows[0]?.count ?? 0
  }
}

/** Microseconds of one tick: the kernel counts 100 a second (`getconf CLK_TCK`). */
const TICK = 10_000

/** Microseconds of processor time of all of PostgreSQL's processes so far; 0 where there is no /proc. */
export async function postgresCpu({ client }: BenchDatabase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = statOf(rows[0]?.pid ?? 0)?.parent
  if (postmaster === undefined) return 0
  let ticks = statOf(postmaster)?.withEnded ?? 0
  for (const pid of readdirSync('/proc').map(Number)) {
    const stat = pid > 0 ? statOf(pid) : undefined
    if (stat?.parent === postmaster) ticks += stat.own
  }
  return ticks * TICK
}

/** See proc_pid_stat(5): what a process has used itself, and with its children that have ended. */
function statOf(pid: number): { parent: number; own: number; withEnded: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name stands in brackets, and can hold brackets itself.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15) as [number, number, number, number]
    return { parent: fields[1] as number, own: user + system, withEnded: user + system + endedUser + endedSystem }
  } catch {
    return undefined
  }
}
