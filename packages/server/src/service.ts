import { contractVersion, scopes } from '@tract/contract'
import type { FastifyInstance } from 'fastify'
import { MessageAcceptor } from './accept/message-acceptor.js'
import { Transactions } from './accept/work.js'
import { openAccounts } from './accounts/accounts.js'
import { Organisations } from './accounts/organisations.js'
import { Admission, type AdmissionSettings } from './api/admission.js'
import { createApp } from './api/app.js'
import { Readiness } from './api/readiness.js'
import type { HttpLimits } from './api/server.js'
import type { Services } from './api/services.js'
import { openAuthentication } from './authentication/authentication.js'
import type { Config } from './config.js'
import { openPool, patiently } from './database/database.js'
import { ofDatabase } from './database/start-connection.js'
import { WriteProbe } from './database/write-probe.js'
import { makeListenerDue } from './deliver/claims.js'
import { Dispatcher } from './deliver/dispatcher.js'
import { openDispatcherPool } from './deliver/dispatcher-pool.js'
import { Sender } from './deliver/send/sender.js'
import type { DeliverySettings } from './deliver/settings.js'
import { StoredHooks } from './deliver/stored-hooks.js'
import { Bells } from './deliver/streams/bells.js'
import { HookStreams } from './deliver/streams/hook-streams.js'
import { StreamTransport } from './deliver/streams/stream-transport.js'
import { hookCalls } from './hook-calls.js'
import { Wakeups } from './lanes/wakeups.js'
import { observeDeliveries } from './observe-deliveries.js'
import { serveOperations } from './operations.js'
import { reportDeliveries } from './report-deliveries.js'
import { ofDataDir } from './start/data-dir.js'
import { holdPorts } from './start/held-ports.js'
import { Progress } from './start/progress.js'
import { provisionService } from './start/provision-service.js'
import { checkSettings } from './start/settings.js'
import { Shutdown } from './start/shutdown.js'
import { StartError } from './start/start-error.js'
import { openStorage } from './start/storage.js'
import { welcome } from './start/welcome.js'
import type { LogDestination } from './telemetry/log.js'
import { openTelemetry } from './telemetry/telemetry.js'
import { RETENTION_SETTINGS, Retention, type RetentionSettings } from './upkeep/retention.js'
import { Timers } from './upkeep/timers.js'
import { ChangeStreams } from './views/change-streams.js'

/** New connections that wait to be taken; the system answers none beyond them, and they come again after a second. */
const BACKLOG = 4_096
const DAY_MS = 24 * 3_600_000

export interface Service {
  url: string
  /** Where metrics and health are served; null: nowhere. */
  operationsUrl: string | null
  app: FastifyInstance
  /** What to tell whoever started it. */
  welcome: string[]
  /** Takes what nothing else has caught. */
  fault(error: unknown): void
  /** Answers what is under way, delivers what has begun, and stops everything that was started. */
  close(): Promise<void>
}

export interface ServiceOptions {
  /** Takes sentences that an operator should read. */
  notice: (text: string) => void
  /** Takes what a start is doing, step by step. */
  progress?: (text: string) => void
  /** Gives a start up: what it has started is stopped. */
  signal?: AbortSignal
  /** For tests that cannot wait for the real schedule. */
  delivery?: Partial<DeliverySettings>
  retention?: Partial<RetentionSettings>
  /** How long a stream's reader is gone until its hooks go back, in milliseconds. */
  streamGoneAfter?: number
  http?: Partial<HttpLimits>
  admission?: Partial<AdmissionSettings>
  /** Takes the lines of the log; standard output does otherwise. */
  logTo?: LogDestination
}

/** The whole service: database, API, dispatcher and timers. What has been started is stopped again when a later part fails. */
export async function startService(config: Config, options: ServiceOptions): Promise<Service> {
  const shutdown = new Shutdown()
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new StartError('The start was given up.'))
    options.signal?.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([start(config, options, shutdown), givenUp])
  } catch (error) {
    await shutdown.close().catch(() => {})
    throw ofDataDir(ofDatabase(error, config.databaseUrl), config.dataDir)
  }
}

/**
 * The order of a start: settings, ports, database, migrations, what is missing in it, everything that works on it, and then the first
 * answer. All that can fail comes before that.
 */
