import { setTimeout as sleep } from 'node:timers/promises'
import { claim, type LaneKey, makeDue, nextDue, renew } from '../store/claims.js'
import { faultPoint } from '../store/fault-points.js'
import type { Queryable } from '../store/queryable.js'
import type { Wakeups } from '../store/wakeups.js'
import { BucketSchedule } from './bucket-schedule.js'
import { Endpoints } from './endpoints.js'
import type { HookDirectory } from './hook-directory.js'
import { laneId } from './lane-id.js'
import { LaneRun } from './lane-run.js'
import { LaneWorker, LEASE_MARGIN_MS } from './lane-worker.js'
import type { DeliveryObserver } from './observer.js'
import { type DeliveryLog, type DeliveryReports, Reporter } from './reports.js'
import { ResultWriter } from './result-writer.js'
import type { Sender } from './sender.js'
import { DELIVERY_SETTINGS, type DeliverySettings } from './settings.js'
import { Slots } from './slots.js'
import { TroubleBook } from './trouble-book.js'

/** How long `stop` lets attempts under way finish, and results be written after that. */
const STOP_DEADLINE_MS = 6_000
const LAST_WRITE_MS = 2_000
const LONGEST_PAUSE_MS = 2_000
const BUCKETS_AT_ONCE = 4

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
 * database; leases with tokens keep them from each other's lanes, and a dispatcher that dies loses its lanes to the others.
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
  /** The lanes that this process holds a lease on, until their last result is written. */
  readonly #runs = new Set<LaneRun>()
  /** Buckets that were claimed from while a listener's lanes had to stay there, by listener. */
  readonly #leftBehind = new Map<string, Set<number>>()
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
    this.#endpoints = new Endpoints({ ...shared, wakeLanes: (lanes) => this.#wakeLanes(lanes) })
    this.#worker = new LaneWorker({
      ...shared,
      hooks,
      sender,
      endpoints: this.#endpoints,
      writer: this.#writer,
      observer,
      troubles,
      log,
      onLeft: (run, dueAt) => this.#left(run, dueAt),
    })
  }

  async start(): Promise<void> {
    await this.#wakeups.subscribe({
      bucket: (bucket) => {
        this.#schedule.wake(bucket)
        return true
      },
      listener: (organisationId, listener) => this.#endpoints.probeNow(organisationId, listener),
      gap: () => void this.#poll(),
    })
    const { poll, heartbeat, troubleReport } = this.#settings
    this.#loops = [
      this.#claimLoop(),
      this.#every(poll, () => this.#poll()),
      this.#every(heartbeat, () => this.#renew()),
      this.#every(troubleReport, () => this.#troubles.write()),
    ]
    await this.#poll()
  }

  /**
   * Takes nothing new, lets attempts under way finish within the deadline and breaks off the rest, writes what is known, and gives every
   * lease back.
   */
  async stop(deadlineMs = STOP_DEADLINE_MS): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    this.#worker.stop()
    this.#schedule.ring()
    this.#endpoints.close()
    this.#slots.close()
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
      leasedLanes: this.#runs.size,
      openBreakers: this.#endpoints.openBreakers().length,
    }
  }

  async #finished(): Promise<void> {
    while (this.#runs.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await this.#writer.drained()
    }
  }

  async #claimLoop(): Promise<void> {
    let pause = 0
    while (!this.#stopping.signal.aborted) {
      const room = Math.min(this.#settings.lanesInMemory - this.#runs.size, this.#settings.lanesPerClaim)
      if (room <= 0) {
        await this.#schedule.waitForRing()
        continue
      }
      if (this.#writer.isBehind) await this.#writer.drained()
      const bucket = this.#schedule.take()
      if (bucket === null) {
        await this.#schedule.wait()
        continue
      }
      try {
        await this.#claim(bucket, room)
        pause = 0
      } catch (error) {
        pause = Math.min(Math.max(pause * 2, 25), LONGEST_PAUSE_MS)
        this.#log.warn({ err: error, bucket }, 'deliveries could not be claimed')
        this.#schedule.wake(bucket, Date.now() + pause)
      }
    }
  }

  async #claim(bucket: number, limit: number): Promise<void> {
    const { lease, deliveriesPerLane } = this.#settings
    const except = this.#slots.saturated()
    const now = Date.now()
    for (const buckets of this.#leftBehind.values()) buckets.delete(bucket)
    for (const listener of except) this.#leaveBehind(listener, bucket)
    const lanes = await claim(this.#db, {
      bucket,
      limit,
      perLane: deliveriesPerLane,
      now: new Date(now),
      leaseUntil: new Date(now + lease),
      except,
    })
    faultPoint('claim.after-commit')
    if (lanes.length === limit) this.#schedule.wake(bucket)
    for (const lane of lanes) {
      const run = new LaneRun(lane)
      this.#runs.add(run)
      void this.#worker.work(run)
    }
  }

  #leaveBehind(listener: string, bucket: number): void {
    const buckets = this.#leftBehind.get(listener)
    if (buckets === undefined) this.#leftBehind.set(listener, new Set([bucket]))
    else buckets.add(bucket)
  }

  #left(run: LaneRun, dueAt: number | null): void {
    this.#runs.delete(run)
    if (dueAt !== null) this.#schedule.wake(run.lane.bucket, dueAt)
    this.#goBackFor()
    this.#schedule.ring()
  }

  /** Listeners that have room again get the lanes that were left behind for want of it, a few buckets at a time. */
  #goBackFor(): void {
    if (this.#leftBehind.size === 0) return
    const saturated = new Set(this.#slots.saturated())
    for (const [listener, buckets] of this.#leftBehind) {
      if (saturated.has(listener)) continue
      for (const bucket of [...buckets].slice(0, BUCKETS_AT_ONCE)) this.#schedule.wake(bucket)
      if (buckets.size === 0) this.#leftBehind.delete(listener)
    }
  }

  /** The backstop: whatever nobody told of, and leases that lapsed. */
  async #poll(): Promise<void> {
    try {
      for (const { bucket, at } of await nextDue(this.#db)) this.#schedule.wake(bucket, at.getTime())
    } catch (error) {
      this.#log.warn({ err: error }, 'the database could not be asked what is due')
    }
  }

  /** Leases that have used up more than a heartbeat are prolonged; most lanes are done long before. */
  async #renew(): Promise<void> {
    const { lease, heartbeat } = this.#settings
    const leaseUntil = Date.now() + lease
    const old = new Map<number, Map<string, LaneRun>>()
    for (const run of this.#runs) {
      if (run.leaseUntil === 0 || run.leaseUntil > leaseUntil - heartbeat / 2) continue
      const { bucket } = run.lane
      const runs = old.get(bucket) ?? new Map<string, LaneRun>()
      old.set(bucket, runs.set(laneId(run.lane), run))
    }
    for (const [bucket, runs] of old) {
      faultPoint('lease.before-renewal')
      try {
        const lanes = [...runs.values()].map(({ lane }) => lane)
        for (const key of await renew(this.#db, bucket, lanes, new Date(leaseUntil))) {
          const run = runs.get(laneId(key))
          if (run !== undefined && run.leaseUntil !== 0) run.leaseUntil = leaseUntil
        }
      } catch (error) {
        this.#log.warn({ err: error, bucket }, 'leases could not be prolonged')
      }
    }
  }

  #wakeLanes(lanes: LaneKey[]): void {
    const buckets = new Map<number, LaneKey[]>()
    for (const lane of lanes) {
      const others = buckets.get(lane.bucket)
      if (others === undefined) buckets.set(lane.bucket, [lane])
      else others.push(lane)
    }
    this.#reporter.run(async () => {
      for (const [bucket, keys] of buckets) {
        await makeDue(this.#db, bucket, keys, new Date())
        this.#schedule.wake(bucket)
      }
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
