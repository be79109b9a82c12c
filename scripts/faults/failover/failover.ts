/**
 * A database that moves, under load: a primary with a synchronous standby, by PostgreSQL's own programs, one service that
 * knows both hosts and another one behind PgBouncer. The primary is stopped at once and the standby promoted; the new
 * primary only reads for a while; the pooler is restarted. Everything that was answered 2xx has to be there and arrive
 * in order, no call may be answered 500, and calls are accepted within two seconds of each recovery.
 */
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OwnPostgres, Pooler, poolerProgram, postgresPrograms } from '../../../packages/testing/src/own-postgres.js'
import { until } from '../../../packages/testing/src/until.js'
import { compare } from './compare.js'
import { Load } from './load.js'
import { ServiceProcess } from './services.js'

const USERS = 20
const LOAD_MS = 4_000
const READ_ONLY_MS = 30_000
const ACCEPTS_WITHIN_MS = 2_000

export interface FailoverResult {
  wrong: string[]
  /** What happened, for the report. */
  facts: string[]
}

/** @returns null where the programs are not installed */
export async function failover(note: (text: string) => void): Promise<FailoverResult | null> {
  if (postgresPrograms() === null || poolerProgram() === null) return null
  const folder = await mkdtemp(join(tmpdir(), 'tract-failover-'))
  // PostgreSQL does not run as root: its account has to enter the folder
  await chmod(folder, 0o755)
  const cleaning: (() => Promise<unknown>)[] = []
  try {
    const result = await play(folder, cleaning, note)
    if (result.wrong.length > 0) result.wrong.push(`the logs are in ${folder}`)
    else cleaning.unshift(() => rm(folder, { recursive: true, force: true }))
    return result
  } finally {
    for (const clean of cleaning.reverse()) await clean()
  }
}

interface FailoverWorld {
  primary: OwnPostgres
  standby: OwnPostgres
  pooler: Pooler
  services: ServiceProcess[]
  load: Load
}

async function furnish(folder: string, cleaning: (() => Promise<unknown>)[]): Promise<FailoverWorld> {
  const primary = await OwnPostgres.create(join(folder, 'primary'))
  cleaning.push(() => primary.stop())
  const standby = await primary.standby(join(folder, 'standby'))
  cleaning.push(() => standby.stop())
  await primary.query("alter system set synchronous_standby_names = 'standby'")
  await primary.query('select pg_reload_conf()')
  const isSynchronous = "select from pg_stat_replication where sync_state = 'sync'"
  await until(async () => (await primary.query(isSynchronous)).rowCount === 1, 'a synchronous standby')
  const pooler = await Pooler.create(join(folder, 'pooler'), primary)
  cleaning.push(() => pooler.stop())

  const both = `postgresql://tract@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/tract`
  const environment = {
    NODE_ENV: 'production',
    TRACT_PUBLIC_URL: 'http://localhost',
    TRACT_EGRESS_ALLOW: 'http,127.0.0.0/8',
    TRACT_RATE_LIMIT: '10000000',
    TRACT_DATA_DIR: join(folder, 'data'),
    TRACT_SECRET_KEY: randomBytes(32).toString('base64'),
  }
  const start = async (name: string, given: NodeJS.ProcessEnv) => {
    const service = await ServiceProcess.start({ ...environment, ...given }, join(folder, `${name}.log`))
    cleaning.push(() => service.stop())
    return service
  }
  const services = [
    await start('direct', { DATABASE_URL: both }),
    await start('pooled', { DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: both }),
  ]
  const { admin } = JSON.parse(await readFile(join(folder, 'data', 'admin.json'), 'utf8'))
  const urls = services.map(({ url }) => url)
  const load = await Load.prepare(urls, admin)
  cleaning.push(() => load.close())
  return { primary, standby, pooler, services, load }
}

async function play(
  folder: string,
  cleaning: (() => Promise<unknown>)[],
  note: (text: string) => void,
): Promise<FailoverResult> {
  const { primary, standby, pooler, services, load } = await furnish(folder, cleaning)
  const facts: string[] = []
  const wrong: string[] = []
  load.begin(USERS)
  await sleep(LOAD_MS)
  // a busy machine takes its time for any call
  const within = Math.round(ACCEPTS_WITHIN_MS + load.slowest)

  /** From the end of a fault, which `recovery` brings about, to the first call that is accepted after it. */
  const recovers = async (name: string, recovery: () => Promise<unknown>) => {
    await recovery()
    const over = performance.now()
    const before = load.acceptedAt.length
    await until(() => load.acceptedAt.length > before, 'an accepted call')
    const ms = Math.round((load.acceptedAt[before] as number) - over)
    note(`${name}: accepted again after ${ms} ms`)
    facts.push(`${name}: the first call was accepted after ${ms} ms`)
    if (ms > within) wrong.push(`${name}: the first call was accepted only after ${ms} ms, not within ${within}`)
    await sleep(LOAD_MS)
  }
  await primary.stop('SIGQUIT')
  await recovers('the standby was promoted', () => standby.promote())
  await pooler.stop()
  pooler.lead(standby)
  await recovers('the pooler was restarted', () => pooler.start())
  await readOnly(standby, 'on')
  await sleep(READ_ONLY_MS)
  await recovers('the primary wrote again', () => readOnly(standby, 'off'))

  await load.end()
  await compare(load, (statement) => standby.query(statement), wrong)
  const calls = [...load.answers].map(([answer, times]) => `${times} × ${answer}`).join(', ')
  facts.push(`${load.acceptedAt.length} messages accepted; answers: ${calls}`)
  if (load.answers.has('500')) wrong.push(`${load.answers.get('500')} calls were answered 500`)
  for (const [index, service] of services.entries())
    if (!service.isRunning) wrong.push(`service ${index} has ended by itself`)
  return { wrong, facts }
}

async function readOnly(server: OwnPostgres, is: 'on' | 'off'): Promise<void> {
  await server.query(`alter system set default_transaction_read_only = ${is}`)
  await server.query('select pg_reload_conf()')
  const shown = async () => (await server.query('show default_transaction_read_only')).rows[0]
  await until(async () => (await shown()).default_transaction_read_only === is, 'the setting')
}
