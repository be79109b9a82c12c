import { type Log, type LogDestination, openLog } from './log.js'
import { ServiceMetrics } from './service-metrics.js'
import type { Tracing } from './tracing.js'

/** How the service tells what it does: in numbers, in lines, and in traces where there is a collector. */
export interface Telemetry {
  metrics: ServiceMetrics
  log: Log
  tracing: Tracing | null
}

export interface TelemetrySettings {
  logLevel: string
  otlpEndpoint: string | null
  traceSample: number
}

/**
 * @param version of the service, for the collector
 * @param process its name, where several write to one output
 */
export async function openTelemetry(
  { logLevel, otlpEndpoint: endpoint, traceSample: sample }: TelemetrySettings,
  version: string,
  logTo?: LogDestination,
  process?: string,
): Promise<Telemetry> {
  const log = openLog(logLevel, logTo, process)
  const onError = (error: Error) => log.warn({ err: error }, 'traces are being lost')
  // loaded only where there is a collector: without one, tracing costs nothing
  const tracing =
    endpoint === null
      ? null
      : new (await import('./otlp-tracing.js')).OtlpTracing({ endpoint, sample, version, onError })
  return { metrics: new ServiceMetrics(), log, tracing }
}
