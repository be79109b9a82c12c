import { randomUUID } from 'node:crypto'
import { BUCKETS } from './bucket.js'
import type { Queryable } from './queryable.js'

/** Names one lane. */
export interface LaneKey {
  bucket: number
  organisationId: string
  listener: string
  userId: string
}

export interface ClaimedDelivery {
  id: string
  sequence: number
  previousId: string | null
  category: string
  subcategory: string
  state: 'pending' | 'delivered' | 'undeliverable' | 'cancelled'
  /** Attempts made so far. */
  attempts: number
  /** How many of them ended with the payload being refused. */
  refusals: number
  replayOf: string | null
  createdAt: Date
  body: string
  traceparent: string | null
}

/** A lane that is leased to whoever holds the token. */
export interface ClaimedLane extends LaneKey {
  /** Fencing token: a result is written only while the lane still carries it. */
  lease: string
  leaseUntil: Date
  head: number
  tail: number
  /** Failed attempts of the head so far. */
  attempt: number
  failingSince: Date | null
  /** The next ones, in order, without a gap. Empty if their rows are gone. */
  deliveries: ClaimedDelivery[]
}

export interface ClaimOptions {
  bucket: number
  /** At most so many lanes, … */
  limit: number
  /** … and so many deliveries of each. */
  perLane: number
  now: Date
  leaseUntil: Date
  /** Listeners whose lanes are left where they are, each as `listenerKey` names it. */
  except: readonly string[]
}

/** A listener in one string, as `except` wants it. */
export function listenerKey(organisationId: string, listener: string): string {
  return `${organisationId}/${listener}`
}

// A lease is nothing but a next_at in the future with a token: when it lapses, the lane is due again.
const CLAIM = `
  with picked as (
    select organisation_id, listener, user_id from lanes
    where bucket = $1 and head < tail and next_at <= $2 and organisation_id::text || '/' || listener <> all($7::text[])
    order by next_at limit $3 for update skip locked
  ), claimed as (
    update lanes l set lease = $5, lease_until = $6, next_at = $6
    from picked p
    where l.bucket = $1 and l.organisation_id = p.organisation_id and l.listener = p.listener and l.user_id = p.user_id
    returning l.organisation_id, l.listener, l.user_id, l.head, l.tail, l.attempt, l.failing_since
  )
  select c.*, d.id, d.sequence, d.previous_id, d.category, d.subcategory, d.state, d.attempts, d.replay_of, d.created_at,
    d.body, d.traceparent,
    case when d.attempts > 0 then (
      select count(*) from attempts a where a.bucket = $1 and a.organisation_id = c.organisation_id and a.delivery_id = d.id
        and a.error in ('status_4xx', 'refused')
    ) else 0 end::int as refusals
  from claimed c left join lateral (
    select * from deliveries d
    where d.bucket = $1 and d.organisation_id = c.organisation_id and d.listener = c.listener and d.user_id = c.user_id
      and d.sequence > c.head and d.sequence <= c.tail
    order by d.sequence limit $4
  ) d on true`

interface ClaimRow {
  organisation_id: string
  listener: string
  user_id: string
  head: number
  tail: number
  attempt: number
  failing_since: Date | null
  id: string | null
  sequence: number
  previous_id: string | null
  category: string
  subcategory: string
  state: ClaimedDelivery['state']
  attempts: number
  refusals: number
  replay_of: string | null
  created_at: Date
  body: string
  traceparent: string | null
}

/** Leases the lanes of one bucket that are due, the longest waiting first, and reads what is next in each. */
export async function claim(db: Queryable, options: ClaimOptions): Promise<ClaimedLane[]> {
  const { bucket, limit, perLane, now, leaseUntil, except } = options
  const lease = randomUUID()
  const { rows } = await db.query<ClaimRow>({
    name: 'lanes_claim',
    text: CLAIM,
    values: [bucket, now, limit, perLane, lease, leaseUntil, except],
  })
  const lanes = new Map<string, ClaimedLane>()
  for (const row of rows) {
    const key = `${row.organisation_id} ${row.listener}\0${row.user_id}`
    let lane = lanes.get(key)
    if (lane === undefined) {
      lane = {
        bucket,
        organisationId: row.organisation_id,
        listener: row.listener,
        userId: row.user_id,
        lease,
        leaseUntil,
        head: row.head,
        tail: row.tail,
        attempt: row.attempt,
        failingSince: row.failing_since,
        deliveries: [],
      }
      lanes.set(key, lane)
    }
    if (row.id !== null) lane.deliveries.push(toDelivery(row, row.id))
  }
  for (const { deliveries } of lanes.values()) deliveries.sort((a, b) => a.sequence - b.sequence)
  return [...lanes.values()]
}

