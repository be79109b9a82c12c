import type { LaneKey } from './lane-key.js'
import type { ClaimedDelivery } from './next-deliveries.js'

/** A lane that is leased to whoever holds the token. */
export interface ClaimedLane extends LaneKey {
  /** Fencing token: a result is written only while the lane still carries it. */
  lease: string
  leaseUntil: Date
  head: number
  tail: number
  /** Failed attempts of the head, by which the schedule goes. */
  attempt: number
  /** Attempts of the head in all, and how many of them refused its payload. */
  attemptsMade: number
  refusals: number
  failingSince: Date | null
  /** How many deliveries up to the head ended unacknowledged since one was acknowledged. */
  unacknowledged: number
  /** The next ones, in order, without a gap. Fewer than there are, or none, where they were enqueued at this very moment. */
  deliveries: ClaimedDelivery[]
}

/**
 * Works on lanes in this process, and takes those that had nothing to deliver with what is enqueued: leased by the statement that enqueues
 * it, they need not be claimed.
 */
export interface LaneTaker {
  /** It would work on this lane now. */
  wants(lane: LaneKey): boolean
  leaseUntil(now: Date): Date
  /** After the commit. */
  take(lanes: readonly ClaimedLane[]): void
}
