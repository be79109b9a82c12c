import type { Attempt, Delivery } from '@tract/contract'
import { useAnswer } from '../../../api/use-answer.js'
import { useRepeated } from '../../../api/use-repeated.js'
import { Link } from '../../../router/link.js'
import { routeTo } from '../../../router/route.js'
import { Countdown } from '../../../time/countdown.js'
import { Time } from '../../../time/time.js'
import { waitsFor } from './waits.js'

interface WaitsForProps {
  delivery: Delivery
  attempts: readonly Attempt[]
  organisationId: string
}

/** Hooks, breakers and what comes before it change without a change of this delivery. */
const EVERY_MS = 3_000
const MOST = 200

/** What a pending delivery waits for, as it is now. */
export function WaitsFor({ delivery, attempts, organisationId }: WaitsForProps) {
  const { listener, user_id } = delivery
  const actFor = `${organisationId}/${listener}`
  const pending = useAnswer('listDeliveries', { body: { user_id, state: 'pending', limit: MOST } }, { actFor })
  const hooks = useAnswer('listHooks', {}, { actFor })
  const health = useAnswer('listDeliveryHealth', { query: { organisation_id: organisationId, limit: 100 } })
  const self = useAnswer('whoAmI', { body: {} }, { actFor })
  useRepeated(() => {
    for (const { reload } of [pending, hooks, health]) reload()
  }, EVERY_MS)
  if (!pending.data || !hooks.data || !self.data) return null
  const { text, behind, until, since } = waitsFor({
    delivery,
    attempts,
    pending: pending.data.deliveries,
    hooks: hooks.data.hooks,
    health: health.data?.listeners.find(({ listener_id }) => listener_id === listener),
    retry: self.data.retry,
  })
  return (
    <p className="waits-for">
      <strong>Waits for:</strong> {text}{' '}
      {behind && (
        <Link href={routeTo(organisationId, 'deliveries', listener, behind.id)}>
          {behind.category}/{behind.subcategory}, number {behind.sequence}
        </Link>
      )}
      {since && <Time value={since} exact />}
      {until && <Countdown until={until} />}
    </p>
  )
}
