import type { DeliveryWait } from '@tract/contract'
import { Link } from '../../../router/link.js'
import { Countdown } from '../../../time/countdown.js'

interface WaitsForProps {
  waits: DeliveryWait
  /** The address of another delivery of the lane. */
  to: (id: string) => string
}

/** What the first of a lane waits for, by reason. */
const REASONS: Readonly<Record<string, string>> = {
  attempt: 'the answer to the attempt that is under way',
  retry: 'the pause after an attempt that failed',
  breaker: 'the breaker of its endpoint, which rests after failures',
  hook_disabled: 'its hook, which is paused',
  listener_disabled: 'its listener, which is disabled',
  no_reader: 'its receiver, which fetches its hooks and does not at present',
  due: 'nothing: it is sent as soon as there is room',
}

/** What a pending delivery waits for, as it is now. */
export function WaitsFor({ waits: { reason, until, ahead, head_id, origin }, to }: WaitsForProps) {
  const what = `${REASONS[reason] ?? reason}${origin === undefined ? '' : ` (${origin})`}`
  return (
    <p>
      <strong>Waits for:</strong>{' '}
      {ahead > 0 && head_id !== undefined ? (
        <>
          its turn. {ahead === 1 ? 'One delivery' : `${ahead} deliveries`} of the same user before it;{' '}
          <Link href={to(head_id)}>the first</Link> waits for {what}
        </>
      ) : (
        what
      )}
      {until && (
        <>
          , for another <Countdown until={until} />
        </>
      )}
      .
    </p>
  )
}
