/**
 * One of several processes of a start. It is told what to begin with, opens its rooms, says that it is ready, and listens once
 * it is told to. It stops when the parent says so or a signal comes. Without its parent it ends: node:cluster sees to that.
 */
import { contractVersion } from '@tract/contract'
import { Organisations } from '../accounts/organisations.js'
import { metricsPage } from '../api/operations.js'
import type { RateLimits } from '../api/rate-limit.js'
import { type Config, ConfigError } from '../config.js'
import { openService } from '../start/open-service.js'
import { checkSettings } from '../start/settings.js'
import type { Shutdown } from '../start/shutdown.js'
import { StartError } from '../start/start-error.js'
import { starting } from '../start/starting.js'
import { joinStorage } from '../start/storage.js'
import { ProcessMetrics } from '../telemetry/process-metrics.js'
import { openTelemetry } from '../telemetry/telemetry.js'
import type { ProcessPlan, Question, ToParent, ToProcess } from './messages.js'

/** Milliseconds in which a client may go over its limit by what it calls at other processes. */
const COUNT_TOGETHER_MS = 200

interface Running {
  listen(): Promise<void>
  answer(question: Question): Promise<string | null>
  count(message: ToProcess & { do: 'count' }): void
  fault(error: unknown): void
  close(): Promise<void>
}

export function runProcess(config: Config): void {
  const givingUp = new AbortController()
  let running: Promise<Running> | undefined
  let stopping: Promise<void> | undefined
  const stop = () => {
    givingUp.abort()
    const started = running?.catch(() => undefined)
    stopping ??= Promise.resolve(started).then((service) => service?.close())
    stopping.catch((error) => console.error(error)).finally(() => process.exit())
  }
  const failed = (error: unknown) => {
    if (stopping === undefined) fail(error)
  }
  const act = async (message: ToProcess) => {
    switch (message.do) {
      case 'start':
        running = starting(config, givingUp.signal, (shutdown) =>
          start(config, message.plan, givingUp.signal, shutdown),
        )
        await running
        return tell({ is: 'ready' })
      case 'listen':
        await (await running)?.listen()
        return tell({ is: 'listening' })
      case 'answer': {
        const answer = (await (await running)?.answer(message.question)) ?? null
        return tell({ is: 'answer', id: message.id, answer })
      }
      case 'count':
        return (await running)?.count(message)
      case 'stop':
        return stop()
    }
  }
  process.on('message', (message: ToProcess) => act(message).catch(failed))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  process.on('unhandledRejection', (error) => {
    if (running === undefined) return fail(error)
    running.then(
      (service) => service.fault(error),
      () => {},
    )
  })
  tell({ is: 'up' })
}

function tell(message: ToParent): void {
  // the parent may be gone, and then this process is too
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

function fail(error: unknown): void {
  const { message, code, stack } = error as NodeJS.ErrnoException
  const ofSettings = error instanceof ConfigError || error instanceof StartError
  const isExplained = ofSettings || (error as Error).name === 'DatabaseSettingError' || code !== undefined
  const failure: ToParent = { is: 'failed', message: isExplained ? message : (stack ?? message), ofSettings }
  process.send?.({ ...failure, ...(code && { code }) }, undefined, undefined, () => process.exit(1))
}

async function start(given: Config, plan: ProcessPlan, signal: AbortSignal, shutdown: Shutdown): Promise<Running> {
  const { number, port, publicUrl, embedded, tryAs, sandbox, moved } = plan
  const config = { ...given, port, publicUrl }
  const settings = checkSettings(config)
  const telemetry = await openTelemetry(config, contractVersion, undefined, `${number}`)
  const { log, tracing } = telemetry
  if (tracing) shutdown.add(() => tracing.close())
  const storage = await joinStorage(config, embedded, { secretKey: settings.secretKey, shutdown })
  const options = { notice: (text: string) => console.log(text), signal }
  const common = { config, settings, options, shutdown, telemetry, storage, organisations: new Organisations() }
  const metrics = plan.isWatched ? new ProcessMetrics() : undefined
  const opened = await openService({ ...common, tryAs, sandbox, stopWatching: () => metrics?.close() })
  shutdown.add(countTogether(opened.rateLimits))
  return {
    async listen() {
      await opened.listen()
      opened.started()
      for (const listener of moved)
        opened.wakeListener(...listener).catch((error) => opened.report('what waits was not woken', error))
    },
    answer: async (question) => {
      if (question === 'readiness') return opened.readiness.whyNot()
      return metrics ? metricsPage(opened.watched, metrics, { process: `${number}` }) : ''
    },
    count({ counted }) {
      const { calls, hookTests } = opened.rateLimits
      calls.hear(counted.calls)
      hookTests.hear(counted.hookTests)
    },
    fault: (error) => log.error({ err: error }, 'something failed that was to be caught; the process goes on'),
    close: () => shutdown.close(),
  }
}

/** Tells the other processes, by the parent, of the calls that this one has counted. @returns what ends it */
function countTogether({ calls, hookTests }: RateLimits): () => void {
  const round = () => {
    const counted = { calls: calls.tell(), hookTests: hookTests.tell() }
    if (counted.calls.length > 0) tell({ is: 'counted', counted })
  }
  round()
  const timer = setInterval(round, COUNT_TOGETHER_MS).unref()
  return () => clearInterval(timer)
}
