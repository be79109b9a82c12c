import type { Queryable } from '../database/queryable.js'
import { firstOf, type Sliced } from '../database/slices.js'
import { BREAKER_CONFIRMED_WITHIN_MS, type FaultKind } from '../deliver/health/fault-rows.js'
import { ALL_BUCKETS, type DeliveryState } from '../lanes/delivery-places.js'
import { mayWait } from '../lanes/lane-key.js'
import { compare } from '../lanes/user-key.js'

/** How deliveries to one listener are going, by the names that this has on the wire. */
export interface HealthRow {
  organisation_id: string
  listener_id: string
  waiting_lanes: number
  delivering_lanes: number
  failing_lanes: number
  pending_deliveries: number
  oldest_head_id: string | null
  oldest_head_at: Date | null
  open_breakers: { origin: string; opened_at: string; processes: number }[]
  disabled_hooks: number
}

export interface ListenerCursor {
  organisationId: string
  listener: string
}

const FIRST: ListenerCursor = { organisationId: '00000000-0000-0000-0000-000000000000', listener: '' }

// The lanes that wait are found by the indexes of those, so that it does not matter how many lanes there are; then each one's head by its
// key. What this costs grows with the lanes that wait, and it is for people who look into trouble.
const HEALTH = `
  with page as materialized (
    select organisation_id, listener_id from listeners
    where ($1::uuid is null or organisation_id = $1) and (organisation_id, listener_id) > ($2::uuid, $3::text)
    order by organisation_id, listener_id limit $4
  ), waiting as materialized (
    select l.* from unnest($5::smallint[]) as b(bucket) cross join lateral (
      select bucket, organisation_id, listener, user_id, head, tail, failing_since, lease_until from lanes
      where bucket = b.bucket and ${mayWait('lanes')} and head < tail offset 0
    ) l where exists (select from page p where p.organisation_id = l.organisation_id and p.listener_id = l.listener)
  ), lanes_of as (
    select w.organisation_id, w.listener, count(*)::int as waiting_lanes,
      (count(*) filter (where w.lease_until > $7))::int as delivering_lanes, count(w.failing_since)::int as failing_lanes,
      sum(w.tail - w.head)::int as pending_deliveries,
      (array_agg(d.id order by d.created_at, d.id) filter (where d.id is not null))[1] as oldest_head_id,
      min(d.created_at) as oldest_head_at
    from waiting w left join lateral (
      select id, created_at from deliveries d
      where d.bucket = w.bucket and d.organisation_id = w.organisation_id and d.listener = w.listener and d.user_id = w.user_id
        and d.sequence = w.head + 1 offset 0
    ) d on true
    group by w.organisation_id, w.listener
  ), breakers_of as (
    select organisation_id, listener_id,
      jsonb_agg(jsonb_build_object('origin', origin, 'opened_at', opened_at, 'processes', processes) order by origin) as open_breakers
    from (select organisation_id, listener_id, origin, min(opened_at) as opened_at, count(*) as processes from open_breakers
      where confirmed_at >= $6 group by organisation_id, listener_id, origin) b
    group by organisation_id, listener_id
  )
  select p.organisation_id, p.listener_id, coalesce(l.waiting_lanes, 0) as waiting_lanes,
    coalesce(l.delivering_lanes, 0) as delivering_lanes,
    coalesce(l.failing_lanes, 0) as failing_lanes, coalesce(l.pending_deliveries, 0) as pending_deliveries,
    l.oldest_head_id, l.oldest_head_at, coalesce(b.open_breakers, '[]') as open_breakers,
    (select count(*)::int from hooks h
      where h.organisation_id = p.organisation_id and h.listener_id = p.listener_id and h.status = 'disabled') as disabled_hooks
  from page p
    left join lanes_of l on l.organisation_id = p.organisation_id and l.listener = p.listener_id
    left join breakers_of b on b.organisation_id = p.organisation_id and b.listener_id = p.listener_id
  order by p.organisation_id, p.listener_id`

/** Listeners by organisation and id, at most `limit` of them. `organisationId`: of this organisation alone. */
export async function listDeliveryHealth(
  slices: Sliced<Queryable>,
  { organisationId, after = FIRST, limit }: { organisationId: string | null; after?: ListenerCursor; limit: number },
  now: Date,
): Promise<HealthRow[]> {
  const confirmedSince = new Date(now.getTime() - BREAKER_CONFIRMED_WITHIN_MS)
  const query = {
    text: HEALTH,
    values: [organisationId, after.organisationId, after.listener, limit, ALL_BUCKETS, confirmedSince, now],
  }
  const [rows = [], ...others] = await slices.ask(async (db) => (await db.query<HealthRow>(query)).rows)
  return others.reduce(together, rows)
}

/** Of two slices: the listeners are the same, and have lanes in both. */
function together(some: readonly HealthRow[], others: readonly HealthRow[]): HealthRow[] {
  const byName = new Map(others.map((row) => [`${row.organisation_id} ${row.listener_id}`, row]))
  return some.map((row) => {
    const other = byName.get(`${row.organisation_id} ${row.listener_id}`)
    if (!other) return row
    const isOlder = (other.oldest_head_at?.getTime() ?? Infinity) < (row.oldest_head_at?.getTime() ?? Infinity)
    return {
      ...row,
      waiting_lanes: row.waiting_lanes + other.waiting_lanes,
      delivering_lanes: row.delivering_lanes + other.delivering_lanes,
      failing_lanes: row.failing_lanes + other.failing_lanes,
      pending_deliveries: row.pending_deliveries + other.pending_deliveries,
      ...(isOlder && { oldest_head_id: other.oldest_head_id, oldest_head_at: other.oldest_head_at }),
    }
  })
}

export interface FaultRow {
  delivery_id: string
  organisation_id: string
  listener_id: string
  fault: FaultKind
  error: string
  count: number
  first_at: Date
  last_at: Date
  /** What has become of the delivery; null where it is not there any more. */
  state: DeliveryState | null
}

/** A delivery may have a fault of each kind. */
export interface FaultCursor {
  deliveryId: string
  fault: string
}

/** Faults of the newest deliveries first, at most `limit` of them. There are few, or something is very wrong. */
export async function listDeliveryFaults(
  slices: Sliced<Queryable>,
  { organisationId, after, limit }: { organisationId: string | null; after?: FaultCursor; limit: number },
): Promise<FaultRow[]> {
  const query = {
    text: `select f.delivery_id, f.organisation_id, f.listener as listener_id, f.fault, f.error, f.count, f.first_at, f.last_at, d.state
      from (
        select * from delivery_faults
        where ($1::uuid is null or organisation_id = $1)
          and ($2::uuid is null or delivery_id < $2 or (delivery_id = $2 and fault > $3))
        order by delivery_id desc, fault limit $4
      ) f
      left join wire_deliveries d on d.bucket = f.bucket and d.organisation_id = f.organisation_id and d.id = f.delivery_id
      order by f.delivery_id desc, f.fault`,
    values: [organisationId, after?.deliveryId ?? null, after?.fault ?? null, limit],
  }
  const lists = await slices.ask(async (db) => (await db.query<FaultRow>(query)).rows)
  return firstOf(lists, (a, b) => compare(b.delivery_id, a.delivery_id) || compare(a.fault, b.fault), limit)
}
