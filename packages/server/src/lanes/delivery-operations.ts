import { v7 as uuidv7 } from 'uuid'
import type { Queryable } from '../database/queryable.js'
import { firstOf, type Sliced } from '../database/slices.js'
import { bodyIn, CALLED, OPENING, TRACEPARENT } from './bodies.js'
import { type DeliveryReference, type DeliveryRow, findDelivery, isUuid } from './deliveries.js'
import { ALL_BUCKETS, type DeliveryFilter, type DeliveryPlace, listEnded } from './delivery-places.js'
import { compare } from './user-key.js'

export const MOST_REPLAYED = 1_000

export type DeliveryOperation =
  /** Once it is committed: lift the reserve against the listener's endpoint, and wake this bucket. */
  | { kind: 'done'; delivery: DeliveryRow; bucket: number }
  | { kind: 'not_found' }
  /** `ended`: it is not pending. `not_head`: another one is before it. `in_flight`: it is being sent at this moment. */
  | { kind: 'conflict'; reason: 'ended' | 'not_head' | 'in_flight' }

/** Makes the head of a lane due now. A head that is being tried is left alone. */
export async function retryDelivery(
  db: Queryable,
  reference: DeliveryReference,
  now: Date,
): Promise<DeliveryOperation> {
  const found = await findHead(db, reference)
  if (found.kind !== 'head') return found
  const { bucket, ...delivery } = found.delivery
  await db.query({
    name: 'lane_retry',
    text: `update lanes set next_at = $6 where bucket = $1 and organisation_id = $2 and listener = $3 and user_id = $4
      and head + 1 = $5 and head < tail and lease is null`,
    values: [bucket, reference.organisationId, delivery.listener, delivery.user_id, delivery.sequence, now],
  })
  return { kind: 'done', delivery, bucket }
}

/** Ends the head of a lane as `cancelled`, and lets the lane go on. */
export async function skipDelivery(db: Queryable, reference: DeliveryReference, now: Date): Promise<DeliveryOperation> {
  const found = await findHead(db, reference)
  if (found.kind !== 'head') return found
  const { bucket, ...delivery } = found.delivery
  const { rowCount } = await db.query({
    name: 'lane_skip',
    text: `with lane as (
        update lanes set head = $5, attempt = 0, attempts_made = 0, refusals = 0, failing_since = null, unacknowledged = unacknowledged + 1,
          next_at = case when $5 < tail then $6::timestamptz end, lease = null, lease_until = null
        where bucket = $1 and organisation_id = $2 and listener = $3 and user_id = $4 and head + 1 = $5 and head < tail
          and (lease is null or lease_until <= $6)
        returning bucket, organisation_id
      )
      insert into delivery_ends (bucket, organisation_id, delivery_id, state, ended_at)
      select bucket, organisation_id, $7, 'cancelled', $6 from lane`,
    values: [
      bucket,
      reference.organisationId,
      delivery.listener,
      delivery.user_id,
      delivery.sequence,
      now,
      delivery.id,
    ],
  })
  // Since it was looked up, it was leased or has ended.
  if (rowCount === 0) return { kind: 'conflict', reason: 'in_flight' }
  return { kind: 'done', delivery: { ...delivery, state: 'cancelled', ended_at: now }, bucket }
}

type Head = { kind: 'head'; delivery: DeliveryRow & { bucket: number } }

/** The delivery, if it is the head of its lane. */
async function findHead(
  db: Queryable,
  reference: DeliveryReference,
): Promise<Head | Exclude<DeliveryOperation, { kind: 'done' }>> {
  const delivery = await findDelivery(db, reference)
  if (delivery === null) return { kind: 'not_found' }
  if (delivery.state !== 'pending') return { kind: 'conflict', reason: 'ended' }
  const { rows } = await db.query<{ endedTo: number }>({
    name: 'lane_head',
    text: 'select head as "endedTo" from lanes where bucket = $1 and organisation_id = $2 and listener = $3 and user_id = $4',
    values: [delivery.bucket, reference.organisationId, delivery.listener, delivery.user_id],
  })
  if (rows[0]?.endedTo !== delivery.sequence - 1) return { kind: 'conflict', reason: 'not_head' }
  return { kind: 'head', delivery }
}

export type ReplayRequest =
  | { organisationId: string; listener: string | null; ids: readonly string[] }
  /** At most `limit`, the oldest of those created after `after`. */
  | (DeliveryFilter & { limit?: number | undefined; after?: string | undefined })

export type Replayed =
  | { kind: 'done'; ids: string[]; more: boolean; last: string | undefined; buckets: number[] }
  /** Nothing was replayed: these are not deliveries of the caller's. */
  | { kind: 'not_found'; missing: string[] }

/**
 * Sends deliveries again: copies go to the end of the same lanes, in the order of the originals. A filter means at most
 * `MOST_REPLAYED`, the oldest. Runs in a transaction; after the commit, wake the buckets.
 */
export async function replayDeliveries(
  slices: Sliced<Queryable>,
  request: ReplayRequest,
  now: Date,
): Promise<Replayed> {
  const found = await findOriginals(slices, request)
  if (found.kind === 'not_found') return found
  const { places, more } = found
  const ids: string[] = []
  const touched: number[] = []
  for (const [db, ofSlice] of slices.group(places)) {
    const buckets = byBucket(ofSlice)
    await lockThreadsOf(db, request.organisationId, ofSlice)
    ids.push(...(await copyAll(db, request.organisationId, buckets, now)))
    touched.push(...buckets.keys())
  }
  return { kind: 'done', ids, more, last: places.at(-1)?.id, buckets: touched }
}

