import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import { type LaneKey, listenerKey } from '../lanes/lane-key.js'
import type { ClaimedLane, LaneHolder } from '../lanes/offer.js'
import type { BucketSchedule } from './bucket-schedule.js'
import { claim, nextDue } from './claims.js'
import type { Endpoints } from './health/endpoints.js'
import type { Slots } from './health/slots.js'
import { LaneRun } from './lane-run.js'
import { makeLapsedDue } from './lapsed-lanes.js'
import type { DeliveryLog } from './reports.js'
import type { ResultWriter } from './result-writer.js'
import type { DeliverySettings } from './settings.js'

/** Milliseconds between two tries while the database refuses; deliveries go on soon after it is back. */
const LONGEST_PAUSE_MS = 2_000
/** Buckets that are looked at again when a listener has room: a few, since each may have many of its lanes. */
const BUCKETS_AGAIN = 4
/** Buckets of one claim: a quarter of all, so that one statement stays short. */
const MOST_BUCKETS = 64
/** Lanes of one listener that wait for a slot: four times as many as run. More are left in the database for now. */
const MOST_WAITING = 128

export interface ClaimerParts {
  db: Queryable
  log: DeliveryLog
  settings: DeliverySettings
  schedule: BucketSchedule
  slots: Slots
  endpoints: Endpoints
  writer: ResultWriter
  /** Resolves when the buckets are this process's own, which a process that stood still may have lost. */
  current: () => Promise<void>
  /** Works through a lane that was claimed. */
  work: (run: LaneRun) => void
}

/** Claims lanes that are due in the buckets of this process, as many as there is room for, and works on those handed to it. */
export class Claimer implements LaneHolder {
  readonly #parts: ClaimerParts
  /** The lanes that this process holds a lease on, until their last result is written. */
  readonly runs = new Set<LaneRun>()
  /** By listener, the buckets that were claimed from while its lanes had to stay there. */
  readonly #leftBehind = new Map<string, Set<number>>()
  #closed = false

  constructor(parts: ClaimerParts) {
    this.#parts = parts
  }

  /** Other lanes of this listener wait: for a slot, or for room in memory. */
  isWanted(listener: string): boolean {
    return this.#room <= 0 || (this.#leftBehind.get(listener)?.size ?? 0) > 0 || this.#parts.slots.isWanted(listener)
  }

  /**
   * Not where it would overtake others of its listener: where some were left behind, only while those may be claimed too.
   * Nor while results wait to be written: they may be this lane's.
   */
  wants({ bucket, organisationId, listener }: LaneKey): boolean {
    const { schedule, slots, writer } = this.#parts
    const key = listenerKey(organisationId, listener)
    return (
      !this.#closed &&
      schedule.served.has(bucket) &&
      this.#room > 0 &&
      slots.waiting(key) < Math.min(MOST_WAITING, this.#share) &&
      !(this.#leftBehind.has(key) && slots.isSaturated(key, this.#share)) &&
      !writer.isBehind
    )
  }

  leaseUntil(now: Date): Date {
    return new Date(now.getTime() + this.#parts.settings.lease)
  }

  hold(lanes: readonly ClaimedLane[]): void {
    for (const lane of lanes) {
      const run = new LaneRun(lane)
      this.runs.add(run)
      this.#parts.work(run)
    }
  }

  /** Wants no more lanes. */
  close(): void {
    this.#closed = true
  }

  async loop(stopping: AbortSignal): Promise<void> {
    const { schedule, settings, writer, log } = this.#parts
    let pause = 0
    while (!stopping.aborted) {
      if (this.#room <= 0) {
        await schedule.waitForInterrupt()
        continue
      }
      if (writer.isBehind) await writer.drained()
      const buckets = schedule.dequeue(MOST_BUCKETS)
      if (buckets.length === 0) {
        await schedule.wait()
        continue
      }
      try {
        await this.#parts.current()
        await this.#claim(buckets, Math.min(this.#share, settings.lanesPerClaim))
        pause = 0
      } catch (error) {
        pause = Math.min(Math.max(pause * 2, 25), LONGEST_PAUSE_MS)
        log.warn({ err: error }, 'deliveries could not be claimed')
        for (const bucket of buckets) schedule.wake(bucket, Date.now() + pause)
      }
    }
  }

  get #room(): number {
    return this.#parts.settings.lanesInMemory - this.runs.size
  }

  /** Half of the free room at most, for a claim and for what waits of one listener: with any number of slow ones, the next has room. */
  get #share(): number {
    return Math.max(1, Math.floor(this.#room / 2))
  }

  async #claim(buckets: readonly number[], limit: number): Promise<void> {
    const { db, settings, schedule, slots, endpoints } = this.#parts
    const { lease, deliveriesPerLane } = settings
    const except = slots.saturated(this.#share)
    const now = Date.now()
    for (const left of this.#leftBehind.values()) for (const bucket of buckets) left.delete(bucket)
    for (const listener of except) this.#leaveBehind(listener, buckets)
    const lanes = await claim(db, {
      buckets,
      limit,
      perLane: deliveriesPerLane,
      now: new Date(now),
      leaseUntil: new Date(now + lease),
      except,
      failing: endpoints.failingListeners(),
    })
    faultPoint('claim.after-commit')
    if (lanes.length === limit) {
      const last = buckets.indexOf(lanes.at(-1)?.bucket ?? 0)
      for (const bucket of buckets.slice(last)) schedule.wake(bucket)
    }
    this.hold(lanes)
    // Where no lane was left behind after all, no lane that ends would bring this up again.
    this.#goBackFor()
  }

  #leaveBehind(listener: string, buckets: readonly number[]): void {
    const left = this.#leftBehind.get(listener)
    if (left === undefined) this.#leftBehind.set(listener, new Set(buckets))
    else for (const bucket of buckets) left.add(bucket)
  }

  /** The lane's last result is written. */
  left(run: LaneRun): void {
    this.runs.delete(run)
    this.#goBackFor()
    this.#parts.schedule.interrupt()
  }

  /** Listeners that have room again get the lanes that were left behind, a few buckets at a time. */
  #goBackFor(): void {
    if (this.#leftBehind.size === 0) return
    const { schedule, slots } = this.#parts
    const saturated = new Set(slots.saturated(this.#share))
    for (const [listener, buckets] of this.#leftBehind) {
      if (saturated.has(listener)) continue
      for (const bucket of [...buckets].slice(0, BUCKETS_AGAIN)) schedule.wake(bucket)
      if (buckets.size === 0) this.#leftBehind.delete(listener)
    }
  }

  /** Finds lanes that were handed over and left behind. Much rarer than a poll, since it looks at more. */
  async lookThrough(): Promise<void> {
    const { db, log, schedule } = this.#parts
    try {
      for (const bucket of await makeLapsedDue(db, [...schedule.served], new Date())) schedule.wake(bucket)
    } catch (error) {
      log.warn({ err: error }, 'lanes of processes that are gone could not be looked for')
    }
  }

  /** Finds what no wakeup told of, and leases that lapsed. */
  async poll(): Promise<void> {
    const { db, log, schedule } = this.#parts
    try {
      for (const { bucket, at } of await nextDue(db, [...schedule.served], new Date())) {
        schedule.wake(bucket, at.getTime())
      }
    } catch (error) {
      log.warn({ err: error }, 'the database could not be asked what is due')
    }
  }
}
