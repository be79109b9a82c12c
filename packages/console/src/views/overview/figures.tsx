import type { Overview } from '@tract/contract'
import type { ReactNode } from 'react'
import { successRate } from '../../overview/minutes.js'
import { Link } from '../../router/link.js'
import { routeTo } from '../../router/route.js'
import { duration, Time } from '../../time/time.js'

/** The figures that say whether there is anything to look after. */
export function Figures({ overview, organisationId }: { overview: Overview; organisationId: string }) {
  const { accepted, delivered, backlog, latency_ms, oldest_head } = overview
  return (
    <dl className="figures">
      <Figure name="Accepted" also="in the last hour">
        {accepted}
      </Figure>
      <Figure name="Delivered" also={successRate(overview) && `${successRate(overview)} of attempts`}>
        {delivered}
      </Figure>
      <Figure
        name="Latency, median"
        also={latency_ms && `95 %: ${duration(latency_ms.p95)} · 99 %: ${duration(latency_ms.p99)}`}
      >
        {latency_ms ? duration(latency_ms.p50) : '–'}
      </Figure>
      <Figure name="On their way now">{backlog}</Figure>
      <Figure name="Oldest that waits" also={oldest_head && `for ${oldest_head.listener_id}`}>
        {oldest_head ? (
          <Link href={routeTo(organisationId, 'deliveries', oldest_head.listener_id, oldest_head.delivery_id)}>
            <Time value={oldest_head.created_at} still />
          </Link>
        ) : (
          'none'
        )}
      </Figure>
    </dl>
  )
}

function Figure({ name, also, children }: { name: string; also?: string | undefined; children: ReactNode }) {
  return (
    <div className="card">
      <dt>{name}</dt>
      <dd className="figure">{children}</dd>
      {also && <dd className="hint">{also}</dd>}
    </div>
  )
}
