import { readdirSync } from 'node:fs'
import { type EventLoopUtilization, type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { Exposition } from './exposition.js'

const RESOLUTION_MS = 20

/** How the process is doing, under the names that dashboards for Node know. Lag and utilisation are those since the last look. */
export class ProcessMetrics {
  readonly #delay: IntervalHistogram
  #utilization: EventLoopUtilization

  constructor() {
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    this.#delay.enable()
    this.#utilization = performance.eventLoopUtilization()
  }

  describe(exposition: Exposition): void {
    const { user, system } = process.cpuUsage()
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
    const one = (value: number) => [[{}, value]] as const
    exposition
      .counter('process_cpu_user_seconds_total', 'Processor time spent in the program.', one(user / 1e6))
      .counter('process_cpu_system_seconds_total', 'Processor time spent in the system.', one(system / 1e6))
      .counter('process_cpu_seconds_total', 'Processor time spent.', one((user + system) / 1e6))
      .gauge('process_start_time_seconds', 'When the process started, since 1970.', one(performance.timeOrigin / 1000))
      .gauge('process_resident_memory_bytes', 'Memory of the process.', one(rss))
      .gauge('nodejs_heap_size_total_bytes', 'Size of the heap.', one(heapTotal))
      .gauge('nodejs_heap_size_used_bytes', 'What is used of the heap.', one(heapUsed))
      .gauge('nodejs_external_memory_bytes', 'Memory outside of the heap, buffers mostly.', one(external))
    const files = openFiles()
    if (files !== null) exposition.gauge('process_open_fds', 'Open files and sockets.', one(files))
    this.#describeLoop(exposition)
    exposition.gauge('nodejs_version_info', 'The version of Node.', [[{ version: process.version }, 1]])
  }

  #describeLoop(exposition: Exposition): void {
    // what is measured is the time between two ticks of a timer: lag is what is more than its pause
    const lag = (nanoseconds: number) =>
      Math.max(0, (Number.isFinite(nanoseconds) ? nanoseconds : 0) / 1e6 - RESOLUTION_MS)
    const seconds = (nanoseconds: number) => [[{}, lag(nanoseconds) / 1000]] as const
    exposition
      .gauge('nodejs_eventloop_lag_mean_seconds', 'Mean lag of the event loop.', seconds(this.#delay.mean))
      .gauge('nodejs_eventloop_lag_p50_seconds', 'Median lag of the event loop.', seconds(this.#delay.percentile(50)))
      .gauge(
        'nodejs_eventloop_lag_p99_seconds',
        '99 of 100 lags of the event loop are less.',
        seconds(this.#delay.percentile(99)),
      )
      .gauge('nodejs_eventloop_lag_max_seconds', 'Longest lag of the event loop.', seconds(this.#delay.max))
    this.#delay.reset()
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#utilization)
    this.#utilization = now
    exposition.gauge('nodejs_eventloop_utilization_ratio', 'The part of the time that the event loop was busy.', [
      [{}, utilization],
    ])
  }

  close(): void {
    this.#delay.disable()
  }
}

/** Null where the system does not tell. */
function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}
