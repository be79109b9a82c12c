/** Builds the parts of the service; each adds its stop to `shutdown`, which runs them last first. */
import { contractVersion, scopes } from '@tract/contract'
import { MessageAcceptor } from '../accept/queue/message-acceptor.js'
import { CONCURRENT_WITH_CITUS } from '../accept/queue/message-queue.js'
import { SaidOn } from '../accept/searched.js'
import { Transactions } from '../accept/work.js'
import { openAccounts } from '../accounts/accounts.js'
import type { Organisations } from '../accounts/organisations.js'
import { Admission, type AdmissionSettings } from '../api/admission.js'
import { Exports } from '../api/exports/exports.js'
import { openRateLimits } from '../api/rate-limit.js'
import { Readiness } from '../api/readiness.js'
import type { HttpLimits } from '../api/server.js'
import { Attachments } from '../attachments/attachments.js'
import { openAuthentication } from '../authentication/authentication.js'
import type { Config } from '../config.js'
import { sizesFor } from '../database/connection-share.js'
import type { ServicePool } from '../database/connections.js'
import { openPool, patiently } from '../database/database.js'
import { WriteProbe } from '../database/write-probe.js'
import { makeListenerDue } from '../deliver/claims.js'
import { Dispatcher } from '../deliver/dispatcher.js'
import { openDispatcherPool } from '../deliver/dispatcher-pool.js'
import { hookCalls } from '../deliver/hook-calls.js'
import { observeDeliveries } from '../deliver/observer.js'
import { Sender } from '../deliver/send/sender.js'
import { DELIVERY_SETTINGS, type DeliverySettings } from '../deliver/settings.js'
import { StoredHooks } from '../deliver/stored-hooks.js'
import { HookStreams } from '../deliver/streams/hook-streams.js'
import { Signals } from '../deliver/streams/signals.js'
import { StreamTransport } from '../deliver/streams/stream-transport.js'
import { Wakeups } from '../lanes/wakeups.js'
import type { LogDestination } from '../telemetry/log.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { reportDeliveries } from '../upkeep/delivery-reports.js'
import { RETENTION_SETTINGS, Retention, type RetentionSettings } from '../upkeep/retention.js'
import { SEARCH_SETTINGS, SearchIndex, type SearchSettings } from '../upkeep/search/search-index.js'
import { STRAY_SETTINGS, StrayFiles, type StraySettings } from '../upkeep/stray-files.js'
import { Timers } from '../upkeep/timers.js'
import { ChangeStreams } from '../views/change-streams.js'
import type { CheckedSettings } from './settings.js'
import type { Shutdown } from './shutdown.js'
import type { Storage } from './storage.js'

const DAY_MS = 24 * 3_600_000

export interface ServiceOptions {
  /** Takes sentences that an operator should read. */
  notice: (text: string) => void
  /** Takes what a start is doing, step by step. */
  progress?: (text: string) => void
  /** Gives up a start: what it has started is stopped. */
  signal?: AbortSignal
  /** For tests that cannot wait for the real schedule. */
  delivery?: Partial<DeliverySettings>
  retention?: Partial<RetentionSettings>
  strayFiles?: Partial<StraySettings>
  search?: Partial<SearchSettings>
  /** How long a stream's reader is gone until its hooks go back, in milliseconds. */
  streamGoneAfter?: number
  http?: Partial<HttpLimits>
  admission?: Partial<AdmissionSettings>
  /** Takes the lines of the log; standard output does otherwise. */
  logTo?: LogDestination
}

/** What every part is built from. */
export interface Base {
  config: Config
  options: ServiceOptions
  shutdown: Shutdown
  telemetry: Telemetry
  storage: Storage
  organisations: Organisations
  pool: ServicePool
  /** Logs what failed in the background, until the service stops. */
  report: (message: string, error: unknown) => void
  /** Asks a database again that does not answer, until the start is given up. */
  patient: <T>(work: () => Promise<T>) => Promise<T>
}

export function openBase(given: Omit<Base, 'pool' | 'report' | 'patient'>): Base {
  const { options, shutdown, telemetry, storage } = given
  let isStopping = false
  const report: Base['report'] = (message, error) => {
    if (!isStopping) telemetry.log.warn({ err: error }, message)
  }
  const pool = openPool({ ...storage.connection, max: given.config.databasePool }, (error) =>
    report('a database connection was lost', error),
  )
  shutdown.add(() => pool.end())
  // from here on, connections are lost because the service stops
  shutdown.add(() => {
    isStopping = true
  })
  const patient: Base['patient'] = (work) =>
    patiently(
      work,
      (error) => options.notice(`The database did not answer in time, and is asked again: ${(error as Error).message}`),
      () => shutdown.isClosing,
    )
  return { ...given, pool, report, patient }
}

/** Accounts, tokens, and what calls are accepted with. */
export async function openAccepting({ config, shutdown, storage, organisations, pool, report, patient }: Base) {
  const { box } = storage
  const accounts = openAccounts(pool, box)
  shutdown.add(() => accounts.close())
  const wakeups = new Wakeups(pool, (error) => report('a notification failed', error))
  const said = config.search ? new SaidOn() : null
  const transactions = new Transactions(pool, wakeups, said)
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
  const concurrent = storage.connection.hasCitus ? CONCURRENT_WITH_CITUS : undefined
  const acceptor = new MessageAcceptor(transactions, organisations, box, config.longestWait, concurrent)
  const attachments = new Attachments({
    pool,
    store: storage.files,
    publicUrl: config.publicUrl,
    limit: config.attachmentLimit,
    unnamedLimit: config.unnamedAttachmentsLimit,
    onError: report,
  })
  const changes = new ChangeStreams(pool, (error) => report('what changes could not be looked for', error))
  const exports = new Exports(authentication)
  return { accounts, wakeups, transactions, authentication, acceptor, attachments, changes, exports }
}

