import type { ListenerOverview, Overview, OverviewMinute } from '@tract/contract'
import { type HealthRow, listDeliveryHealth } from '../../views/delivery-health.js'
import { type OverviewRow, readOverview } from '../../views/overview.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

const MINUTE_MS = 60_000
const MOST_LISTENERS = 1_000

export function overviewHandlers({ pools }: Services) {
  return {
    getOverview: async ({ query }) => {
      const organisationId = query.organisation_id
      const now = new Date()
      const health = await listDeliveryHealth(pools, { organisationId, limit: MOST_LISTENERS }, now)
      const { from, rows, scale } = await readOverview(pools, organisationId, now)
      const whole = rows.find(({ listener }) => listener === null)
      const oldest = oldestOf(health)
      return {
        from: from.toISOString(),
        sampled: scale > 1,
        ...figures(whole, scale),
        backlog: health.reduce((sum, { pending_deliveries }) => sum + pending_deliveries, 0),
        ...(whole?.latency_ms && { latency_ms: toLatency(whole.latency_ms) }),
        ...(oldest && { oldest_head: oldest }),
        listeners: byListener(rows, scale),
      }
    },
  } satisfies Partial<Handlers<Call>>
}

type Figures = Pick<Overview, 'accepted' | 'delivered' | 'failed'>

const figures = (row: OverviewRow | undefined, scale: number): Figures => ({
  accepted: Math.round((row?.accepted ?? 0) * scale),
  delivered: Math.round((row?.delivered ?? 0) * scale),
  failed: Math.round((row?.failed ?? 0) * scale),
})

function toLatency(percentiles: readonly number[]): NonNullable<Overview['latency_ms']> {
  const [p50 = 0, p95 = 0, p99 = 0] = percentiles.map(Math.round)
  return { p50, p95, p99 }
}

function oldestOf(health: readonly HealthRow[]): Overview['oldest_head'] {
  const waiting = health.flatMap(({ listener_id, oldest_head_id, oldest_head_at }) =>
    oldest_head_id && oldest_head_at ? [{ listener_id, delivery_id: oldest_head_id, at: oldest_head_at }] : [],
  )
  const [first] = waiting.sort((a, b) => a.at.getTime() - b.at.getTime())
  return first && { listener_id: first.listener_id, delivery_id: first.delivery_id, created_at: first.at.toISOString() }
}

/** Rows come by listener and minute. */
function byListener(rows: readonly OverviewRow[], scale: number): ListenerOverview[] {
  const minutes = new Map<string, OverviewMinute[]>()
  for (const row of rows) {
    if (row.listener === null || row.minute === null) continue
    const known = minutes.get(row.listener) ?? []
    minutes.set(row.listener, known)
    known.push({
      at: new Date(row.minute * MINUTE_MS).toISOString(),
      ...figures(row, scale),
      ...(row.lag_ms !== null && { lag_ms: Math.round(row.lag_ms) }),
    })
  }
  return [...minutes].map(([listener_id, own]) => ({
    listener_id,
    accepted: sum(own, 'accepted'),
    delivered: sum(own, 'delivered'),
    failed: sum(own, 'failed'),
    minutes: own,
  }))
}

const sum = (minutes: readonly OverviewMinute[], name: keyof Figures): number =>
  minutes.reduce((total, minute) => total + minute[name], 0)
