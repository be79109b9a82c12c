/** The rooms that work by bucket, once for each slice: none of them knows of the others. */
import { MessageAcceptor } from '../accept/queue/message-acceptor.js'
import { CONCURRENT_WITH_CITUS } from '../accept/queue/message-queue.js'
import { SaidOn } from '../accept/searched.js'
import { Transactions } from '../accept/work.js'
import type { Accounts } from '../accounts/accounts.js'
import { ofSlice, sizesFor } from '../database/connection-share.js'
import type { ServicePool } from '../database/connections.js'
import type { Sliced } from '../database/slices.js'
import { Dispatcher, type DispatcherActivity } from '../deliver/dispatcher.js'
import { openDispatcherPool } from '../deliver/dispatcher-pool.js'
import { observeDeliveries } from '../deliver/observer.js'
import type { Sender } from '../deliver/send/sender.js'
import { DELIVERY_SETTINGS, type DeliverySettings } from '../deliver/settings.js'
import type { StoredHooks } from '../deliver/stored-hooks.js'
import { Wakeups } from '../lanes/wakeups.js'
import { reportDeliveries } from '../upkeep/delivery-reports.js'
import { RETENTION_SETTINGS, Retention } from '../upkeep/retention.js'
import { SEARCH_SETTINGS, SearchIndex } from '../upkeep/search/search-index.js'
import { Timers } from '../upkeep/timers.js'
import type { Base } from './base.js'

const DAY_MS = 24 * 3_600_000

/** What calls about the users of a slice are done with. */
export class SliceCalls {
  readonly pool: ServicePool
  readonly wakeups: Wakeups
  readonly transactions: Transactions
  readonly acceptor: MessageAcceptor

  constructor({ config, organisations, storage, report }: Base, pool: ServicePool) {
    this.pool = pool
    this.wakeups = new Wakeups(pool, (error) => report('a notification failed', error))
    this.transactions = new Transactions(pool, this.wakeups, config.search ? new SaidOn() : null)
    const concurrent = storage.connection.hasCitus ? CONCURRENT_WITH_CITUS : undefined
    this.acceptor = new MessageAcceptor(this.transactions, organisations, storage.box, config.longestWait, concurrent)
  }
}

interface Shared {
  accounts: Accounts
  transactions: Sliced<Transactions>
}

interface Sending {
  sender: Sender
  hooks: StoredHooks
}

/** What works by itself in a slice: deliveries, timers, retention, the search's index. */
export class SliceWork {
  readonly pool: ServicePool
  readonly #dispatcher: Dispatcher
  readonly #upkeep: readonly (Timers | Retention | SearchIndex)[]
  readonly #patient: Base['patient']

  constructor(base: Base, shared: Shared, sending: Sending, calls: SliceCalls, slice: number) {
    const { config, options, storage, organisations, telemetry, paths, report } = base
    const { pool: api, wakeups, transactions } = calls
    const slices = paths.all.length
    // connections of its own, so that a burst of calls does not hold up deliveries, nor the other way round
    const pool = openDispatcherPool(
      { ...storage.connection, path: paths.all[slice] ?? null },
      (error) => report('a database connection was lost', error),
      ofSlice(config.databaseDeliveryPool, slices),
    )
    this.pool = pool
    this.#patient = base.patient
    const { sender, hooks } = sending
    const dispatcher = new Dispatcher({
      db: pool,
      wakeups,
      hooks,
      sender,
      settings: settingsOfSlice(options.delivery ?? {}, slices),
      log: telemetry.log,
      observer: observeDeliveries(telemetry),
      reports: reportDeliveries({ ...shared, organisations, transactions, ofAll: shared.transactions, hooks }),
      onProcesses: sharing(base, { api, delivery: pool }),
    })
    this.#dispatcher = dispatcher
    const buckets = () => dispatcher.buckets
    this.#upkeep = [
      new Timers(transactions, organisations, (error) => report('a timer could not be run', error)),
      new Retention({
        db: pool,
        pool,
        buckets,
        settings: { ...RETENTION_SETTINGS, keep: config.retentionDays * DAY_MS, ...options.retention },
        onError: (error) => report('history could not be pruned', error),
      }),
      new SearchIndex({
        pool,
        said: transactions.said,
        buckets,
        settings: { ...SEARCH_SETTINGS, ...options.search },
        onError: (error) => report('messages could not be read for the search', error),
      }),
    ]
  }

  get activity(): DispatcherActivity {
    return this.#dispatcher.activity
  }

  startDelivering(): Promise<void> {
    return this.#patient(() => this.#dispatcher.start())
  }

  stopDelivering(): Promise<void> {
    return this.#dispatcher.stop()
  }

  startUpkeep(): void {
    for (const one of this.#upkeep) one.start()
  }

  async stopUpkeep(): Promise<void> {
    await Promise.all(this.#upkeep.map((one) => one.stop()))
  }

  close(): Promise<void> {
    return this.pool.end()
  }
}

/** What a process may do at a time, divided among its slices. */
function settingsOfSlice(given: Partial<DeliverySettings>, slices: number): Partial<DeliverySettings> {
  if (slices === 1) return given
  const { concurrency, listenerConcurrency, lanesInMemory } = { ...DELIVERY_SETTINGS, ...given }
  const part = (most: number) => Math.ceil(most / slices)
  return {
    ...given,
    concurrency: part(concurrency),
    listenerConcurrency: part(listenerConcurrency),
    lanesInMemory: part(lanesInMemory),
  }
}

/** Keeps the pools to this process's part of what the database gives. */
function sharing({ config, storage, paths }: Base, pools: { api: ServicePool; delivery: ServicePool }) {
  const most = { api: config.databasePool, delivery: config.databaseDeliveryPool }
  const slices = paths.all.length
  return (processes: number) => {
    if (storage.capacity === null) return
    const sizes = sizesFor(most, storage.capacity, processes, slices)
    pools.api.allow(ofSlice(sizes.api, slices))
    pools.delivery.allow(ofSlice(sizes.delivery, slices))
  }
}
