import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { contractVersion, scopes } from '@tract/contract'
import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import { openAuthentication } from './authentication/authentication.js'
import type { Config } from './config.js'
import { ChangeStreams } from './console/change-streams.js'
import { hasConsole } from './console/pages.js'
import { parseEgressAllow } from './delivery/address-rules.js'
import { Dispatcher } from './delivery/dispatcher.js'
import { isCreateUser } from './delivery/ect-user-id.js'
import { vetUrl } from './delivery/egress-guard.js'
import { HookStreams } from './delivery/hook-streams.js'
import { sendTest } from './delivery/hook-test.js'
import type { DeliveryReports } from './delivery/reports.js'
import { Sender } from './delivery/sender.js'
import type { DeliverySettings } from './delivery/settings.js'
import { secretBytes } from './delivery/signing.js'
import { StoredHooks } from './delivery/stored-hooks.js'
import { STREAM_URL, StreamTransport } from './delivery/stream-transport.js'
import { firstStart, keepSandbox } from './first-start.js'
import { createApp } from './http/app.js'
import { Readiness } from './http/readiness.js'
import type { HookCalls, Services } from './http/services.js'
import { disableHook } from './messaging/disable-hook.js'
import { MessageAcceptor } from './messaging/message-acceptor.js'
import { OwnerWatch } from './messaging/owner-watch.js'
import { RETENTION_SETTINGS, Retention, type RetentionSettings } from './messaging/retention.js'
import { Timers } from './messaging/timers.js'
import { Transactions } from './messaging/work.js'
import { observeDeliveries } from './observe-deliveries.js'
import { serveOperations } from './operations.js'
import { makeExampleUsers } from './sandbox/example-users.js'
import { type PartyCredentials, provisionSandbox } from './sandbox/provision.js'
import type { Sandbox } from './sandbox/sandbox.js'
import { Bells } from './store/bells.js'
import { makeListenerDue } from './store/claims.js'
import { openPool } from './store/database.js'
import { openDispatcherPool } from './store/dispatcher-pool.js'
import { startEmbeddedPostgres } from './store/embedded-postgres.js'
import { setFailingSince } from './store/hooks.js'
import { migrate } from './store/migrate.js'
import { Organisations } from './store/organisations.js'
import { openPrisma } from './store/prisma.js'
import { SecretBox } from './store/secret-box.js'
import { loadOrCreateSecretKey, parseSecretKey } from './store/secret-key.js'
import { Wakeups } from './store/wakeups.js'
import { WriteProbe } from './store/write-probe.js'
import type { LogDestination } from './telemetry/log.js'
import { openTelemetry } from './telemetry/telemetry.js'

const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url))

const DAY_MS = 24 * 3_600_000

export interface Service {
  url: string
  /** Where metrics and health are served; null: nowhere. */
  operationsUrl: string | null
  app: FastifyInstance
  /** What to tell whoever started it. */
  welcome: string[]
  /** Answers what is under way, delivers what has begun, and stops everything that was started. */
  close(): Promise<void>
}

export interface ServiceOptions {
  /** Takes sentences that an operator should read. */
  notice: (text: string) => void
  /** For tests that cannot wait for the real schedule. */
  delivery?: Partial<DeliverySettings>
  retention?: Partial<RetentionSettings>
  /** Takes the lines of the log; standard output does otherwise. */
  logTo?: LogDestination
}

/** The whole service: database, API, dispatcher and timers. What has been started is stopped again when a later part fails. */
export async function startService(given: Config, options: ServiceOptions): Promise<Service> {
  const stack: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (let stop = stack.pop(); stop; stop = stack.pop()) await stop()
  }
  try {
    return await start(given, options, stack, close)
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
}