type Accepting = Awaited<ReturnType<typeof openAccepting>>

/** What sends, and what the API asks of it. */
export function openSending(
  { options, shutdown, pool, report }: Base,
  { accounts, wakeups }: Accepting,
  { egress, way }: CheckedSettings,
) {
  const signals = new Signals(pool, (error) => report('a notification failed', error))
  shutdown.add(() => signals.close())
  const sender = new Sender({ version: contractVersion, egress, way, streams: new StreamTransport(pool, signals) })
  const hooks = new StoredHooks(accounts)
  const wakeListener = async (organisationId: string, listener: string) => {
    hooks.forget()
    const buckets = await makeListenerDue(pool, organisationId, listener, new Date())
    // before the lanes are woken, so that the first head to come is the probe
    wakeups.wakeListener(organisationId, listener)
    for (const bucket of buckets) wakeups.wake(bucket)
  }
  const { streamGoneAfter } = options
  const hookStreams = new HookStreams({
    db: pool,
    signals,
    wakeListener,
    onError: (error) => report('a stream of hooks failed in the background', error),
    ...(streamGoneAfter !== undefined && { goneAfter: streamGoneAfter }),
  })
  return {
    ...{ sender, hooks, wakeListener, hookStreams },
    hookCalls: hookCalls({ sender, hooks, egress, wakeups, wakeListener }),
    retryPolicy: { ...DELIVERY_SETTINGS, ...options.delivery }.retry,
  }
}

/** Keeps the pools to this process's part of what the database gives. */
function sharing({ capacity }: Storage, config: Config, pools: { api: ServicePool; delivery: ServicePool }) {
  const most = { api: config.databasePool, delivery: config.databaseDeliveryPool }
  return (processes: number) => {
    if (capacity === null) return
    const sizes = sizesFor(most, capacity, processes)
    pools.api.allow(sizes.api)
    pools.delivery.allow(sizes.delivery)
  }
}

type Sending = ReturnType<typeof openSending>

/** What decides whether a call is let in, and whether the process is ready for any. */
export function openHttp({ config, options, shutdown, telemetry: { log }, storage }: Base) {
  const probe = new WriteProbe(storage.connection)
  shutdown.add(() => probe.close())
  const readiness = new Readiness({
    write: () => probe.write(),
    onChange: (error) => {
      if (error) log.warn({ err: error }, 'nothing can be written')
      else log.info('writing works again')
    },
  })
  const admission = new Admission({ longestWait: config.longestWait, ...options.admission })
  return { readiness, admission, httpLimits: options.http ?? {}, rateLimits: openRateLimits(config.rateLimit) }
}

/**
 * Starts what works by itself: deliveries, timers, retention.
 * @param stopWatching ends what the operations port serves, after all of this has stopped
 */
export async function startWork(
  { config, options, shutdown, telemetry, storage, organisations, pool, report, patient }: Base,
  { accounts, wakeups, transactions }: Accepting,
  { sender, hooks, hookStreams }: Sending,
  stopWatching: () => unknown,
) {
  // connections of its own, so that a burst of calls does not hold up deliveries, nor the other way round
  const deliveryPool = openDispatcherPool(
    storage.connection,
    (error) => report('a database connection was lost', error),
    config.databaseDeliveryPool,
  )
  shutdown.add(() => deliveryPool.end())
  const dispatcher = new Dispatcher({
    db: deliveryPool,
    wakeups,
    hooks,
    sender,
    settings: options.delivery ?? {},
    log: telemetry.log,
    observer: observeDeliveries(telemetry),
    reports: reportDeliveries({ accounts, organisations, transactions, hooks }),
    onProcesses: sharing(storage, config, { api: pool, delivery: deliveryPool }),
  })
  const timers = new Timers(transactions, organisations, (error) => report('a timer could not be run', error))
  const retention = new Retention({
    db: deliveryPool,
    pool: deliveryPool,
    buckets: () => dispatcher.buckets,
    settings: { ...RETENTION_SETTINGS, keep: config.retentionDays * DAY_MS, ...options.retention },
    onError: (error) => report('history could not be pruned', error),
  })
  const strayFiles = new StrayFiles({
    pool,
    store: storage.files,
    settings: { ...STRAY_SETTINGS, ...options.strayFiles },
    onError: (error) => report('a file could not be removed', error),
  })
  const search = new SearchIndex({
    pool: deliveryPool,
    said: transactions.said,
    buckets: () => dispatcher.buckets,
    settings: { ...SEARCH_SETTINGS, ...options.search },
    onError: (error) => report('messages could not be read for the search', error),
  })
  shutdown.add(stopWatching)
  await patient(() => dispatcher.start())
  shutdown.add(() => dispatcher.stop())
  timers.start()
  strayFiles.start()
  shutdown.add(() => strayFiles.stop())
  hookStreams.start()
  shutdown.add(() => timers.stop())
  retention.start()
  shutdown.add(() => retention.stop())
  search.start()
  shutdown.add(() => search.stop())
  return { dispatcher, deliveryPool }
}
