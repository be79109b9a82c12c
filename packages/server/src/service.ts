import { contractVersion } from '@tract/contract'
import type { FastifyInstance, FastifyListenOptions } from 'fastify'
import { Organisations } from './accounts/organisations.js'
import { createApp } from './api/app.js'
import { type OperationsServer, serveOperations } from './api/operations.js'
import type { Config } from './config.js'
import { ofDatabase } from './database/start-connection.js'
import { ofDataDir } from './start/data-dir.js'
import { holdPorts } from './start/held-ports.js'
import { Progress } from './start/progress.js'
import { provisionService } from './start/provision-service.js'
import { openAccepting, openBase, openHttp, openSending, type ServiceOptions, startWork } from './start/rooms.js'
import { checkSettings } from './start/settings.js'
import { Shutdown } from './start/shutdown.js'
import { StartError } from './start/start-error.js'
import { openStorage } from './start/storage.js'
import { welcome } from './start/welcome.js'
import { openTelemetry, type Telemetry } from './telemetry/telemetry.js'

/** New connections that wait to be accepted; the system answers none beyond them, and they come again after a second. */
const BACKLOG = 4_096

export type { ServiceOptions } from './start/rooms.js'

export interface Service {
  url: string
  /** Where metrics and health are served; null: nowhere. */
  operationsUrl: string | null
  app: FastifyInstance
  /** What to tell the person who started it. */
  welcome: string[]
  /** Takes what nothing else has caught. */
  fault(error: unknown): void
  /** Answers what is under way, delivers what has begun, and stops everything that was started. */
  close(): Promise<void>
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
 * The order of a start: settings, ports, database, migrations, what is missing in it, the rooms that work on it, and then the
 * first answer. All that can fail comes before that. What is added to `shutdown` last stops first.
 */
async function start(given: Config, options: ServiceOptions, shutdown: Shutdown): Promise<Service> {
  const { notice } = options
  const settings = checkSettings(given)
  const { config, listen } = await holdPorts(given, shutdown)
  const telemetry = await openTelemetry(config, contractVersion, options.logTo)
  const { log, tracing } = telemetry
  if (tracing) shutdown.add(() => tracing.close())
  const progress = new Progress(options.progress ?? (() => {}))
  shutdown.add(() => progress.end())
  const storage = await openStorage(config, { secretKey: settings.secretKey, progress, notice, shutdown })

  progress.begin('Making what is missing')
  const organisations = new Organisations()
  const { setup, box, files } = storage
  const { egress } = settings
  const provisioned = await provisionService(config, {
    setup,
    box,
    files,
    egress,
    organisations,
    shutdown,
    notice,
    log,
  })

  progress.begin('Starting to work')
  const base = openBase({ config, options, shutdown, telemetry, storage, organisations })
  const accepting = await openAccepting(base)
  const sending = openSending(base, accepting, settings)
  const http = openHttp(base)
  const app = await createApp({
    ...base,
    ...accepting,
    ...sending,
    ...http,
    box,
    tryAs: config.production ? null : provisioned.desk,
    sandbox: provisioned.sandbox,
  })
  await app.ready()
  let operations: OperationsServer | null = null
  const { dispatcher, deliveryPool } = await startWork(base, accepting, sending, () => operations?.close())
  shutdown.add(() => app.close())
  await setup.end()

  progress.begin(`Listening at ${config.publicUrl}`)
  const watched = { ...http, log, metrics: telemetry.metrics, activity: () => dispatcher.activity }
  const pools = { api: base.pool, delivery: deliveryPool }
  await listen({
    operations: async () => {
      operations = await serveOperations(config, { ...watched, pools })
    },
    api: () => app.listen(listenOptions(config)),
  })
  // as without open files to spare: no reason to end
  app.server.on('error', (error) => base.report('a connection could not be taken', error))
  http.readiness.started()
  shutdown.add(() => http.readiness.stopping())
  progress.end()
  provisioned.open(sending.wakeListener, (error) => base.report('what waits was not woken', error))
  return running(config, app, shutdown, { log, file: provisioned.file, operations })
}

/** `reusePort` is newer than Node's types here, and than Fastify's. */
const listenOptions = ({ port, host, sharePort }: Config): FastifyListenOptions => ({
  port,
  host,
  backlog: BACKLOG,
  ...(sharePort && { reusePort: true }),
})

function running(
  config: Config,
  app: FastifyInstance,
  shutdown: Shutdown,
  { log, file, operations }: Pick<Telemetry, 'log'> & { file: string | null; operations: OperationsServer | null },
): Service {
  const operationsUrl = operations?.url ?? null
  return {
    url: config.publicUrl,
    operationsUrl,
    app,
    welcome: welcome(config, file, operationsUrl),
    fault: (error) => log.error({ err: error }, 'something failed that was to be caught; the service goes on'),
    close: () => shutdown.close(),
  }
}
