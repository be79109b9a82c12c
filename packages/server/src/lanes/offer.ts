/**
 * Handing lanes over within a process. When messages are appended to a remembered thread, lanes that were idle are
 * leased by that same statement for this process's dispatcher, so nothing has to claim them. Everything written under a
 * lock wakes the bucket instead: this process's dispatcher if it serves the bucket, else the others by notification.
 *
 *     const offer = wakeups.offer(now)   one lease for one statement
 *     offer.wants(lane)                  whether the dispatcher has room for this lane
 *     …                                  the statement leases the wanted lanes that are idle
 *     offer.handOver(lanes)              after the commit: the leased lanes are the dispatcher's
 *
 * Idle means: nothing to deliver, no lease, and no delivery that ended unacknowledged. Such a lane has no attempts
 * behind it, so the stored rows say all that a claim would read. For every other lane that was written, the bucket is
 * woken and the lane is claimed.
 *
 * A lane that is handed over does not count as due (`next_at`), so that neither this nor its end writes to an index. If
 * the process dies, `deliver/lapsed-lanes.ts` finds it.
 */
import { randomUUID } from 'node:crypto'
import type { LaneKey } from './lane-key.js'
import type { ClaimedDelivery } from './next-deliveries.js'

/** A lane under a lease. */
export interface ClaimedLane extends LaneKey {
  /** Fencing token: a result is written only while the lane still carries it. */
  lease: string
  leaseUntil: Date
  /** Sequence of the last delivery that ended. The head is the one after it. */
  endedTo: number
  tail: number
  /** Failed attempts of the head, by which the schedule goes. */
  failures: number
  /** Attempts of the head in all, and how many of them refused its payload. */
  attemptsMade: number
  refusals: number
  failingSince: Date | null
  /** How many deliveries have ended unacknowledged since one was acknowledged. */
  unacknowledged: number
  /** The next ones, in order, without a gap; there may be more of them in the database. */
  deliveries: ClaimedDelivery[]
}

/** What works on lanes in this process. */
export interface LaneHolder {
  /** It has room for this lane now. */
  wants(lane: LaneKey): boolean
  leaseUntil(now: Date): Date
  /** Begins to work on lanes that are leased for it. */
  hold(lanes: readonly ClaimedLane[]): void
}

export interface LaneOffer {
  readonly lease: string
  readonly leaseUntil: Date
  wants(lane: LaneKey): boolean
  handOver(lanes: readonly ClaimedLane[]): void
}

/** Without a holder nothing is wanted. */
export function offerTo(holder: LaneHolder | undefined, now: Date): LaneOffer {
  return {
    lease: randomUUID(),
    leaseUntil: holder?.leaseUntil(now) ?? now,
    wants: (lane) => holder?.wants(lane) ?? false,
    handOver: (lanes) => holder?.hold(lanes),
  }
}
