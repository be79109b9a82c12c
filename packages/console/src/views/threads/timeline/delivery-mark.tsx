import type { DeliveryState, TimelineDelivery } from '@tract/contract'
import type { Tone } from '../../../components/status.js'

export const DELIVERY_TONE: Readonly<Record<DeliveryState, Tone>> = {
  delivered: 'good',
  pending: 'warn',
  undeliverable: 'bad',
  cancelled: 'idle',
}

const SIGN: Readonly<Record<DeliveryState, string>> = {
  delivered: '✓',
  pending: '…',
  undeliverable: '✕',
  cancelled: '–',
}

type DeliveryMarkProps = Pick<TimelineDelivery, 'listener' | 'state' | 'sequence' | 'attempts'>

/** One delivery in a lane's column: its state as a sign, its number in the lane, and how often it was tried where that was not once. */
export function DeliveryMark({ listener, state, sequence, attempts }: DeliveryMarkProps) {
  const tried = attempts === 1 ? '' : `, ${attempts} attempts`
  return (
    <span className={`mark mark-${DELIVERY_TONE[state]}`} title={`${state}${tried}, number ${sequence} in its lane`}>
      <span className="unseen">{`${listener}: ${state}${tried}, number `}</span>
      <span aria-hidden="true">{SIGN[state]}</span>
      <span>{sequence}</span>
      {attempts > 1 && <span aria-hidden="true">×{attempts}</span>}
    </span>
  )
}

/** How many deliveries are in which state. */
export function DeliverySummary({ deliveries }: { deliveries: readonly TimelineDelivery[] }) {
  const counts = Object.entries(DELIVERY_TONE).map(([state, tone]) => ({
    state: state as DeliveryState,
    tone,
    count: deliveries.filter((delivery) => delivery.state === state).length,
  }))
  return (
    <p className="timeline-summary">
      {counts.map(
        ({ state, tone, count }) =>
          count > 0 && (
            <span key={state} className={`mark mark-${tone}`}>
              <span aria-hidden="true">{SIGN[state]}</span> {count} {state}
            </span>
          ),
      )}
    </p>
  )
}

/** What the signs in the columns mean. */
export function MarkLegend() {
  return (
    <p className="mark-legend hint">
      {Object.entries(DELIVERY_TONE).map(([state, tone]) => (
        <span key={state}>
          <span className={`mark mark-${tone}`} aria-hidden="true">
            {SIGN[state as DeliveryState]}
          </span>{' '}
          {state === 'pending' ? 'pending: on its way' : state}
        </span>
      ))}
      <span>The number is its place among all that this listener gets of this user; ×3: it was tried 3 times.</span>
    </p>
  )
}
