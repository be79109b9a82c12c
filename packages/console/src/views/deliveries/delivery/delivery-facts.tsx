import type { Delivery } from '@tract/contract'
import { Fact, Facts } from '../../../components/facts.js'
import { Link } from '../../../router/link.js'
import { routeTo } from '../../../router/route.js'
import { duration, Time } from '../../../time/time.js'
import { DeliveryStatus } from '../delivery-states.js'

export function DeliveryFacts({ delivery, organisationId }: { delivery: Delivery; organisationId: string }) {
  const { id, listener, user_id, sequence, state, attempts, previous_id, replay_of, created_at, ended_at } = delivery
  const to = (other: string) => routeTo(organisationId, 'deliveries', listener, other)
  return (
    <Facts>
      <Fact name="State">
        <DeliveryStatus state={state} />
      </Fact>
      <Fact name="Listener">{listener}</Fact>
      <Fact name="User">
        <Link href={routeTo(organisationId, 'threads', user_id)}>{user_id}</Link>
      </Fact>
      <Fact name="In its lane">{sequence}</Fact>
      <Fact name="Attempts">{attempts}</Fact>
      <Fact name="Created">
        <Time value={created_at} exact />
      </Fact>
      {ended_at && (
        <Fact name="Ended">
          <Time value={ended_at} exact />, after {duration(Date.parse(ended_at) - Date.parse(created_at))}
        </Fact>
      )}
      <Fact name="Id">
        <code>{id}</code>
      </Fact>
      {previous_id && (
        <Fact name="Before it in its lane">
          <Link href={to(previous_id)}>{previous_id}</Link>
        </Fact>
      )}
      {replay_of && (
        <Fact name="Repeats">
          <Link href={to(replay_of)}>{replay_of}</Link>
        </Fact>
      )}
    </Facts>
  )
}
