import type { DeliveryState } from '../lanes/deliveries.js'
import type { LaneKey } from '../lanes/lane-key.js'
import type { OpenSpan } from '../telemetry/tracing.js'
import type { ClaimedDelivery } from './claims.js'
import type { Hook } from './hook-directory.js'
import type { Attempt } from './send/attempt.js'
import type { ReducedPart } from './storable-result.js'

/** What an attempt is at, and where it goes. */
export interface AttemptTarget {
  lane: LaneKey
  delivery: ClaimedDelivery
  hook: Hook
  /** Counts the attempts at this delivery: 1, 2, 3 … */
  number: number
}

/** Sees everything that the engine does, as it does it: each call is on the hot path, has to be quick, and must not throw. */
export interface DeliveryObserver {
  /** An attempt begins. Its trace goes out with it; null: what the delivery came with does. */
  attempting?(target: AttemptTarget): OpenSpan | null
  /** @param attempt null where it was broken off, and nobody knows what became of it */
  attempted?(target: AttemptTarget, attempt: Attempt | null, span: OpenSpan | null): void
  /** A delivery has ended, and that is committed. */
  ended?(state: DeliveryState): void
  /** The result of an attempt was written without this, since it cannot be written with it. */
  reduced?(part: ReducedPart): void
}
