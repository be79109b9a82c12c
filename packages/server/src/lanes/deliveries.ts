import type { Queryable } from '../database/queryable.js'
import { firstOf, type Sliced } from '../database/slices.js'
import { bodyIn, CALLED, OPENING, TRACEPARENT } from './bodies.js'
import {
  ALL_BUCKETS,
  type DeliveryFilter,
  type DeliveryPlace,
  type DeliveryState,
  placed,
  places,
  slicesOf,
} from './delivery-places.js'
import { compare } from './user-key.js'

/** A delivery by the names that it has on the wire. */
export interface DeliveryRow {
  id: string
  listener: string
  user_id: string
  sequence: number
  previous_id: string | null
  category: string
  subcategory: string
  state: DeliveryState
  attempts: number
  replay_of: string | null
  created_at: Date
  ended_at: Date | null
}

/** An attempt by the names that it has on the wire. */
export interface AttemptRow {
  number: number
  started_at: Date
  duration_ms: number
  status: number | null
  error: string | null
  answer: string | null
}

/** One delivery, as far as the caller may see it. */
export interface DeliveryReference {
  organisationId: string
  /** Null: every listener of the organisation. */
  listener: string | null
  id: string
}

export interface DeliveryPage {
  deliveries: DeliveryRow[]
  /** The cursor of the next page; null on the last. */
  next: string | null
}

/** The cursor does not come from this service. */
export class InvalidCursor extends Error {
  constructor() {
    super('The cursor is not one that a page ended with.')
    this.name = 'InvalidCursor'
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
export const isUuid = (text: string): boolean => UUID.test(text)

/** Of the view `wire_deliveries d`, which has the state of each delivery. */
const DELIVERY_COLUMNS = `d.id, d.listener, d.user_id, d.sequence, d.previous_id, d.category, d.subcategory, d.state, d.attempts,
  d.replay_of, d.created_at, d.ended_at`

/**
 * The newest first.
 * @throws {InvalidCursor}
 */
export async function listDeliveries(
  slices: Sliced<Queryable>,
  filter: DeliveryFilter,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<DeliveryPage> {
  if (after !== undefined && !isUuid(after)) throw new InvalidCursor()
  const query = {
    text: `select ${DELIVERY_COLUMNS} from (${places(filter.state, filter, 'desc')}) p
        join wire_deliveries d on d.bucket = p.bucket and d.organisation_id = $2 and d.id = p.id
      order by d.id desc`,
    values: placed(filter, limit + 1, { before: after }),
  }
  const lists = await slicesOf(slices, filter).ask(async (db) => (await db.query<DeliveryRow>(query)).rows)
  const rows = firstOf(lists, (a, b) => compare(b.id, a.id), limit + 1)
  const deliveries = rows.slice(0, limit)
  return { deliveries, next: rows.length > limit ? (deliveries.at(-1)?.id ?? null) : null }
}

/** A delivery and its bucket. Only the id is known, so the index of every bucket is asked. */
export async function findDelivery(
  db: Queryable,
  { organisationId, listener, id }: DeliveryReference,
): Promise<(DeliveryRow & { bucket: number }) | null> {
  if (!isUuid(id)) return null
  const places = await db.query<{ bucket: number }>({
    name: 'delivery_place',
    text: 'select bucket from deliveries where bucket = any($1::smallint[]) and organisation_id = $2 and id = $3',
    values: [ALL_BUCKETS, organisationId, id],
  })
  const { rows } = await db.query<DeliveryRow & { bucket: number }>({
    name: 'delivery_find',
    text: `select d.bucket, ${DELIVERY_COLUMNS} from wire_deliveries d
      where d.bucket = $1 and d.organisation_id = $2 and d.id = $3 and ($4::text is null or d.listener = $4)`,
    values: [places.rows[0]?.bucket ?? 0, organisationId, id, listener],
  })
  return rows[0] ?? null
}

/** The slice that has a delivery; where there is none, any. */
export async function sliceWith<Db extends Queryable>(slices: Sliced<Db>, reference: DeliveryReference): Promise<Db> {
  if (slices.all.length === 1) return slices.first
  const found = (await slices.ask((db) => findDelivery(db, reference))).find((one) => one !== null)
  return found ? slices.of(found.bucket) : slices.first
}

/** A delivery and what is posted. */
export interface PostedRow extends DeliveryRow {
  body: string
  traceparent: string | null
}

/** In the order of their places, without those that have been removed. */
export async function readPosted(
  slices: Sliced<Queryable>,
  organisationId: string,
  places: readonly DeliveryPlace[],
): Promise<PostedRow[]> {
  const found: PostedRow[] = []
  for (const [db, ofSlice] of slices.group(places)) found.push(...(await postedOf(db, organisationId, ofSlice)))
  if (slices.all.length === 1) return found
  const byId = new Map(found.map((row) => [row.id, row]))
  return places.flatMap(({ id }) => byId.get(id) ?? [])
}

async function postedOf(db: Queryable, organisationId: string, places: readonly DeliveryPlace[]): Promise<PostedRow[]> {
  const { rows } = await db.query<PostedRow>({
    text: `select ${DELIVERY_COLUMNS}, p.body, p.traceparent
      from unnest($1::smallint[], $2::uuid[]) with ordinality as wanted(bucket, id, place)
        cross join lateral (
          select ${bodyIn('called')} as body, ${TRACEPARENT} as traceparent from deliveries d ${OPENING} ${CALLED}
          where d.bucket = wanted.bucket and d.organisation_id = $3 and d.id = wanted.id
        ) p
        join wire_deliveries d on d.bucket = wanted.bucket and d.organisation_id = $3 and d.id = wanted.id
      order by wanted.place`,
    values: [places.map(({ bucket }) => bucket), places.map(({ id }) => id), organisationId],
  })
  return rows
}

/** A delivery with every attempt, in the order in which they were made; null if the caller has no such delivery. */
export async function getDelivery(
  db: Queryable,
  reference: DeliveryReference,
): Promise<{ delivery: DeliveryRow; bucket: number; attempts: AttemptRow[] } | null> {
  const found = await findDelivery(db, reference)
  if (found === null) return null
  const { bucket, ...delivery } = found
  const { rows } = await db.query<AttemptRow>({
    name: 'attempts_list',
    text: `select number, started_at, duration_ms, status, error, answer from wire_attempts
      where bucket = $1 and organisation_id = $2 and delivery_id = $3 order by number`,
    values: [bucket, reference.organisationId, delivery.id],
  })
  return { delivery, bucket, attempts: rows }
}
