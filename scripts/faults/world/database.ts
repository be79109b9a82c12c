import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { until } from '../../../packages/testing/src/until.js'
import type { DatabaseReport } from '../processes/orders.js'
import { Child } from './child.js'

/** The tables that accepting and delivering write to. */
const WRITTEN = [
  'messages',
  'threads',
  'lanes',
  'deliveries',
  'attempts',
  'idempotency_keys',
  'users',
  'events',
  'conversations',
  'attachments',
  'stray_files',
  'availability',
]

/** The database server, its owner, and what can be done to them. */
export class Database {
  #owner: Child<never, DatabaseReport> | undefined
  #url = ''
  #home = ''

  constructor(
    private readonly dataDir: string,
    private readonly log: string,
  ) {}

  get url(): string {
    return this.#url
  }

  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#owner = new Child('database', [this.dataDir], this.log)
      const started = await this.#owner.report('started')
      if (started !== null) {
        this.#url = started.url
        this.#home = started.home
        return
      }
      if (attempt === 5) throw new Error(`The database does not start; see ${this.log}.`)
      await sleep(500)
    }
  }

  async stop(): Promise<void> {
    this.#owner?.signal('SIGTERM')
    await this.#owner?.exited
  }

  /** Signals the server, whose owner starts another. Resolves when that takes connections. */
  async signalServer(signal: 'SIGKILL' | 'SIGQUIT' | 'SIGINT'): Promise<void> {
    const before = this.#postmaster()
    if (before === null) return
    process.kill(before, signal)
    await until(() => {
      const now = this.#postmaster()
      return now !== null && now !== before
    }, 'another server')
    await this.answers()
  }

  /** Kills one backend; the server ends all the others too. */
  async killBackend(): Promise<void> {
    const { rows } = await this.query<{ pid: number }>(
      `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() order by backend_start limit 1`,
    )
    const [victim] = rows
    if (victim === undefined) return
    const witness = new pg.Client({ connectionString: this.#url, connectionTimeoutMillis: 5_000 })
    witness.on('error', () => {})
    await witness.connect()
    const over = new Promise((resolve) => witness.once('end', resolve))
    try {
      process.kill(victim.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      // It has ended by itself: its process was killed, or has let it go.
      await witness.end()
      return this.killBackend()
    }
    // On a busy machine the server notices late, and answers as before until then.
    await over
    await this.answers()
  }

  /** Kills the process that owns the server, and starts another owner. */
  async killOwner(): Promise<void> {
    this.#owner?.signal('SIGKILL')
    await this.#owner?.exited
    await this.start()
    await this.answers()
  }

  async terminateConnections(): Promise<void> {
    await this.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )
  }

  /** Triggers that fail as a full disk does, while a row says so. */
  async prepareFullDisk(): Promise<void> {
    await this.query(`
      create table full_disk (at_commit boolean not null, share float not null);
      insert into full_disk values (false, 0);
      create function fail_for_want_of_room() returns trigger language plpgsql as $$
      begin
        if (select random() < share and at_commit = (tg_argv[0] = 'at commit') from full_disk) then
          raise exception 'could not extend file "base/16384/16385": No space left on device' using errcode = '53100';
        end if;
        return null;
      end $$`)
    for (const table of WRITTEN) {
      await this.query(`
        create trigger no_room after insert or update on ${table} for each statement execute function fail_for_want_of_room('at once');
        create constraint trigger no_room_at_commit after insert or update on ${table} deferrable initially deferred
          for each row execute function fail_for_want_of_room('at commit')`)
    }
  }

  /** @param share of the statements, or rows, that fail */
  async fillDisk(share: number, atCommit: boolean): Promise<void> {
    await this.query('update full_disk set share = $1, at_commit = $2', [share, atCommit])
  }

  /** Resolves when it answers. */
  async answers(): Promise<void> {
    const isThere = () => this.query('select 1').then(Boolean, () => false)
    await until(isThere, 'answer of the database')
  }

  /** One statement on a connection of its own, which no fault concerns. */
  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<pg.QueryResult<Row>> {
    const client = new pg.Client({ connectionString: this.#url, connectionTimeoutMillis: 5_000 })
    // A lost server shows in the statement.
    client.on('error', () => {})
    try {
      await client.connect()
      return values.length > 0 ? await client.query<Row>(text, values) : await client.query<Row>(text)
    } finally {
      await client.end().catch(() => {})
    }
  }

  #postmaster(): number | null {
    try {
      return Number(readFileSync(join(this.#home, 'data/postmaster.pid'), 'utf8').split('\n', 1)[0]) || null
    } catch {
      return null
    }
  }
}
