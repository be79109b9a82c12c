/** What a pending delivery waits for: its turn in the lane, and what the first one there waits for. */
import type { DeliveryWait } from '@tract/contract'
import { STREAM_URL } from '../accounts/hooks.js'
import type { Queryable } from '../database/queryable.js'
import { BREAKER_CONFIRMED_WITHIN_MS, LONGEST_ORIGIN } from '../deliver/health/fault-rows.js'
import { addressOf } from '../deliver/send/hook-address.js'
import type { LaneKey } from '../lanes/lane-key.js'

interface Row {
  head: number
  head_id: string | null
  next_at: Date | null
  lease_until: Date | null
  hook_id: string | null
  hook_status: 'active' | 'disabled' | null
  url: string | null
  is_enabled: boolean | null
  alive_until: Date | null
  origins: string[] | null
}

const WAIT = `
  select l.head, d.id as head_id, l.next_at, l.lease_until, h.id as hook_id, h.status as hook_status, h.url, s.enabled as is_enabled,
    (select alive_until from hook_streams where organisation_id = $2 and listener_id = $3) as alive_until,
    (select array_agg(distinct origin) from open_breakers where organisation_id = $2 and listener_id = $3 and confirmed_at >= $5) as origins
  from lanes l
    left join lateral (
      select id, category, subcategory from deliveries where bucket = $1 and organisation_id = $2 and listener = $3 and user_id = $4
        and sequence = l.head + 1 offset 0
    ) d on true
    left join hooks h on h.organisation_id = $2 and h.listener_id = $3 and h.category = d.category and h.subcategory = d.subcategory
    left join listeners s on s.organisation_id = $2 and s.listener_id = $3
  where l.bucket = $1 and l.organisation_id = $2 and l.listener = $3 and l.user_id = $4`

/** Undefined if it has ended by now. */
export async function deliveryWait(
  db: Queryable,
  { bucket, organisationId, listener, userId }: LaneKey,
  sequence: number,
  now: Date,
): Promise<DeliveryWait | undefined> {
  const confirmedSince = new Date(now.getTime() - BREAKER_CONFIRMED_WITHIN_MS)
  const values = [bucket, organisationId, listener, userId, confirmedSince]
  const { rows } = await db.query<Row & Record<string, unknown>>({ text: WAIT, values })
  const [row] = rows
  if (!row || row.head >= sequence) return undefined
  const ahead = sequence - row.head - 1
  return { ...reasonOf(row, now), ahead, ...(ahead > 0 && row.head_id !== null && { head_id: row.head_id }) }
}

/** In the order in which the dispatcher would find out. */
function reasonOf(row: Row, now: Date): Omit<DeliveryWait, 'ahead'> {
  const { hook_id, url, origins, next_at } = row
  if (row.lease_until && row.lease_until > now) return { reason: 'attempt' }
  if (hook_id === null || url === null) return { reason: 'due' }
  if (row.is_enabled === false) return { reason: 'listener_disabled' }
  if (row.hook_status === 'disabled') return { reason: 'hook_disabled', hook_id }
  if (url === STREAM_URL && !(row.alive_until && row.alive_until > now)) return { reason: 'no_reader', hook_id }
  const until = next_at && next_at > now ? { until: next_at.toISOString() } : {}
  const { origin } = addressOf({ url })
  if (origins?.includes(origin.slice(0, LONGEST_ORIGIN))) return { reason: 'breaker', origin, hook_id, ...until }
  return 'until' in until ? { reason: 'retry', hook_id, ...until } : { reason: 'due' }
}
