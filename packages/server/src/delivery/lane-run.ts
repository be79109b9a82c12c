import type { ClaimedDelivery, ClaimedLane } from '../store/claims.js'
import type { DeliveryOutcome, LaneResult } from '../store/results.js'
import type { Attempt } from './attempt.js'

/**
 * One leased lane while it is being worked through: where its head stands, and what has happened since that was last handed to the writer.
 */
export class LaneRun {
  readonly lane: ClaimedLane
  /** Prolonged by the heartbeat; 0 once it is known to be lost. */
  leaseUntil: number
  #head: number
  /** Where it stood at the last time. */
  #since: number
  #attempt: number
  #failingSince: Date | null
  #ectUserId: string | null = null
  #outcomes: DeliveryOutcome[] = []
  #attempts: LaneResult['attempts'] = []

  constructor(lane: ClaimedLane) {
    this.lane = lane
    this.leaseUntil = lane.leaseUntil.getTime()
    this.#head = lane.head
    this.#since = lane.head
    this.#attempt = lane.attempt
    this.#failingSince = lane.failingSince
  }

  /** Failed attempts of the present head. */
  get attempt(): number {
    return this.#attempt
  }

  /** What comes next of what was claimed with the lane. */
  get next(): ClaimedDelivery | undefined {
    return this.lane.deliveries.find(({ sequence }) => sequence > this.#head)
  }

  get failingSince(): Date | null {
    return this.#failingSince
  }

  /** An attempt was made; `ended` says how the delivery ended with it. */
  tried(delivery: ClaimedDelivery, attempt: Attempt, ended: 'delivered' | 'undeliverable' | null): void {
    const number = delivery.attempts + 1
    this.#attempts.push({ deliveryId: delivery.id, number, ...attempt })
    if (ended !== null) {
      this.#end(delivery, ended, number)
      return
    }
    this.#attempt++
    this.#outcomes.push({ sequence: delivery.sequence, state: 'pending', attempts: number, endedAt: null })
  }

  /** The head is failing from now on, unless it was already. */
  failing(now: number): Date {
    this.#failingSince ??= new Date(now)
    return this.#failingSince
  }

  /** The head ends without an attempt. */
  ended(delivery: ClaimedDelivery, state: 'undeliverable' | 'cancelled'): void {
    this.#end(delivery, state, delivery.attempts)
  }

  #end(delivery: ClaimedDelivery, state: DeliveryOutcome['state'], attempts: number): void {
    this.#outcomes.push({ sequence: delivery.sequence, state, attempts, endedAt: new Date() })
    this.passed(delivery.sequence)
  }

  /** Everything up to there has ended. */
  passed(sequence: number): void {
    this.#head = sequence
    this.forgiven()
  }

  /** The head starts afresh. */
  forgiven(): void {
    this.#attempt = 0
    this.#failingSince = null
  }

  learned(ectUserId: string): void {
    this.#ectUserId = ectUserId
  }

  /** What has happened since the last time. @param releaseAt when the lane is due again; null while this goes on */
  take(releaseAt: Date | null): LaneResult {
    const { bucket, organisationId, listener, userId, lease } = this.lane
    const result: LaneResult = {
      bucket,
      organisationId,
      listener,
      userId,
      lease,
      since: this.#since,
      head: this.#head,
      attempt: this.#attempt,
      failingSince: this.#failingSince,
      releaseAt,
      ectUserId: this.#ectUserId,
      outcomes: this.#outcomes,
      attempts: this.#attempts,
    }
    this.#since = this.#head
    this.#outcomes = []
    this.#attempts = []
    return result
  }
}
