import type { Listener, TimelineEntry } from '@tract/contract'
import { useAnswer } from '../../../api/use-answer.js'
import { useRepeated } from '../../../api/use-repeated.js'
import { Link } from '../../../router/link.js'
import { routeTo } from '../../../router/route.js'
import { Time } from '../../../time/time.js'
import { useAvailability } from '../../listeners/availability/use-availability.js'
import { type Reason, reasonsOf } from './reasons.js'

interface ReasonListProps {
  organisationId: string
  listener: Listener
  entries: readonly TimelineEntry[]
}

/** Hooks, breakers and hours change without a change of the user's thread. */
const EVERY_MS = 5_000

/** Why nothing comes to a listener, where there is a reason. */
export function ReasonList({ organisationId, listener, entries }: ReasonListProps) {
  const id = listener.listener_id
  const hooks = useAnswer('listHooks', {}, { actFor: `${organisationId}/${id}` })
  const health = useAnswer('listDeliveryHealth', { query: { organisation_id: organisationId, limit: 100 } })
  const availability = useAvailability(organisationId, id)
  useRepeated(() => {
    hooks.reload()
    health.reload()
  }, EVERY_MS)
  const reasons = reasonsOf({
    listener,
    hooks: hooks.data?.hooks,
    health: health.data?.listeners.find(({ listener_id }) => listener_id === id),
    availability: availability.partsOf(id).find(({ team }) => team === undefined),
    entries,
  })
  return (
    <div role="status" aria-label={`What keeps ${id} from hearing`}>
      {reasons.length > 0 && (
        <ul className="reasons plain-list">
          {reasons.map((reason) => (
            <li key={`${reason.kind} ${reason.text}`}>
              {reason.text} {reason.at && <Time value={reason.at} exact />}{' '}
              <Remedy {...{ reason, organisationId, id }} />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** Where that is mended. */
function Remedy({ reason, organisationId, id }: { reason: Reason; organisationId: string; id: string }) {
  if (reason.deliveryId !== undefined)
    return <Link href={routeTo(organisationId, 'deliveries', id, reason.deliveryId)}>Its attempts</Link>
  return (
    <Link href={routeTo(organisationId, 'listeners', id)}>
      {reason.kind === 'no-hook' ? 'Register it' : `See ${id}`}
    </Link>
  )
}
