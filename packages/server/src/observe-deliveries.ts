import type { ClaimedDelivery } from './deliver/claims.js'
import type { AttemptTarget, DeliveryObserver } from './deliver/observer.js'
import { isAcknowledged } from './deliver/send/attempt.js'
import type { Telemetry } from './telemetry/telemetry.js'
import { isSampled, type SpanAttributes } from './telemetry/tracing.js'

/** Counts, times, logs and traces every attempt. */
export function observeDeliveries({ metrics, tracing, log }: Telemetry): DeliveryObserver {
  const { ended, reduced, attempts, attemptSeconds, lagSeconds } = metrics
  const logsAttempts = log.isLevelEnabled('debug')
  return {
    ...(tracing && {
      attempting: ({ delivery }) => {
        const parent = traceOf(delivery)
        // whoever began it does not record it, so there is nothing to add
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

/** The trace that a delivery came with; one of its own, the same for every attempt, where no call caused it. */
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