async function start(
  given: Config,
  {
    notice,
    progress: say = () => {},
    delivery = {},
    retention: retain = {},
    streamGoneAfter,
    http: httpLimits = {},
    admission: admissionSettings = {},
    logTo,
  }: ServiceOptions,
  shutdown: Shutdown,
): Promise<Service> {
  const { egress, way, secretKey } = checkSettings(given)
  const { config, listen } = await holdPorts(given, shutdown)
  const telemetry = await openTelemetry(config, contractVersion, logTo)
  const { log, tracing } = telemetry
  if (tracing) shutdown.add(() => tracing.close())
  const progress = new Progress(say)
  shutdown.add(() => progress.end())
  const { connection, setup, box } = await openStorage(config, { secretKey, progress, notice, shutdown })

  progress.begin('Making what is missing')
  const organisations = new Organisations()
  const provisioned = await provisionService(config, { setup, box, egress, organisations, shutdown, notice, log })

  progress.begin('Starting to work')
  let report: (message: string, error: unknown) => void = (message, error) => log.warn({ err: error }, message)
  const pool = openPool(connection, (error) => report('a database connection was lost', error))
  shutdown.add(() => pool.end())
  // from here on, connections are lost because the service is going
  shutdown.add(() => {
    report = () => {}
  })
  const accounts = openAccounts(pool, box)
  shutdown.add(() => accounts.close())
  const patient = <T>(work: () => Promise<T>) =>
    patiently(
      work,
      (error) => notice(`The database did not answer in time, and is asked again: ${(error as Error).message}`),
      () => shutdown.isClosing,
    )

  const wakeups = new Wakeups(pool, (error) => report('a notification failed', error))
  const transactions = new Transactions(pool, wakeups)
  const authentication = await patient(() =>
    openAuthentication({
      pool,
      secretBox: box,
      publicUrl: config.publicUrl,
      scopes: Object.keys(scopes),
      onError: (error) => report('authentication failed in the background', error),
      settings: { tokenLifetimeSeconds: config.tokenTtl, signingKeyRotationDays: config.keyRotationDays },
    }),
  )
  shutdown.add(() => authentication.close())

  const bells = new Bells(pool, (error) => report('a notification failed', error))
  shutdown.add(() => bells.close())
  const sender = new Sender({ version: contractVersion, egress, way, streams: new StreamTransport(pool, bells) })
  const hooks = new StoredHooks(accounts)
  const wakeListener = async (organisationId: string, listener: string) => {
    hooks.forget()
    const buckets = await makeListenerDue(pool, organisationId, listener, new Date())
    // the reserve against the endpoint is lifted first, so that the first head to come is the probe
    wakeups.wakeListener(organisationId, listener)
    for (const bucket of buckets) wakeups.wake(bucket)
  }
  const hookStreams = new HookStreams({
    db: pool,
    bells,
    wakeListener,
    onError: (error) => report('a stream of hooks was disturbed', error),
    ...(streamGoneAfter !== undefined && { goneAfter: streamGoneAfter }),
  })
  const probe = new WriteProbe(connection)
  shutdown.add(() => probe.close())
  const readiness = new Readiness({
    write: () => probe.write(),
    onChange: (error) => {
      if (error) log.warn({ err: error }, 'nothing can be written')
      else log.info('writing works again')
    },
  })
  const admission = new Admission({ longestWait: config.longestWait, ...admissionSettings })
  const services: Services = {
    config,
    pool,
    accounts,
    box,
    organisations,
    transactions,
    acceptor: new MessageAcceptor(transactions, organisations, box, config.longestWait),
    authentication,
    hookCalls: hookCalls({ sender, egress, wakeups, wakeListener }),
    hookStreams,
    changes: new ChangeStreams(pool, (error) => report('what changes could not be looked for', error)),
    tryAs: config.production ? null : provisioned.desk,
    sandbox: provisioned.sandbox,
    telemetry,
    readiness,
    httpLimits,
    admission,
  }
  const app = await createApp(services)
  await app.ready()

  // connections of its own, so that a burst of calls does not hold up deliveries, nor the other way round
  const deliveryPool = openDispatcherPool(connection, (error) => report('a database connection was lost', error))
  shutdown.add(() => deliveryPool.end())
  const dispatcher = new Dispatcher({
    db: deliveryPool,
    wakeups,
    hooks,
    sender,
    settings: delivery,
    log,
    observer: observeDeliveries(telemetry),
    reports: reportDeliveries({ accounts, organisations, transactions, hooks }),
  })
  const timers = new Timers(transactions, organisations, (error) => report('a timer could not be run', error))
  const retention = new Retention({
    db: deliveryPool,
    buckets: () => dispatcher.buckets,
    settings: { ...RETENTION_SETTINGS, keep: config.retentionDays * DAY_MS, ...retain },
    onError: (error) => report('history could not be pruned', error),
  })
  let operations: Operations | null = null
  // until everything else has stopped, so that the end can be watched too
  shutdown.add(() => operations?.close())
  await patient(() => dispatcher.start())
  shutdown.add(() => dispatcher.stop())
  timers.start()
  hookStreams.start()
  shutdown.add(() => timers.stop())
  retention.start()
  shutdown.add(() => retention.stop())
  shutdown.add(() => app.close())
  await setup.end()

  progress.begin(`Listening at ${config.publicUrl}`)
  await listen({
    operations: async () => {
      operations = await serveOperations({
        port: config.operationsPort as number,
        host: config.operationsHost,
        metrics: telemetry.metrics,
        pools: { api: pool, delivery: deliveryPool },
        activity: () => dispatcher.activity,
        readiness,
        log,
        httpLimits,
        admission,
      })
    },
    api: () => app.listen({ port: config.port, host: config.host, backlog: BACKLOG }),
  })
  // as without open files to spare: no reason to end
  app.server.on('error', (error) => report('a connection could not be taken', error))
  readiness.started()
  shutdown.add(() => readiness.stopping())
  progress.end()
  const moved = provisioned.open()
  for (const listener of moved?.listeners ?? [])
    wakeListener(moved?.organisationId as string, listener).catch((error) => report('what waits was not woken', error))
  const operationsUrl = (operations as Operations | null)?.url ?? null
  return {
    url: config.publicUrl,
    operationsUrl,
    app,
    welcome: welcome(config, provisioned.file, operationsUrl),
    fault: (error) => log.error({ err: error }, 'something failed that was to be caught; the service goes on'),
    close: () => shutdown.close(),
  }
}

type Operations = Awaited<ReturnType<typeof serveOperations>>