async function start(
  given: Config,
  { notice, delivery = {}, retention: retain = {}, logTo }: ServiceOptions,
  stack: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Service> {
  const config = await withPort(given)
  // PostgreSQL does not run as root: its own account has to be able to pass through to its folder, which nobody else may enter
  await mkdir(config.dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  const telemetry = await openTelemetry(config, contractVersion, logTo)
  const { log, tracing } = telemetry
  if (tracing) stack.push(() => tracing.close())
  const connection = await openDatabase(config, notice, stack)
  await migrate(connection, MIGRATIONS)

  let report: (message: string, error: unknown) => void = (message, error) =>
    notice(`${message}: ${(error as Error).message}`)
  const pool = openPool(connection, (error) => report('a database connection was lost', error))
  stack.push(() => pool.end())
  // from here on, connections are lost because the service is going
  stack.push(async () => {
    report = () => {}
  })
  const box = new SecretBox(
    config.secretKey === null ? await loadOrCreateSecretKey(config.dataDir) : parseSecretKey(config.secretKey),
  )
  await box.checkKey(pool)
  const prisma = openPrisma(pool)
  stack.push(() => prisma.$disconnect())

  const wakeups = new Wakeups(pool, (error) => report('a notification failed', error))
  const organisations = new Organisations()
  const transactions = new Transactions({
    pool,
    wake: (bucket) => wakeups.wake(bucket),
    laneTaker: () => wakeups.laneTaker,
  })
  const authentication = await openAuthentication({
    pool,
    secretBox: box,
    publicUrl: config.publicUrl,
    scopes: Object.keys(scopes),
    onError: (error) => report('authentication failed in the background', error),
    settings: { tokenLifetimeSeconds: config.tokenTtl, signingKeyRotationDays: config.keyRotationDays },
  })
  stack.push(() => authentication.close())

  const egress = parseEgressAllow(config.egressAllow)
  const bells = new Bells(pool, (error) => report('a notification failed', error))
  stack.push(() => bells.close())
  const sender = new Sender({ version: contractVersion, egress, streams: new StreamTransport(pool, bells) })
  const hooks = new StoredHooks(prisma, box)
  const wakeListener = async (organisationId: string, listener: string) => {
    hooks.forget()
    const buckets = await makeListenerDue(pool, organisationId, listener, new Date())
    // the reserve against the endpoint is lifted first, so that the first head to come is the probe
    wakeups.wakeListener(organisationId, listener)
    for (const bucket of buckets) wakeups.wake(bucket)
  }
  const hookCalls: HookCalls = {
    vetUrl: async (url) => (url === STREAM_URL ? null : vetUrl(url, egress)),
    wakeListener,
    probeListener: (organisationId, listener) => wakeups.wakeListener(organisationId, listener),
    headersOf: ({ secrets, delivery, startedAt }) => sender.headersOf(secrets.map(secretBytes), delivery, startedAt),
    test: async ({ url, secrets, ...stream }, body) => {
      const keys = secrets.map(secretBytes)
      const hook = { url, secrets: keys, ...(url === STREAM_URL && { stream }) }
      const result = await sendTest(sender, hook, { body, learnsId: isCreateUser(stream) })
      return {
        acknowledged: result.acknowledged,
        durationMs: result.durationMs,
        ...(result.status !== null && { status: result.status }),
        ...(result.error !== null && { error: result.error }),
        ...(result.answer !== null && { answer: result.answer }),
      }
    },
  }
  const hookStreams = new HookStreams({
    db: pool,
    bells,
    wakeListener,
    onError: (error) => report('a stream of hooks was disturbed', error),
  })
  const acceptor = new MessageAcceptor(transactions, organisations, box)
  const parties = config.sandbox ? await provisionSandbox(prisma, config.production ? null : box) : null
  const probe = new WriteProbe(connection)
  stack.push(() => probe.close())
  const readiness = new Readiness({
    write: () => probe.write(),
    onChange: (error) => {
      if (error) log.warn({ err: error }, 'nothing can be written')
      else log.info('writing works again')
    },
  })
  const services: Services = {
    config,
    pool,
    prisma,
    box,
    organisations,
    transactions,
    acceptor,
    authentication,
    hookCalls,
    hookStreams,
    changes: new ChangeStreams(pool, (error) => report('what changes could not be looked for', error)),
    tryAs: config.production ? null : (parties?.desk ?? null),
    telemetry,
    readiness,
  }
  const app = await createApp(services)
  report = (message, error) => log.warn({ err: error }, message)

  // connections of its own, so that a burst of calls does not hold up deliveries, nor the other way round
  const deliveryPool = openDispatcherPool(connection, (error) => report('a database connection was lost', error))
  stack.push(() => deliveryPool.end())
  const dispatcher = new Dispatcher({
    db: deliveryPool,
    wakeups,
    hooks,
    sender,
    settings: delivery,
    log,
    observer: observeDeliveries(telemetry),
    reports: reports({ prisma, organisations, transactions, hooks }),
  })
  const timers = new Timers(transactions, organisations, (error) => report('a timer could not be run', error))
  const retention = new Retention({
    db: deliveryPool,
    buckets: () => dispatcher.buckets,
    settings: { ...RETENTION_SETTINGS, keep: config.retentionDays * DAY_MS, ...retain },
    onError: (error) => report('history could not be pruned', error),
  })
  const operations =
    config.operationsPort === null
      ? null
      : await serveOperations({
          port: config.operationsPort,
          host: config.operationsHost,
          metrics: telemetry.metrics,
          pools: { api: pool, delivery: deliveryPool },
          activity: () => dispatcher.activity,
          readiness,
        })
  // until everything else has stopped, so that the end can be watched too
  if (operations) stack.push(() => operations.close())
  // until nothing more is delivered to it
  let sandbox: Sandbox | null = null
  stack.push(async () => sandbox?.close())
  await dispatcher.start()
  stack.push(() => dispatcher.stop())
  timers.start()
  hookStreams.start()
  stack.push(() => timers.stop())
  retention.start()
  stack.push(() => retention.stop())
  stack.push(() => app.close())

  await app.listen({ port: config.port, host: config.host })
  const credentials = await firstStart(prisma, config, config.publicUrl)
  if (parties) {
    sandbox = await openSandbox(config, parties, (error) => report('the sandbox was disturbed', error)).catch(
      (error: Error) => {
        notice(`The sandbox could not be started: ${error.message}`)
        return null
      },
    )
    if (sandbox && !config.production) {
      if (credentials !== null) await keepSandbox(credentials, parties)
      await makeExampleUsers(transactions, organisations).catch((error: Error) =>
        notice(`The users of the documents' examples could not be made: ${error.message}`),
      )
    }
  }
  readiness.started()
  stack.push(async () => readiness.stopping())
  const operationsUrl = operations?.url ?? null
  return { url: config.publicUrl, operationsUrl, app, welcome: welcome(config, credentials, operationsUrl), close }
}

async function withPort(config: Config): Promise<Config> {
  if (config.port !== 0) return config
  const port = await new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, config.host, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
  return { ...config, port, publicUrl: config.publicUrl.replace(/:0$/, `:${port}`) }
}

async function openDatabase(
  config: Config,
  notice: (text: string) => void,
  stack: (() => Promise<unknown>)[],
): Promise<pg.PoolConfig> {
  if (config.databaseUrl !== null) return { connectionString: config.databaseUrl }
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log: notice })
  stack.push(() => postgres.stop())
  if (postgres.notice) notice(postgres.notice)
  return postgres.connection
}

