import type { DeliveryState } from '../lanes/delivery-places.js'
import type { LaneKey } from '../lanes/lane-key.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { isSampled, type OpenSpan, type SpanAttributes } from '../telemetry/tracing.js'
import type { ClaimedDelivery } from './claims.js'
import type { Hook } from './hook-directory.js'
import { type Attempt, isAcknowledged } from './send/attempt.js'
import type { ReducedPart } from './storable-result.js'

/** What an attempt is at, and where it goes. */
export interface AttemptTarget {
  lane: LaneKey
  delivery: ClaimedDelivery
  hook: Hook
  /** Counts the attempts at this delivery: 1, 2, 3 … */
  number: number
}

/** Sees what the engine does, as it does it: each call is on the hot path, has to be quick, and must not throw. */
export interface DeliveryObserver {
  /** An attempt begins. Its trace goes out with it; null: what the delivery came with does. */
  attempting?(target: AttemptTarget): OpenSpan | null
  /** @param attempt null where it was broken off: its result is not known */
  attempted?(target: AttemptTarget, attempt: Attempt | null, span: OpenSpan | null): void
  /** A delivery has ended, and that is committed. */
  ended?(state: DeliveryState): void
  /** The result of an attempt was written without this, since it cannot be written with it. */
  reduced?(part: ReducedPart): void
}

/** Counts, times, logs and traces every attempt. */
export function observeDeliveries({ metrics, tracing, log }: Telemetry): DeliveryObserver {
  const { ended, reduced, attempts, attemptSeconds, lagSeconds } = metrics
  const logsAttempts = log.isLevelEnabled('debug')
  return {
    ...(tracing && {
      attempting: ({ delivery }) => {
        const parent = traceOf(delivery)
        // the trace is not recorded where it began, so there is nothing to add
        if (!isSampled(parent)) return null
        return tracing.begin(`deliver ${delivery.category}.${delivery.subcategory}`, 'client', parent)
      },
    }),
    attempted: (target, attempt, span) => {
      if (attempt === null) {
        span?.end(attributesOf(target), 'abandoned')
        return
      }
      const { error, status, durationMs } = attempt
      attempts.of(error ?? 'acknowledged').add()
      attemptSeconds.observe(durationMs / 1000)
      // the clock of another process may be ahead
      if (isAcknowledged(error))
        lagSeconds.observe(Math.max(0, Date.now() - target.delivery.createdAt.getTime()) / 1000)
      if (logsAttempts) {
        const { organisationId, listener } = target.lane
        const { number, delivery } = target
        const deliveryId = delivery.id
        const traceId = span?.traceId ?? undefined
        log.debug({ deliveryId, organisationId, listener, number, status, error, ms: durationMs, traceId }, 'attempted')
      }
      if (span)
        span.end(
          { ...attributesOf(target), ...(status !== null && { 'http.response.status_code': status }) },
          isAcknowledged(error) ? undefined : (error ?? undefined),
        )
    },
    ended: (state) => ended.of(state).add(),
    reduced: (part) => reduced.of(part).add(),
  }
}

/** The trace that a delivery came with; where no call caused it, one of its own, the same for every attempt. */
function traceOf({ id, traceparent }: ClaimedDelivery): string {
  const hex = id.replaceAll('-', '')
  return traceparent ?? `00-${hex}-${hex.slice(16)}-01`
}

/** Of the URL, the host alone: the rest may hold a key. */
function attributesOf({ lane, delivery, hook, number }: AttemptTarget): SpanAttributes {
  const { hostname, port, protocol } = new URL(hook.url)
  return {
    'http.request.method': 'POST',
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
    'tract.organisation_id': lane.organisationId,
    'tract.listener': lane.listener,
    'tract.delivery_id': delivery.id,
    'tract.sequence': delivery.sequence,
    'tract.attempt': number,
  }
}