function toDelivery(row: ClaimRow, id: string): ClaimedDelivery {
  return {
    id,
    sequence: row.sequence,
    previousId: row.previous_id,
    category: row.category,
    subcategory: row.subcategory,
    state: row.state,
    attempts: row.attempts,
    refusals: row.refusals,
    replayOf: row.replay_of,
    createdAt: row.created_at,
    body: row.body,
    traceparent: row.traceparent,
  }
}

const keyColumns = (lanes: readonly LaneKey[]): string[][] => [
  lanes.map((lane) => lane.organisationId),
  lanes.map((lane) => lane.listener),
  lanes.map((lane) => lane.userId),
]

/**
 * Prolongs leases in one bucket.
 * @returns the tokens and keys of those that were prolonged; the others are lost, or being written to at this moment
 */
export async function renew(
  db: Queryable,
  bucket: number,
  lanes: readonly (LaneKey & { lease: string })[],
  leaseUntil: Date,
): Promise<LaneKey[]> {
  const { rows } = await db.query<Omit<LaneKey, 'bucket'>>({
    name: 'lanes_renew',
    text: `with mine as (
        select l.organisation_id, l.listener, l.user_id
        from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[]) as r(organisation_id, listener, user_id, lease)
        join lanes l on l.bucket = $1 and l.organisation_id = r.organisation_id and l.listener = r.listener
          and l.user_id = r.user_id and l.lease = r.lease
        for update of l skip locked
      )
      update lanes l set lease_until = $6, next_at = $6 from mine m
      where l.bucket = $1 and l.organisation_id = m.organisation_id and l.listener = m.listener and l.user_id = m.user_id
      returning l.organisation_id as "organisationId", l.listener, l.user_id as "userId"`,
    values: [bucket, ...keyColumns(lanes), lanes.map(({ lease }) => lease), leaseUntil],
  })
  return rows.map((row) => ({ bucket, ...row }))
}

/** Makes waiting lanes of one bucket due now. Those that are leased are at work already. */
export async function makeDue(db: Queryable, bucket: number, lanes: readonly LaneKey[], now: Date): Promise<void> {
  await db.query({
    name: 'lanes_make_due',
    text: `with waiting as (
        select l.organisation_id, l.listener, l.user_id
        from unnest($2::uuid[], $3::text[], $4::text[]) as r(organisation_id, listener, user_id)
        join lanes l on l.bucket = $1 and l.organisation_id = r.organisation_id and l.listener = r.listener
          and l.user_id = r.user_id
        where l.head < l.tail and l.lease is null and l.next_at > $5
        for update of l skip locked
      )
      update lanes l set next_at = $5 from waiting w
      where l.bucket = $1 and l.organisation_id = w.organisation_id and l.listener = w.listener and l.user_id = w.user_id`,
    values: [bucket, ...keyColumns(lanes), now],
  })
}

/**
 * Makes everything due that waits for a listener: its hook was enabled, or moved. Bucket by bucket, so that no lock is held for long.
 * @returns the buckets that have something due now
 */
export async function makeListenerDue(
  db: Queryable,
  organisationId: string,
  listener: string,
  now: Date,
): Promise<number[]> {
  const buckets: number[] = []
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const { rowCount } = await db.query({
      name: 'lanes_make_listener_due',
      text: `with waiting as (
          select user_id from lanes
          where bucket = $1 and organisation_id = $2 and listener = $3 and head < tail and lease is null and next_at > $4
          for update skip locked
        )
        update lanes l set next_at = $4 from waiting w
        where l.bucket = $1 and l.organisation_id = $2 and l.listener = $3 and l.user_id = w.user_id`,
      values: [bucket, organisationId, listener, now],
    })
    if (rowCount) buckets.push(bucket)
  }
  return buckets
}

/** When each bucket next has something due, leases that may lapse included. One index look-up a bucket; not for the hot path. */
export async function nextDue(db: Queryable): Promise<{ bucket: number; at: Date }[]> {
  const { rows } = await db.query<{ bucket: number; at: Date }>({
    name: 'lanes_next_due',
    text: `select b as bucket, first.next_at as at from generate_series(0, ${BUCKETS - 1}) b
      cross join lateral (select next_at from lanes where bucket = b and head < tail order by next_at limit 1) first`,
  })
  return rows
}