/** Loaded where it is wanted only: it stands on the client, as vendors get it. */
async function openSandbox(
  config: Config,
  parties: PartyCredentials,
  onError: (error: unknown) => void,
): Promise<Sandbox> {
  const { startSandbox } = await import('./sandbox/sandbox.js')
  const { host, port, publicUrl: site } = config
  const anywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const address = anywhere[host] ?? host
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}`
  return startSandbox({ credentials: parties, url, site, onError })
}

/** What the delivery engine learns of receivers, and what follows from it. */
function reports({
  prisma,
  organisations,
  transactions,
  hooks,
}: Pick<Services, 'prisma' | 'organisations' | 'transactions'> & { hooks: StoredHooks }): DeliveryReports {
  const owners = new OwnerWatch(transactions, organisations)
  const disable = async (hookId: string, reason: string) => {
    await transactions.run((work) => disableHook(work, organisations, hookId, reason))
    hooks.forget()
  }
  return {
    laneFailing: (lane) => owners.failing(lane),
    hookGone: ({ hookId }) => disable(hookId, 'The receiver answered 410: it wants no more.'),
    hookUnreachable: ({ hookId, failingSince }) =>
      disable(hookId, `Nothing has succeeded since ${failingSince.toISOString()}.`),
    hookFailing: ({ hookId, failingSince }) => setFailingSince(prisma, hookId, failingSince),
    hookRecovered: ({ hookId }) => setFailingSince(prisma, hookId, null),
  }
}

function welcome(config: Config, credentials: string | null, operationsUrl: string | null): string[] {
  const { publicUrl } = config
  const lines = ['', `TRACT is running at ${publicUrl}`, `  Swagger UI   ${publicUrl}/docs`]
  if (credentials) lines.push(`  Credentials  ${credentials}`)
  if (operationsUrl) lines.push(`  Metrics      ${operationsUrl}/metrics`)
  if (!config.production && credentials) {
    const client = `$(node -p "const {client_id: i, client_secret: s} = require('${credentials}').listeners.desk; i + ':' + s")`
    lines.push(
      '',
      'Try next, in another terminal:',
      '  npm run demo',
      `  curl -s -u "${client}" -d grant_type=client_credentials ${publicUrl}/tract/auth/token/`,
      '  npm start -- --help',
    )
  }
  if (hasConsole()) {
    const whose = credentials ? `, with the client id and secret that ${credentials} has under "admin"` : ''
    lines.push('', `See it at work${whose}:`, `  ${publicUrl}/console`)
  }
  return [...lines, '']
}
