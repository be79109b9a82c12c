import type { AvailabilityStatus as Availability, ReceiverAvailability } from '@tract/contract'
import { Status, type Tone } from '../../../components/status.js'
import { Time } from '../../../time/time.js'

const TONE: Readonly<Record<Availability, Tone>> = { open: 'good', busy: 'warn', closed: 'idle' }

/** An estimate has no seconds. */
const roughly = (seconds: number): string => (seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`)

/** Is anybody there, and how long it takes. */
export function AvailabilityStatus({ availability }: { availability: ReceiverAvailability }) {
  const { status, capacity, waiting, estimated_wait_seconds: wait, reopens_at } = availability
  const more = [
    capacity !== undefined && `room for ${capacity}`,
    waiting !== undefined && `${waiting} waiting`,
    wait !== undefined && `about ${roughly(wait)}`,
  ].filter(Boolean)
  return (
    <span>
      <Status tone={TONE[status]}>{status}</Status> {more.length > 0 && <span className="hint">{more.join(', ')}</span>}
      {reopens_at && (
        <span className="hint">
          {' '}
          until <Time value={reopens_at} exact />
        </span>
      )}
    </span>
  )
}

/** A listener as a whole, then its teams. */
export function AvailabilityList({ listener, parts }: { listener: string; parts: readonly ReceiverAvailability[] }) {
  if (parts.length === 0) return '–'
  return (
    <ul className="plain-list" aria-label={`Availability of ${listener}`}>
      {parts.map((part) => (
        <li key={part.team ?? ''}>
          {part.team !== undefined && `${part.team}: `}
          <AvailabilityStatus availability={part} />
        </li>
      ))}
    </ul>
  )
}
