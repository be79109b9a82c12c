import type { DeliveryHealth, Listener, Overview } from '@tract/contract'
import { Fact, Facts } from '../../../components/facts.js'
import { Sparkline } from '../../../components/sparkline.js'
import { minutesOf, successRate } from '../../../overview/minutes.js'
import { Link } from '../../../router/link.js'
import { routeTo } from '../../../router/route.js'
import { duration, Time } from '../../../time/time.js'
import { HealthStatus } from '../health-status.js'

interface HealthPanelProps {
  /** Undefined while it is not known, as its hooks. */
  listener: Listener | undefined
  hooks: number | undefined
  health: DeliveryHealth
  /** Absent while it is not known. */
  hour: Overview | undefined
  organisationId: string
}

/** How far deliveries lag, and what holds them up. */
export function HealthPanel({ listener, hooks, health, hour, organisationId }: HealthPanelProps) {
  const own = hour?.listeners.find(({ listener_id }) => listener_id === health.listener_id)
  const minutes = hour && own ? minutesOf(hour, own.listener_id) : []
  const lags = minutes.map(({ lag_ms }) => lag_ms)
  const failures = minutes.map(({ failed }) => failed)
  const { listener_id, lag_ms, pending_deliveries, waiting_lanes, failing_lanes, oldest_head, open_breakers } = health
  return (
    <section className="card stack" aria-labelledby="health">
      <h2 id="health">Health</h2>
      <Facts>
        <Fact name="Deliveries">
          <HealthStatus listener={listener} health={health} hooks={hooks} />
        </Fact>
        <Fact name="Lag">{lag_ms === 0 ? 'none' : duration(lag_ms)}</Fact>
        <Fact name="Deliveries on their way">{pending_deliveries}</Fact>
        <Fact name="Users they are for">{waiting_lanes}</Fact>
        <Fact name="Users being sent to now">{health.delivering_lanes}</Fact>
        <Fact name="Users behind a failure">{failing_lanes}</Fact>
        <Fact name="Hooks disabled">{health.disabled_hooks}</Fact>
        {oldest_head && (
          <Fact name="Oldest that waits">
            <Link href={routeTo(organisationId, 'deliveries', listener_id, oldest_head.delivery_id)}>
              <Time value={oldest_head.created_at} still />
            </Link>
          </Fact>
        )}
        {own && (
          <>
            <Fact name="Success in the last hour">{successRate(own) ?? 'no attempt'}</Fact>
            <Fact name="Lag in the last hour">
              <Sparkline label={`At most ${duration(Math.max(...lags))}`} values={lags} />
            </Fact>
            <Fact name="Failed attempts in the last hour">
              <Sparkline label={`${own.failed} failed attempts`} values={failures} tone="bad" />
            </Fact>
          </>
        )}
      </Facts>
      <p className="hint">
        Deliveries of one user go out one after another, in a lane: where the first fails, the others of that user wait.
      </p>
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
