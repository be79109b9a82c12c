import type pg from 'pg'
import type { Admission } from './api/admission.js'
import { createOperationsApp } from './api/operations.js'
import type { Readiness } from './api/readiness.js'
import type { HttpLimits } from './api/server.js'
import type { DispatcherActivity } from './deliver/dispatcher.js'
import { Exposition } from './telemetry/exposition.js'
import type { Log } from './telemetry/log.js'
import { ProcessMetrics } from './telemetry/process-metrics.js'
import type { ServiceMetrics } from './telemetry/service-metrics.js'

export interface OperationsParts {
  port: number
  host: string
  metrics: ServiceMetrics
  /** By what they are for. */
  pools: { api: pg.Pool; delivery: pg.Pool }
  activity: () => DispatcherActivity
  admission: Admission
  readiness: Readiness
  log: Log
  httpLimits: Partial<HttpLimits>
}

/** Metrics and health at a port of their own. */
export async function serveOperations(parts: OperationsParts): Promise<{ url: string; close(): Promise<void> }> {
  const { port, host, readiness, log, httpLimits } = parts
  const process = new ProcessMetrics()
  const app = createOperationsApp({
    readiness,
    log,
    httpLimits,
    metrics: () => metricsPage(parts, process),
  })
  const url = await app.listen({ port, host })
  // a connection that could not be taken, as without open files to spare, is no reason to end
  app.server.on('error', () => {})
  return {
    url,
    close: async () => {
      process.close()
      await app.close()
    },
  }
}

function metricsPage({ metrics, pools, activity, admission }: OperationsParts, process: ProcessMetrics): string {
  const exposition = new Exposition()
  metrics.describe(exposition)
  const { attempts, leasedLanes, openBreakers } = activity()
  exposition
    .gauge('tract_calls_under_way', 'Calls that were let in and not answered.', [[{}, admission.underWay]])
    .gauge('tract_calls_limit', 'The most of them that there may be now.', [[{}, admission.limit]])
    .gauge('tract_delivery_attempts_in_flight', 'Attempts under way.', [[{}, attempts]])
    .gauge('tract_lanes_leased', 'Lanes that this process is working on.', [[{}, leasedLanes]])
    .gauge('tract_breakers_open', 'Endpoints that this process holds to be failing.', [[{}, openBreakers]])
  const ofPools = (count: (pool: pg.Pool) => number) =>
    Object.entries(pools).map(([pool, its]) => [{ pool }, count(its)] as const)
  exposition
    .gauge(
      'tract_database_connections',
      'Connections to the database.',
      ofPools((pool) => pool.totalCount),
    )
    .gauge(
      'tract_database_connections_idle',
      'Those of them that nobody uses.',
      ofPools((pool) => pool.idleCount),
    )
    .gauge(
      'tract_database_connections_max',
      'The most that there may be.',
      ofPools((pool) => pool.options.max),
    )
    .gauge(
      'tract_database_waiting',
      'Callers that wait for a connection.',
      ofPools((pool) => pool.waitingCount),
    )
  process.describe(exposition)
  return exposition.toString()
}