export type Originals =
  /** At most 1,000, the oldest first. */
  { kind: 'found'; places: DeliveryPlace[]; more: boolean } | { kind: 'not_found'; missing: string[] }

/** What a replay would send again. */
export async function findOriginals(slices: Sliced<Queryable>, request: ReplayRequest): Promise<Originals> {
  const limit = 'ids' in request ? MOST_REPLAYED : (request.limit ?? MOST_REPLAYED)
  const found =
    'ids' in request ? await findPlaces(slices, request) : await listEnded(slices, request, limit + 1, request.after)
  if ('ids' in request) {
    const known = new Set(found.map(({ id }) => id))
    const missing = request.ids.filter((id) => !known.has(id.toLowerCase()))
    if (missing.length > 0) return { kind: 'not_found', missing }
  }
  return { kind: 'found', places: found.slice(0, limit), more: found.length > limit }
}

async function findPlaces(
  slices: Sliced<Queryable>,
  { organisationId, listener, ids }: { organisationId: string; listener: string | null; ids: readonly string[] },
): Promise<DeliveryPlace[]> {
  const query = {
    text: `select d.id, d.bucket from unnest($1::smallint[]) as b(bucket) join deliveries d on d.bucket = b.bucket
      where d.organisation_id = $2 and d.id = any($3::uuid[]) and ($4::text is null or d.listener = $4)
      order by d.id`,
    values: [ALL_BUCKETS, organisationId, ids.filter(isUuid), listener],
  }
  const lists = await slices.ask(async (db) => (await db.query<DeliveryPlace>(query)).rows)
  return firstOf(lists, (a, b) => compare(a.id, b.id), ids.length)
}

/** In the order in which lanes are locked. */
function byBucket(places: readonly DeliveryPlace[]): Map<number, string[]> {
  const buckets = new Map<number, string[]>()
  for (const { id, bucket } of [...places].sort((a, b) => a.bucket - b.bucket)) {
    const ids = buckets.get(bucket)
    if (ids === undefined) buckets.set(bucket, [id])
    else ids.push(id)
  }
  return buckets
}

/** Sequences of a lane are counted under the lock of its thread. */
async function lockThreadsOf(db: Queryable, organisationId: string, places: readonly DeliveryPlace[]): Promise<void> {
  await db.query({
    text: `with locked as materialized (
        select t.bucket, t.user_id from threads t where (t.bucket, t.user_id) in (
          select d.bucket, d.user_id from unnest($1::smallint[], $3::uuid[]) as p(bucket, id)
            join deliveries d on d.bucket = p.bucket and d.organisation_id = $2 and d.id = p.id)
        and t.organisation_id = $2 order by t.bucket, t.user_id for update)
      update threads t set version = t.version + 1 from locked l
      where t.bucket = l.bucket and t.organisation_id = $2 and t.user_id = l.user_id`,
    values: [places.map(({ bucket }) => bucket), organisationId, places.map(({ id }) => id)],
  })
}

// One statement for each bucket, in the order of buckets. Bodies are copied within the database, so this is not
// `accept/store.ts`.
const COPY = `
  with originals as (
    select d.id, d.listener, d.user_id, d.category, d.subcategory, ${bodyIn('called')} as body, ${TRACEPARENT} as traceparent,
      n.copy_id, row_number() over lane as place
    from unnest($4::uuid[], $5::uuid[]) as n(original_id, copy_id)
      join deliveries d on d.bucket = $1 and d.organisation_id = $2 and d.id = n.original_id ${OPENING} ${CALLED}
    window lane as (partition by d.listener, d.user_id order by d.sequence)
  ), added as (
    select listener, user_id, count(*)::int as count, (array_agg(copy_id order by place desc))[1] as last_id
    from originals group by listener, user_id
  ), known as (
    select l.listener, l.user_id, l.last_delivery_id from lanes l join added a
      on l.bucket = $1 and l.organisation_id = $2 and l.listener = a.listener and l.user_id = a.user_id
    order by l.listener collate "C", l.user_id collate "C" for update of l
  ), moved as (
    update lanes l set tail = l.tail + a.count, last_delivery_id = a.last_id,
      next_at = coalesce(l.next_at, $3), in_use_since = coalesce(l.in_use_since, $3)
    from added a join known k on k.listener = a.listener and k.user_id = a.user_id
    where l.bucket = $1 and l.organisation_id = $2 and l.listener = a.listener and l.user_id = a.user_id
    returning l.listener, l.user_id, l.tail - a.count as before, k.last_delivery_id as before_id
  )
  insert into deliveries (bucket, organisation_id, listener, user_id, sequence, id, previous_id, category, subcategory,
    replay_of, created_at, body, traceparent)
  select $1, $2, o.listener, o.user_id, (m.before + o.place)::int, o.copy_id,
    coalesce(lag(o.copy_id) over (partition by o.listener, o.user_id order by o.place), m.before_id),
    o.category, o.subcategory, o.id, $3, o.body, o.traceparent
  from originals o join moved m on m.listener = o.listener and m.user_id = o.user_id
  returning id`

async function copyAll(
  db: Queryable,
  organisationId: string,
  buckets: ReadonlyMap<number, readonly string[]>,
  now: Date,
): Promise<string[]> {
  const copies: string[] = []
  for (const [bucket, originals] of buckets) {
    const values = [bucket, organisationId, now, originals, originals.map(() => uuidv7())]
    const { rows } = await db.query<{ id: string }>({ name: 'deliveries_copy', text: COPY, values })
    copies.push(...rows.map(({ id }) => id))
  }
  return copies
}
