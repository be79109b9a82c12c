import type { NextRequest } from '../lanes/next-deliveries.js'
import type { ClaimedLane } from '../lanes/offer.js'
import type { ClaimedDelivery } from './claims.js'
import type { DeliveryEnd, LaneResult } from './results.js'
import type { Attempt } from './send/attempt.js'

/** Deliveries of a lane by their sequences, the first and the last. */
export interface Gap {
  from: number
  to: number
}

/** Deliveries that are read of a lane at a time. */
const MOST_READ = 100
/** Characters of their bodies, about: many lanes are in memory at a time. */
const MOST_READ_LENGTH = 256 * 1024

/** One leased lane while it is worked through: how far it has ended, what was read, and what the writer has not got yet. */
export class LaneRun {
  readonly lane: ClaimedLane
  /** Prolonged by the heartbeat; 0 once it is known to be lost. */
  leaseUntil: number
  /** The next part of the lane is on its way here. */
  reading: Promise<void> | undefined
  /** Read and not yet passed. */
  #queue: ClaimedDelivery[]
  #readTo: number
  #lastRead: number
  /** There may be more after what was read. */
  #goesOn: boolean
  /** The sequence of the last delivery that ended. The head is the one after it. */
  #endedTo: number
  /** The same at the last flush. */
  #since: number
  #failures: number
  #attemptsMade: number
  #refusals: number
  #failingSince: Date | null
  /** The sequence of the last delivery that was acknowledged. */
  #acknowledged: number
  /** Something has ended otherwise since the lane was claimed. */
  #hasNewGap = false
  #ectUserId: string | null = null
  #ends: DeliveryEnd[] = []
  #attempts: LaneResult['attempts'] = []

  constructor(lane: ClaimedLane) {
    this.lane = lane
    this.leaseUntil = lane.leaseUntil.getTime()
    this.#queue = [...lane.deliveries]
    this.#lastRead = lane.deliveries.length
    this.#readTo = this.#queue.at(-1)?.sequence ?? lane.endedTo
    this.#goesOn = this.#readTo < lane.tail
    this.#endedTo = lane.endedTo
    this.#since = lane.endedTo
    this.#failures = lane.failures
    this.#attemptsMade = lane.attemptsMade
    this.#refusals = lane.refusals
    this.#failingSince = lane.failingSince
    this.#acknowledged = lane.endedTo - lane.unacknowledged
  }

  /** Failed attempts of the head, by which the schedule goes. */
  get failures(): number {
    return this.#failures
  }

  /** The number of the head's next attempt. */
  get attemptNumber(): number {
    return this.#attemptsMade + 1
  }

  /** How many attempts of the head refused its payload. */
  get refusals(): number {
    return this.#refusals
  }

  get failingSince(): Date | null {
    return this.#failingSince
  }

  /** The gap right before the next delivery is not written yet. */
  get hasNewGap(): boolean {
    return this.#hasNewGap
  }

  /** What ended unacknowledged before the delivery, since one was acknowledged; the same at each of its attempts. */
  gapBefore({ sequence }: ClaimedDelivery): Gap | undefined {
    return sequence > this.#acknowledged + 1 ? { from: this.#acknowledged + 1, to: sequence - 1 } : undefined
  }

  /** What comes next of what was read. */
  get next(): ClaimedDelivery | undefined {
    return this.#queue[0]
  }

  /** Reading on now keeps a delivery from waiting for it later. */
  get runsLow(): boolean {
    return this.#goesOn && this.reading === undefined && this.#queue.length <= this.#lastRead / 2
  }

  /** What to read next: twice as much as the last time, as far as memory allows. */
  get nextPart(): NextRequest {
    const length = this.#queue.reduce((sum, { body }) => sum + body.length, 0)
    const average = Math.max(1, length / Math.max(1, this.#queue.length))
    const limit = Math.min(MOST_READ, Math.max(1, this.#lastRead) * 2, Math.ceil(MOST_READ_LENGTH / average))
    return { lane: this.lane, after: this.#readTo, limit }
  }

  /** Adds what was read on. */
  read(deliveries: readonly ClaimedDelivery[], { limit }: NextRequest): void {
    this.#queue.push(...deliveries)
    this.#lastRead = deliveries.length
    this.#goesOn = deliveries.length === limit
    this.#readTo = this.#queue.at(-1)?.sequence ?? this.#readTo
    // The rows are gone, and there is nothing to send: the lane goes on behind them.
    if (this.#queue.length === 0 && this.#endedTo < this.lane.tail) this.#passed(this.lane.tail)
  }

  /** An attempt was made; `ended` says how the delivery ended with it. */
  tried(
    delivery: ClaimedDelivery,
    attempt: Attempt,
    { ended, refused }: { ended: 'delivered' | 'undeliverable' | null; refused: boolean },
  ): void {
    this.#attempts.push({ deliveryId: delivery.id, number: this.attemptNumber, ...attempt })
    if (ended !== null) {
      this.ended(delivery, ended)
      return
    }
    this.#failures++
    this.#attemptsMade++
    if (refused) this.#refusals++
  }

  /** The head is failing from now on, unless it was already. */
  failing(now: number): Date {
    this.#failingSince ??= new Date(now)
    return this.#failingSince
  }

  /** The endpoint answered for itself: it works, though the head may be refused. */
  works(): void {
    this.#failingSince = null
  }

  /** The head has ended, with an attempt or without. */
  ended({ id, sequence }: ClaimedDelivery, state: DeliveryEnd['state']): void {
    this.#ends.push({ deliveryId: id, state, endedAt: new Date() })
    this.#queue.shift()
    this.#hasNewGap = state !== 'delivered'
    if (state === 'delivered') this.#acknowledged = sequence
    this.#passed(sequence)
  }

  #passed(sequence: number): void {
    this.#endedTo = sequence
    this.#attemptsMade = 0
    this.#refusals = 0
    this.forgiven()
  }

  /** The head's schedule starts afresh. */
  forgiven(): void {
    this.#failures = 0
    this.#failingSince = null
  }

  learned(ectUserId: string): void {
    this.#ectUserId = ectUserId
  }

  /** What has happened since the last flush. @param releaseAt when the lane is due again; null while this goes on */
  flush(releaseAt: Date | null): LaneResult {
    const { bucket, organisationId, listener, userId, lease } = this.lane
    const result: LaneResult = {
      bucket,
      organisationId,
      listener,
      userId,
      lease,
      since: this.#since,
      endedTo: this.#endedTo,
      failures: this.#failures,
      attemptsMade: this.#attemptsMade,
      refusals: this.#refusals,
      failingSince: this.#failingSince,
      unacknowledged: this.#endedTo - this.#acknowledged,
      releaseAt,
      ectUserId: this.#ectUserId,
      ends: this.#ends,
      attempts: this.#attempts,
    }
    this.#since = this.#endedTo
    this.#ends = []
    this.#attempts = []
    this.#ectUserId = null
    return result
  }
}
