import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { binaryArray } from '../database/binary-arrays.js'
import { transaction } from '../database/database.js'
import type { Queryable } from '../database/queryable.js'
import { statement } from '../database/statement.js'
import { OPENING } from '../lanes/bodies.js'
import { BUCKETS } from '../lanes/bucket.js'
import { compareLanes, LANE_KEY, type LaneKey, laneOf, MARKED } from '../lanes/lane-key.js'
import { type ClaimedDelivery, type NextRow, nextColumns, toDelivery } from '../lanes/next-deliveries.js'
import type { ClaimedLane } from '../lanes/offer.js'

export type { ClaimedDelivery }

export interface ClaimOptions {
  buckets: readonly number[]
  /** Lanes at most, the first buckets' first. */
  limit: number
  /** Deliveries of each at most. */
  perLane: number
  now: Date
  leaseUntil: Date
  /** Listeners whose lanes are left where they are, each as `listenerKey` names it. */
  except: readonly string[]
  /** Listeners of whose lanes only the head is read, since most go back as they came. */
  failing: readonly string[]
}

// A leased lane keeps its place in the index of due lanes: only columns without an index are written, which is cheap. Claims
// pass over the few that are leased in a bucket, and a lane whose lease lapsed is due without a write.
const CLAIM = `
  with picked as materialized (
    select b.bucket, l.* from unnest($1::smallint[]) as b(bucket) cross join lateral (
      select organisation_id, listener, user_id, head, tail, attempt, attempts_made, refusals, failing_since, unacknowledged,
        ect_user_id, ect_from, former_ect_user_ids from lanes
      where bucket = b.bucket and next_at <= $2 and (lease_until is null or lease_until <= $2)
        and ($7::text[] = '{}' or organisation_id::text || '/' || listener <> all($7))
      order by next_at limit $3 for update skip locked
    ) l limit $3
  ), claimed as (
    update lanes l set lease = $5, lease_until = $6 from picked p where ${laneOf('p')}
  )
  select d.*, l.* from picked p left join lateral (
    select ${nextColumns('p')}, row_number() over (order by d.sequence) as place from deliveries d ${OPENING}
    where d.bucket = p.bucket and d.organisation_id = p.organisation_id and d.listener = p.listener and d.user_id = p.user_id
      and d.sequence > p.head
    order by d.sequence limit case when p.organisation_id::text || '/' || p.listener = any($8::text[]) then 1 else $4 end
  ) d on true left join lateral (select p.* where coalesce(d.place, 1) = 1) l on true`

interface ClaimRow extends NextRow<string | null> {
  /** The lane is told of with the first of its deliveries only. */
  bucket: number | null
  organisation_id: string
  listener: string
  user_id: string
  head: number
  tail: number
  attempt: number
  attempts_made: number
  refusals: number
  failing_since: Date | null
  unacknowledged: number
}

/** Leases lanes that are due, the longest waiting of a bucket first, and reads what is next in each. In the order of buckets. */
export async function claim(db: Queryable, options: ClaimOptions): Promise<ClaimedLane[]> {
  const { buckets, limit, perLane, now, leaseUntil, except, failing } = options
  const lease = randomUUID()
  const { rows } = await db.query<ClaimRow>({
    name: 'lanes_claim',
    text: CLAIM,
    values: [
      binaryArray('smallint', buckets),
      now,
      limit,
      perLane,
      lease,
      leaseUntil,
      binaryArray('text', except),
      binaryArray('text', failing),
    ],
  })
  const lanes: ClaimedLane[] = []
  for (const row of rows) {
    if (row.bucket !== null) lanes.push({ lease, leaseUntil, ...toLane(row, row.bucket) })
    if (isDelivery(row)) lanes.at(-1)?.deliveries.push(toDelivery(row))
  }
  return lanes
}

const toLane = (row: ClaimRow, bucket: number): Omit<ClaimedLane, 'lease' | 'leaseUntil'> => ({
  bucket,
  organisationId: row.organisation_id,
  listener: row.listener,
  userId: row.user_id,
  endedTo: row.head,
  tail: row.tail,
  failures: row.attempt,
  attemptsMade: row.attempts_made,
  refusals: row.refusals,
  failingSince: row.failing_since,
  unacknowledged: row.unacknowledged,
  deliveries: [],
})

const isDelivery = (row: NextRow<string | null>): row is NextRow => row.id !== null

