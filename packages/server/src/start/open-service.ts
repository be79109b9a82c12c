/** One process's rooms, which work on what a start has prepared. Deliveries begin; the API does not listen yet. */
import type { SandboxState } from '@tract/contract'
import type { FastifyInstance, FastifyListenOptions } from 'fastify'
import type { Credentials } from '../accounts/first-start.js'
import { createApp } from '../api/app.js'
import type { Watched } from '../api/operations.js'
import type { RateLimits } from '../api/rate-limit.js'
import type { Readiness } from '../api/readiness.js'
import type { HttpLimits } from '../api/server.js'
import type { Config } from '../config.js'
import type { DispatcherActivity } from '../deliver/dispatcher.js'
import { type Base, openBase } from './base.js'
import { openAccepting, openHttp, openSending, startWork } from './rooms.js'
import type { CheckedSettings } from './settings.js'

/** New connections that wait to be accepted; the system answers none beyond them, and they come again after a second. */
const BACKLOG = 4_096

export interface OpenParts
  extends Pick<Base, 'config' | 'options' | 'shutdown' | 'telemetry' | 'storage' | 'organisations'> {
  settings: CheckedSettings
  /** A client with which readers of the documents may try calls. */
  tryAs: Credentials | null
  sandbox: SandboxState
  /** Ends what the operations port serves, after all of the work has stopped. */
  stopWatching: () => unknown
}

export interface OpenedService {
  app: FastifyInstance
  readiness: Readiness
  rateLimits: RateLimits
  httpLimits: Partial<HttpLimits>
  watched: Watched
  report: Base['report']
  wakeListener: (organisationId: string, listener: string) => Promise<void>
  /** The first answer comes after this. */
  listen(): Promise<unknown>
  /** It answers from now on, until it stops. */
  started(): void
}

/** What is added to `shutdown` last stops first. */
export async function openService(parts: OpenParts): Promise<OpenedService> {
  const { config, shutdown, storage, telemetry, settings, tryAs, sandbox, stopWatching } = parts
  const base = openBase(parts)
  const accepting = await openAccepting(base)
  const sending = openSending(base, accepting, settings)
  const http = openHttp(base)
  const app = await createApp({ ...base, ...accepting, ...sending, ...http, box: storage.box, tryAs, sandbox })
  await app.ready()
  const work = await startWork(base, accepting, sending, stopWatching)
  shutdown.add(() => app.close())
  await storage.setup.end()
  return {
    ...{ app, report: base.report, wakeListener: sending.wakeListener },
    ...{ readiness: http.readiness, rateLimits: http.rateLimits, httpLimits: http.httpLimits },
    watched: {
      metrics: telemetry.metrics,
      pools: { api: base.pools.all, delivery: work.all.map(({ pool }) => pool) },
      activity: () => togetherOf(work.all.map(({ activity }) => activity)),
      admission: http.admission,
    },
    listen: () => app.listen(listenOptions(config)),
    started() {
      // as without open files to spare: no reason to end
      app.server.on('error', (error) => base.report('a connection could not be taken', error))
      http.readiness.started()
      shutdown.add(() => http.readiness.stopping())
    },
  }
}

/** `reusePort` is newer than Node's types here, and than Fastify's. */
const listenOptions = ({ port, host, sharePort }: Config): FastifyListenOptions => ({
  port,
  host,
  backlog: BACKLOG,
  ...(sharePort && { reusePort: true }),
})

const togetherOf = (slices: readonly DispatcherActivity[]): DispatcherActivity => ({
  attempts: sumOf(slices.map(({ attempts }) => attempts)),
  leasedLanes: sumOf(slices.map(({ leasedLanes }) => leasedLanes)),
  openBreakers: sumOf(slices.map(({ openBreakers }) => openBreakers)),
})

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
