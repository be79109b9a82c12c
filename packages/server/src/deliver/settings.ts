import { BREAKER_POLICY, type BreakerPolicy } from './health/breaker.js'
import { RETRY_POLICY, type RetryPolicy } from './health/retry-policy.js'

/** How the engine works. Times in milliseconds. */
export interface DeliverySettings {
  retry: RetryPolicy
  breaker: BreakerPolicy
  /** Attempts under way together at most. */
  concurrency: number
  /** Those of one listener. */
  listenerConcurrency: number
  /** Lanes in memory at most, those that wait for a slot included. */
  lanesInMemory: number
  /** Lanes of one claim, and deliveries of each. What more there is in a lane is read while these are sent. */
  lanesPerClaim: number
  deliveriesPerLane: number
  /** After so long, a lane reads no further while others of its listener wait, and sends only what it has already read. */
  turn: number
  /** A process that is silent for so long has lost its lanes and buckets. Longer than an attempt, by more than a heartbeat. */
  lease: number
  /** How often leases are prolonged, and lapsed ones of processes that are gone are looked for. */
  heartbeat: number
  /** How often the database is asked what is due, in case a wakeup was lost. */
  poll: number
  /** How often open breakers and faults of the process itself are written down for operators. */
  faultReport: number
  /** How long a lane rests that waits for an open breaker, unless it is woken before. */
  breakerRest: number
  /** The same for a disabled hook. */
  disabledRest: number
  /** After so long, a delivery to a hook that stays disabled is given up. */
  keptWhileDisabled: number
  /** A hook without a success for so long is reported as unreachable. */
  hookUnreachableAfter: number
}

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const DAY = 24 * HOUR

export const DELIVERY_SETTINGS: DeliverySettings = {
  retry: RETRY_POLICY,
  breaker: BREAKER_POLICY,
  concurrency: 512,
  listenerConcurrency: 32,
  lanesInMemory: 2_048,
  lanesPerClaim: 64,
  deliveriesPerLane: 20,
  turn: 100,
  lease: 10 * SECOND,
  heartbeat: 2.5 * SECOND,
  poll: SECOND,
  faultReport: 5 * SECOND,
  breakerRest: 60 * SECOND,
  disabledRest: HOUR,
  keptWhileDisabled: 7 * DAY,
  hookUnreachableAfter: 5 * DAY,
}
