/**
 * The service behind PgBouncer in transaction mode, on the PostgreSQL that the system installs. Skipped where either is
 * missing.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, call, ok } from '@tract/testing/call'
import { freePort } from '@tract/testing/listen'
import { OwnPostgres, Pooler, poolerProgram, postgresPrograms } from '@tract/testing/own-postgres'
import { PATIENT_SETTINGS } from '@tract/testing/patient-settings'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import pg from 'pg'
import { connectAlone, openPool, SESSION, transaction } from '../../src/database/database.js'
import { migrateOn } from '../../src/database/migrations/migrate.js'
import { knowsStatements } from '../../src/database/pooler.js'
import { connectToStart } from '../../src/database/start-connection.js'

const MIGRATIONS = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url))
const MAIN = fileURLToPath(new URL('../../bundle/main.js', import.meta.url))
const PRISMA_LOCK = 72_707_369
const PROCESSES = 4
const USERS = 50
/** More by settings, for the full size: `TRACT_TEST_POOLER_MESSAGES=10000 TRACT_TEST_POOLER_KILLS=20`. */
const OF_EACH = Number(process.env.TRACT_TEST_POOLER_MESSAGES ?? 1_000) / USERS
const KILLS = Number(process.env.TRACT_TEST_POOLER_KILLS ?? 4)
const PATIENCE_MS = 3_600_000

/** Says, at the commit of each message, whether the commit waits for the disk. */
const NOTE_COMMITS = `
  create table commits (waits boolean not null);
  create function note_commit() returns trigger language plpgsql as $$
  begin
    insert into commits values (current_setting('synchronous_commit') <> 'off');
    return null;
  end $$;
  create constraint trigger note_commit after insert on messages deferrable initially deferred
    for each row execute function note_commit()`

const isInstalled = postgresPrograms() !== null && poolerProgram() !== null && existsSync(MAIN)
if (!isInstalled)
  console.warn('PgBouncer is not tried: postgresql and pgbouncer have to be installed, and the service built.')

