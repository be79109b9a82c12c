import type { DeliveryHealth } from '@tract/contract'
import { Fact, Facts } from '../../../components/facts.js'
import { duration, Time } from '../../../components/time.js'
import { Link } from '../../../router/link.js'
import { routeTo } from '../../../router/route.js'
import { HealthStatus } from '../health-status.js'

/** How far deliveries lag, and what holds them up. */
export function HealthPanel({ health, organisationId }: { health: DeliveryHealth; organisationId: string }) {
  const { listener_id, lag_ms, pending_deliveries, waiting_lanes, failing_lanes, oldest_head, open_breakers } = health
  return (
    <section className="card stack" aria-labelledby="health">
      <h2 id="health">Health</h2>
      <Facts>
        <Fact name="Deliveries">
          <HealthStatus health={health} />
        </Fact>
        <Fact name="Lag">{lag_ms === 0 ? 'none' : duration(lag_ms)}</Fact>
        <Fact name="On their way">{pending_deliveries}</Fact>
        <Fact name="Lanes that wait">{waiting_lanes}</Fact>
        <Fact name="Lanes that fail">{failing_lanes}</Fact>
        <Fact name="Hooks disabled">{health.disabled_hooks}</Fact>
        {oldest_head && (
          <Fact name="Oldest that waits">
            <Link href={routeTo(organisationId, 'deliveries', listener_id, oldest_head.delivery_id)}>
              <Time value={oldest_head.created_at} />
            </Link>
          </Fact>
        )}
      </Facts>
      {open_breakers.length > 0 && (
        <ul className="breakers" aria-label="Open breakers">
          {open_breakers.map(({ origin, opened_at, processes }) => (
            <li key={origin}>
              Breaker open: <code>{origin}</code> fails since <Time value={opened_at} />; only a probe goes there now
              and then. {processes > 1 && `${processes} processes hold it open.`}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
