import { setTimeout as sleep } from 'node:timers/promises'
import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import type { LaneKey } from '../lanes/lane-key.js'
import type { Wakeups } from '../lanes/wakeups.js'
import { BucketSchedule } from './bucket-schedule.js'
import { BucketSharing } from './bucket-sharing.js'
import { Claimer } from './claimer.js'
import { makeDue, renew } from './claims.js'
import { Endpoints } from './health/endpoints.js'
import { Slots } from './health/slots.js'
import { TroubleBook } from './health/trouble-book.js'
import { TryingClock } from './health/trying-clock.js'
import type { HookDirectory } from './hook-directory.js'
import { laneId } from './lane-id.js'
import { LaneReader } from './lane-reader.js'
import type { LaneRun } from './lane-run.js'
import { LaneWorker, LEASE_MARGIN_MS } from './lane-worker.js'
import type { DeliveryObserver } from './observer.js'
import { type DeliveryLog, type DeliveryReports, Reporter } from './reports.js'
import { ResultWriter } from './result-writer.js'
import type { Sender } from './send/sender.js'
import { DELIVERY_SETTINGS, type DeliverySettings } from './settings.js'

/** How long `stop` lets attempts under way finish, and results be written after that. */
const STOP_DEADLINE_MS = 6_000
const LAST_WRITE_MS = 2_000

export interface DispatcherOptions {
  /** Best a pool of its own: see `openDispatcherPool`. */
  db: Queryable
  wakeups: Wakeups
  hooks: HookDirectory
  sender: Sender
  reports?: DeliveryReports
  observer?: DeliveryObserver
  settings?: Partial<DeliverySettings>
  log?: DeliveryLog
}

/** What a dispatcher is doing at a moment. */
export interface DispatcherActivity {
  attempts: number
  leasedLanes: number
  openBreakers: number
}

const SILENT: DeliveryLog = { warn() {}, error() {} }

/**
 * Delivers what is enqueued: leases lanes that are due, works through them, writes the results. Any number of dispatchers share one
 * database, each with its share of the buckets; leases with tokens keep them from each other's lanes all the same, and a dispatcher that
 * dies loses its lanes and buckets to the others.
 */
export class Dispatcher {
  readonly #db: Queryable
  readonly #wakeups: Wakeups
  readonly #sender: Sender
  readonly #settings: DeliverySettings
  readonly #log: DeliveryLog
  readonly #schedule = new BucketSchedule()
  readonly #slots: Slots
  readonly #reporter: Reporter
  readonly #writer: ResultWriter
  readonly #endpoints: Endpoints
  readonly #worker: LaneWorker
  readonly #troubles: TroubleBook
  readonly #claimer: Claimer
  readonly #sharing: BucketSharing
  readonly #stopping = new AbortController()
  #loops: Promise<unknown>[] = []

