import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import { type LaneKey, listenerKey } from '../lanes/lane-key.js'
import type { ClaimedLane, LaneHolder } from '../lanes/offer.js'
import type { BucketSchedule } from './bucket-schedule.js'
import { claim, nextDue } from './claims.js'
import type { Endpoints } from './health/endpoints.js'
import type { Slots } from './health/slots.js'
import { LaneRun } from './lane-run.js'
import type { DeliveryLog } from './reports.js'
import type { ResultWriter } from './result-writer.js'
import type { DeliverySettings } from './settings.js'

const LONGEST_PAUSE_MS = 2_000
const BUCKETS_AT_ONCE = 4
const MOST_BUCKETS = 64
/** Lanes of one listener that wait for a slot; more are left in the database for now. */
const MOST_TAKEN = 128

export interface ClaimerParts {
  db: Queryable
  log: DeliveryLog
  settings: DeliverySettings
  schedule: BucketSchedule
  slots: Slots
  endpoints: Endpoints
  writer: ResultWriter
  /** Resolves when the buckets are this process's own: it may have stood still. */
  current: () => Promise<void>
  /** Works through a lane that was claimed. */
  work: (run: LaneRun) => void
}

/** Claims the lanes that are due in the buckets of this process, as many as there is room for, and takes those that are handed to it. */
export class Claimer implements LaneHolder {
  readonly #parts: ClaimerParts
  /** The lanes that this process holds a lease on, until their last result is written. */
  readonly runs = new Set<LaneRun>()
  /** Buckets that were claimed from while a listener's lanes had to stay there, by listener. */
  readonly #leftBehind = new Map<string, Set<number>>()
  #closed = false

  constructor(parts: ClaimerParts) {
    this.#parts = parts
  }

  /** Other lanes of this listener wait: for a slot, or for room in memory. */
  isWanted(listener: string): boolean {
    return this.#room <= 0 || (this.#leftBehind.get(listener)?.size ?? 0) > 0 || this.#parts.slots.isWanted(listener)
  }

  /** Not if it would overtake others of its listener, and not while results might be lost: they may be this lane's. */
  wants({ bucket, organisationId, listener }: LaneKey): boolean {
    const { schedule, slots, writer } = this.#parts
    const key = listenerKey(organisationId, listener)
    return (
      !this.#closed &&
      schedule.served.has(bucket) &&
      this.#room > 0 &&
      !this.#leftBehind.has(key) &&
      slots.waiting(key) < MOST_TAKEN &&
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

  /** Takes no more lanes. */
  close(): void {
    this.#closed = true
  }

  async loop(stopping: AbortSignal): Promise<void> {
    const { schedule, settings, writer, log } = this.#parts
    let pause = 0
    while (!stopping.aborted) {
      if (this.#room <= 0) {
        await schedule.waitForRing()
        continue
      }
      if (writer.isBehind) await writer.drained()
      const buckets = schedule.take(MOST_BUCKETS)
      if (buckets.length === 0) {
        await schedule.wait()
        continue
      }
      try {
        await this.#parts.current()
        await this.#claim(buckets, Math.min(this.#room, settings.lanesPerClaim))
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

  async #claim(buckets: readonly number[], limit: number): Promise<void> {
    const { db, settings, schedule, slots, endpoints } = this.#parts
    const { lease, deliveriesPerLane } = settings
    const except = slots.saturated()
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
    // Where nothing was left after all, nothing will come back to remind of the rest.
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
    this.#parts.schedule.ring()
  }

  /** Listeners that have room again get the lanes that were left behind for want of it, a few buckets at a time. */
  #goBackFor(): void {
    if (this.#leftBehind.size === 0) return
    const { schedule, slots } = this.#parts
    const saturated = new Set(slots.saturated())
    for (const [listener, buckets] of this.#leftBehind) {
      if (saturated.has(listener)) continue
      for (const bucket of [...buckets].slice(0, BUCKETS_AT_ONCE)) schedule.wake(bucket)
      if (buckets.size === 0) this.#leftBehind.delete(listener)
    }
  }

  /** The backstop: whatever nobody told of, and leases that lapsed. */
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