const RENEW = statement({
  name: 'lanes_renew',
  parameters: { lanes: { ...LANE_KEY, lease: 'uuid' }, leaseUntil: 'timestamptz' },
  text: ({ lanes, leaseUntil }) => `with mine as materialized (
      select r.* from ${lanes('r')} join lanes l on ${laneOf('r')} and l.lease = r.lease for update of l skip locked
    )
    update lanes l set lease_until = ${leaseUntil} from mine m where ${laneOf('m')}
    returning l.bucket, l.organisation_id as "organisationId", l.listener, l.user_id as "userId"`,
})

/**
 * Prolongs leases.
 * @returns the keys of those that were prolonged; the others are lost, or being written to at this moment
 */
export async function renew(
  db: Queryable,
  lanes: readonly (LaneKey & { lease: string })[],
  leaseUntil: Date,
): Promise<LaneKey[]> {
  return (await db.query<LaneKey>(RENEW({ lanes, leaseUntil }))).rows
}

/** Lanes of one statement: more would hold their locks for too long. */
const MOST_MADE_DUE = 1_000

const MAKE_DUE = statement({
  name: 'lanes_make_due',
  parameters: { lanes: LANE_KEY, now: 'timestamptz' },
  text: ({ lanes, now }) => `with waiting as materialized (
      select r.* from ${lanes('r')} join lanes l on ${laneOf('r')}
      where (l.next_at > ${now}) is true and l.lease is null -- nothing for an index: each lane is looked up by its key
      for update of l -- what is locked may be getting one more delivery: it is waited for
    )
    update lanes l set next_at = ${now} from waiting w where ${laneOf('w')}`,
})

/** Makes waiting lanes due now. Those that are leased are at work already. */
export async function makeDue(db: Queryable, lanes: readonly LaneKey[], now: Date): Promise<void> {
  const sorted = [...lanes].sort(compareLanes)
  for (let from = 0; from < sorted.length; from += MOST_MADE_DUE)
    await db.query(MAKE_DUE({ lanes: sorted.slice(from, from + MOST_MADE_DUE), now }))
}

/**
 * Makes everything due that waits for a listener: its hook was enabled, or moved. One statement, and another one for every thousand lanes.
 * A leased lane is marked: its holder may have read the hook as it was, and makes the lane due instead of letting it rest.
 * @returns the buckets in which something waited
 */
export async function makeListenerDue(
  pool: pg.Pool,
  organisationId: string,
  listener: string,
  now: Date,
): Promise<number[]> {
  const found = new Set<number>()
  for (let left = Array.from({ length: BUCKETS }, (_, bucket) => bucket); ; ) {
    const { rows } = await transaction(pool, (db) =>
      db.query<{ bucket: number }>({
        name: 'lanes_make_listener_due',
        text: `with waiting as materialized (
          select b.bucket, $2::uuid as organisation_id, $3::text as listener, w.user_id
          from unnest($1::smallint[]) as b(bucket) cross join lateral (
            select user_id from lanes
            where bucket = b.bucket and organisation_id = $2 and listener = $3
              and case when lease is null then next_at > $4 else next_at is distinct from ${MARKED} end
            order by user_id limit $5 for update -- what is locked may be about to rest: it is waited for
          ) w limit $5
        )
        update lanes l set next_at = case when lease is null then $4 else ${MARKED} end
        from waiting w where ${laneOf('w')} returning l.bucket`,
        values: [binaryArray('smallint', left), organisationId, listener, now, MOST_MADE_DUE],
      }),
    )
    for (const { bucket } of rows) found.add(bucket)
    if (rows.length < MOST_MADE_DUE) return [...found]
    left = left.slice(left.indexOf(Math.max(...rows.map(({ bucket }) => bucket))))
  }
}

/** When each of these buckets next has something due. One index look-up a bucket; not for the hot path. */
export async function nextDue(
  db: Queryable,
  buckets: readonly number[],
  now: Date,
): Promise<{ bucket: number; at: Date }[]> {
  const { rows } = await db.query<{ bucket: number; at: Date }>({
    name: 'lanes_next_due',
    text: `select b.bucket, first.next_at as at from unnest($1::smallint[]) as b(bucket) cross join lateral (
        select next_at from lanes where bucket = b.bucket and next_at is not null and (lease_until is null or lease_until <= $2)
        order by next_at limit 1
      ) first`,
    values: [buckets, now],
  })
  return rows
}