  constructor(options: DispatcherOptions) {
    const { db, wakeups, hooks, sender, reports = {}, observer = {}, settings = {}, log = SILENT } = options
    this.#db = db
    this.#wakeups = wakeups
    this.#sender = sender
    this.#log = log
    this.#settings = { ...DELIVERY_SETTINGS, ...settings }
    const { concurrency, listenerConcurrency, lease } = this.#settings
    if (lease < sender.timeoutMs + LEASE_MARGIN_MS) throw new TypeError('A lease has to outlast an attempt.')
    this.#slots = new Slots({ overall: concurrency, perListener: listenerConcurrency })
    this.#reporter = new Reporter(log)
    const troubles = new TroubleBook(db, log, () => this.#endpoints.openBreakers())
    this.#troubles = troubles
    this.#writer = new ResultWriter({ db, log, observer, troubles })
    const shared = { slots: this.#slots, reporter: this.#reporter, reports, settings: this.#settings }
    const clock = new TryingClock(lease)
    this.#endpoints = new Endpoints({
      ...shared,
      tried: () => clock.read(),
      wakeLanes: (lanes) => this.#wakeLanes(lanes),
    })
    this.#worker = new LaneWorker({
      ...shared,
      hooks,
      sender,
      endpoints: this.#endpoints,
      reader: new LaneReader(db, log),
      writer: this.#writer,
      observer,
      troubles,
      log,
      isWanted: (listener) => this.#claimer.isWanted(listener),
      onLeft: (run, dueAt) => this.#left(run, dueAt),
    })
    this.#claimer = new Claimer({
      ...shared,
      db,
      log,
      schedule: this.#schedule,
      endpoints: this.#endpoints,
      writer: this.#writer,
      current: () => this.#sharing.current(),
      work: (run) => void this.#worker.work(run),
    })
    this.#sharing = new BucketSharing({
      db,
      log,
      lease,
      onShare: (buckets) => {
        clock.beat()
        if (this.#schedule.serve(buckets)) void this.#claimer.poll()
      },
      announce: () => wakeups.announceShare(),
    })
  }

  async start(): Promise<void> {
    await this.#wakeups.subscribe({
      bucket: (bucket) => this.#schedule.wake(bucket),
      listener: (organisationId, listener) => this.#endpoints.probeNow(organisationId, listener),
      share: () => void this.#share(),
      gap: () => void this.#claimer.poll(),
      lanes: this.#claimer,
    })
    const { poll, heartbeat, troubleReport } = this.#settings
    this.#loops = [
      this.#claimer.loop(this.#stopping.signal),
      this.#every(poll, () => this.#claimer.poll()),
      this.#every(heartbeat, () => this.#renew()),
      this.#every(heartbeat, () => this.#share()),
      this.#every(troubleReport, () => this.#troubles.write()),
    ]
    if (this.#delivers) await this.#sharing.join()
  }

  /** The buckets that are this process's share for now. */
  get buckets(): ReadonlySet<number> {
    return this.#schedule.served
  }

  /** Without room for a lane, a process takes none, and no bucket. */
  get #delivers(): boolean {
    return this.#settings.lanesInMemory > 0
  }

  async #share(): Promise<void> {
    if (this.#delivers) await this.#sharing.look()
  }

  /**
   * Takes nothing new, lets attempts under way finish within the deadline and breaks off the rest, writes what is known, and gives every
   * lease back.
   */
  async stop(deadlineMs = STOP_DEADLINE_MS): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    this.#claimer.close()
    this.#worker.stop()
    this.#schedule.ring()
    this.#endpoints.close()
    this.#slots.close()
    await Promise.race([this.#sharing.leave(), sleep(LAST_WRITE_MS, undefined, { ref: false })])
    await this.#wakeups.unsubscribe()
    // A claim that was under way still brings lanes: they are given back like the others.
    const finished = Promise.all(this.#loops).then(() => this.#finished())
    await Promise.race([finished, sleep(deadlineMs, undefined, { ref: false })])
    this.#sender.abandonAll()
    await Promise.race([finished, sleep(LAST_WRITE_MS, undefined, { ref: false })])
    this.#writer.close()
    const troubles = this.#troubles.close(LAST_WRITE_MS)
    await Promise.race([this.#reporter.settled(), sleep(LAST_WRITE_MS, undefined, { ref: false })])
    await troubles
  }

  get activity(): DispatcherActivity {
    return {
      attempts: this.#sender.attemptsUnderWay,
      leasedLanes: this.#claimer.runs.size,
      openBreakers: this.#endpoints.openBreakers().length,
    }
  }

  async #finished(): Promise<void> {
    while (this.#claimer.runs.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await this.#writer.drained()
    }
  }

  #left(run: LaneRun, dueAt: number | null): void {
    this.#claimer.left(run)
    if (dueAt === null || this.#schedule.wake(run.lane.bucket, dueAt)) return
    // The bucket has gone to another process meanwhile.
    if (dueAt <= Date.now()) this.#wakeups.wake(run.lane.bucket)
  }

  /** Leases that have used up more than a heartbeat are prolonged; most lanes are done long before. */
  async #renew(): Promise<void> {
    const { lease, heartbeat } = this.#settings
    const leaseUntil = Date.now() + lease
    const old = new Map<string, LaneRun>()
    for (const run of this.#claimer.runs) {
      if (run.leaseUntil !== 0 && run.leaseUntil <= leaseUntil - heartbeat / 2) old.set(laneId(run.lane), run)
    }
    if (old.size === 0) return
    faultPoint('lease.before-renewal')
    try {
      const lanes = [...old.values()].map(({ lane }) => lane)
      for (const key of await renew(this.#db, lanes, new Date(leaseUntil))) {
        const run = old.get(laneId(key))
        if (run !== undefined && run.leaseUntil !== 0) run.leaseUntil = leaseUntil
      }
    } catch (error) {
      this.#log.warn({ err: error, lanes: old.size }, 'leases could not be prolonged')
    }
  }

  #wakeLanes(lanes: LaneKey[]): void {
    this.#reporter.run(async () => {
      await makeDue(this.#db, lanes, new Date())
      for (const bucket of new Set(lanes.map((lane) => lane.bucket))) this.#wakeups.wake(bucket)
    })
  }

  async #every(pause: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await sleep(pause, undefined, { signal }).catch(() => {})
      // Leases are kept up while the last attempts finish.
      if (!signal.aborted) await work()
    }
  }
}
