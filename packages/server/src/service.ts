import { contractVersion } from '@tract/contract'
import type { FastifyInstance } from 'fastify'
import { metricsPage, type OperationsServer, serveOperations } from './api/operations.js'
import type { Config } from './config.js'
import type { ServiceOptions } from './start/base.js'
import { openService } from './start/open-service.js'
import { prepare } from './start/prepare.js'
import type { Shutdown } from './start/shutdown.js'
import { starting } from './start/starting.js'
import { welcome } from './start/welcome.js'
import { ProcessMetrics } from './telemetry/process-metrics.js'
import { openTelemetry } from './telemetry/telemetry.js'

export type { ServiceOptions } from './start/base.js'

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

/** The whole service in this process: database, API, dispatcher and timers. */
export function startService(config: Config, options: ServiceOptions): Promise<Service> {
  return starting(config, options.signal, (shutdown) => start(config, options, shutdown))
}

/**
 * The order of a start: settings, ports, database, migrations, what is missing in it, the rooms that work on it, and then the
 * first answer. All that can fail comes before that. What is added to `shutdown` last stops first.
 */
async function start(given: Config, options: ServiceOptions, shutdown: Shutdown): Promise<Service> {
  const prepared = await prepare(given, options, shutdown, (found) =>
    openTelemetry(found, contractVersion, options.logTo),
  )
  const { config, telemetry, progress, provisioned } = prepared
  progress.begin('Starting to work')
  let operations: OperationsServer | null = null
  const opened = await openService({
    ...{ ...prepared, options, shutdown, tryAs: config.production ? null : provisioned.desk },
    sandbox: provisioned.sandbox,
    stopWatching: () => operations?.close(),
  })
  progress.begin(`Listening at ${config.publicUrl}`)
  const { app, readiness, watched, httpLimits } = opened
  const { log } = telemetry
  await prepared.listen({
    operations: async () => {
      const process = new ProcessMetrics()
      const health = { whyNot: () => readiness.whyNot() }
      const metrics = () => metricsPage(watched, process)
      operations = await serveOperations(config, { metrics, health, log, httpLimits })
    },
    api: () => opened.listen(),
  })
  opened.started()
  progress.end()
  provisioned.open()
  for (const listener of provisioned.moved)
    opened.wakeListener(...listener).catch((error) => opened.report('what waits was not woken', error))
  const operationsUrl = (operations as OperationsServer | null)?.url ?? null
  return {
    url: config.publicUrl,
    operationsUrl,
    app,
    welcome: welcome(config, provisioned.file, operationsUrl),
    fault: (error) => log.error({ err: error }, 'something failed that was to be caught; the service goes on'),
    close: () => shutdown.close(),
  }
}