;(isInstalled ? describe : describe.skip)('behind PgBouncer', () => {
  let folder: string
  let server: OwnPostgres
  let pooler: Pooler

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tract-pooler-'))
    await chmod(folder, 0o755)
    server = await OwnPostgres.create(join(folder, 'server'), ['fsync=off'])
    pooler = await Pooler.create(join(folder, 'pooler'), server)
  })
  afterAll(async () => {
    await pooler.stop()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('a migration waits for a lock that was left behind on an idle connection, and says how to end it', async () => {
    const leftBehind = new pg.Client({ connectionString: server.url, application_name: 'left behind' })
    leftBehind.on('error', () => {})
    await leftBehind.connect()
    await leftBehind.query('select pg_advisory_lock($1)', [PRISMA_LOCK])
    const told: string[] = []
    const run = async () => {
      const client = await connectAlone({ connectionString: pooler.url })
      try {
        return await migrateOn(client, MIGRATIONS, { onLocked: (text) => told.push(text) })
      } finally {
        await client.end()
      }
    }
    const migrating = run()
    const said = await until(() => told[0], 'the sentence')
    const [, statement = ''] = /`(select pg_terminate_backend\(\d+\))`/.exec(said) ?? []
    expect(said).toMatch(/^Another process is at this step, and is waited for \(left behind, process \d+/)
    await server.query(statement)
    expect((await migrating).length).toBeGreaterThan(10)
    const locks = await server.query("select * from pg_locks where locktype = 'advisory'")
    expect(locks.rows).toEqual([])
    expect(await run()).toEqual([])
    expect(told).toHaveLength(1)
  })

  test('nothing is set by session, and named statements go without their names', async () => {
    const { setup, connection } = await connectToStart(pooler.url, () => {})
    const poolerKnowsStatements = await knowsStatements(setup)
    await setup.end()
    const pools = [false, true].map((asynchronousCommit) =>
      openPool({ ...connection, poolerKnowsStatements, asynchronousCommit, max: 8 }, () => {}),
    )
    const names = [...Object.keys(SESSION), 'synchronous_commit']
    const text = 'select name, current_setting(name) as value from unnest($1::text[]) name'
    const ask = (pool: pg.Pool) =>
      transaction(pool, async (db) => (await db.query({ name: 'settings', text, values: [names] })).rows)
    const asked = await Promise.all(pools.flatMap((pool) => Array.from({ length: 20 }, () => ask(pool))))
    const atTheServer = await server.query(text.replace('$1', `'{${names}}'`))
    for (const settings of asked) expect(settings).toEqual(atTheServer.rows)
    for (const pool of pools) await pool.end()
  })

  describe('four processes', () => {
    let service: TestService
    let world: World<'md' | 'iva'>
    let receiver: Receiver
    const others: Process[] = []
    /** By their users, in the order in which they came first: what is repeated came before. */
    const heard = new Set<string>()

    beforeAll(async () => {
      const environment = { DATABASE_DIRECT_URL: server.url }
      service = await TestService.start({ environment, route: async () => pooler.url })
      await server.query(NOTE_COMMITS)
      for (let count = 1; count < PROCESSES; count++)
        others.push(new Process({ DATABASE_URL: pooler.url, TRACT_DATA_DIR: service.dataDir, ...environment }))
      await Promise.all(others.map((other) => other.start()))
      world = await service.world({ md: 'md', iva: 'iva' })
      receiver = await service.receiver()
      receiver.answer = ({ body }) => {
        heard.add(`${body.user_id}: ${body.message_body.text}`)
        return {}
      }
      await receiver.hear(world.listeners.iva, 'message.receive')
    })
    afterAll(async () => {
      for (const other of others) await other.stop('SIGKILL')
      await service.close()
    })

    test('a message of one process goes out, and its notifications reach the others', async () => {
      const token = await tokenAt(service.url, world)
      const listening = await server.query(
        "select count(*) from pg_stat_activity where application_name = 'tract listen'",
      )
      expect(listening.rows[0].count).toBe(PROCESSES)
      expect((await send(service.url, token, 'first', 0, randomUUID())).status).toBe(200)
      await until(() => heard.has('first: 0'), 'the message')
    })

    test(
      `of ${USERS * OF_EACH} messages none is lost, none overtakes, and none was committed without waiting`,
      async () => {
        const urls = () => [service.url, ...others.map(({ url }) => url)]
        const tokens = new Map<string, string>()
        let accepted = 0
        const accept = async (user: string, number: number) => {
          const key = randomUUID()
          await until(async () => {
            const url = urls()[(number + accepted) % PROCESSES] as string
            try {
              const token = tokens.get(url) ?? (await tokenAt(url, world))
              tokens.set(url, token)
              const { status, text } = await send(url, token, user, number, key)
              // a process that was killed, or has lost the pooler
              if (status !== 200 && status !== 503) throw new Error(`answered ${status}: ${text}`)
              return status === 200
            } catch (error) {
              if (/^answered/.test((error as Error).message)) throw error
              return false
            }
          }, 'an answer')
          accepted++
        }
        const ofUser = async (index: number) => {
          for (let number = 0; number < OF_EACH; number++) await accept(`user ${index}`, number)
        }
        const kills = async () => {
          for (let kill = 1; kill <= KILLS; kill++) {
            await until(() => accepted > (kill * USERS * OF_EACH) / (KILLS + 2), 'messages')
            // the pooler and a process by turns
            const one = kill % 2 === 1 ? pooler : (others[(kill / 2) % others.length] as Process)
            await one.stop('SIGKILL')
            await one.start()
          }
        }
        await Promise.all([kills(), ...Array.from({ length: USERS }, (_, index) => ofUser(index))])
        await until(() => heard.size === USERS * OF_EACH + 1, 'every message')
        const inOrder = Array.from({ length: OF_EACH }, (_, number) => `${number}`)
        for (let index = 0; index < USERS; index++)
          expect([...heard].flatMap((text) => (text.startsWith(`user ${index}: `) ? text.split(': ')[1] : []))).toEqual(
            inOrder,
          )

        const commits = await server.query('select waits, count(*) from commits group by waits')
        expect(commits.rows).toEqual([{ waits: true, count: USERS * OF_EACH + 1 }])
      },
      PATIENCE_MS,
    )

    test('which a commit without waiting shows', async () => {
      await server.query(`create table tried (id int); create constraint trigger note_commit after insert on tried
        deferrable initially deferred for each row execute function note_commit()`)
      await server.query('begin; set local synchronous_commit = off; insert into tried values (1); commit')
      const commits = await server.query('select count(*) from commits where not waits')
      expect(commits.rows).toEqual([{ count: 1 }])
    })
  })
})

/** A process of the service at a port that it keeps. */
class Process {
  url = ''
  #port = 0
  #child: ChildProcess | undefined

  constructor(private readonly environment: NodeJS.ProcessEnv) {}

  async start(): Promise<void> {
    this.#port ||= await freePort()
    this.url = `http://localhost:${this.#port}`
    const env = { TRACT_PORT: `${this.#port}`, TRACT_LOG_LEVEL: 'silent', NODE_ENV: 'test', ...PATIENT_SETTINGS }
    const { PATH, HOME } = globalThis.process.env
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH, HOME, ...env, ...this.environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    await until(() => {
      if (child.exitCode !== null) throw new Error(`a process ended with ${child.exitCode}: ${said}`)
      return said.includes('TRACT is running')
    }, 'a process that runs')
  }

  async stop(signal: 'SIGKILL'): Promise<void> {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill(signal)
    await ended
  }
}

async function tokenAt(url: string, world: World<'md' | 'iva'>): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...world.listeners.md.credentials })
  return (await ok(call(`${url}/tract/auth/token/`, { headers, body: form.toString() }))).access_token
}

function send(url: string, token: string, user_id: string, number: number, key: string): Promise<Answer> {
  const body = { user_id, message_body: `${number}`, sender: 'ceu', user: {} }
  return call(`${url}/platform/message/send/`, { token, body, headers: { 'idempotency-key': key } })
}
