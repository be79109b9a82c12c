/** Where the deliveries are that a filter means: the SQL that finds their places, and its parameters. */
import type { Queryable } from '../database/queryable.js'
import { firstOf, Sliced } from '../database/slices.js'
import { FIRST_ID, ID_SLACK_MS, idAt, LAST_ID } from '../database/time-ordered-id.js'
import { BUCKETS, bucketOf } from './bucket.js'
import { mayWait } from './lane-key.js'
import { compare } from './user-key.js'

export type DeliveryState = 'pending' | 'delivered' | 'undeliverable' | 'cancelled'

/** Whose deliveries are meant, and which. */
export interface DeliveryFilter {
  organisationId: string
  /** Null: every listener of the organisation. */
  listener: string | null
  category?: string | undefined
  subcategory?: string | undefined
  userId?: string | undefined
  state?: DeliveryState | undefined
  /** Created at this time or after. */
  createdFrom?: Date | undefined
  /** Created before this time. */
  createdTo?: Date | undefined
  /** An attempt failed with this error. */
  error?: string | undefined
  /** An attempt was answered with this status. */
  status?: number | undefined
  /** This number of attempts or more. */
  attemptsFrom?: number | undefined
}

export const ALL_BUCKETS: readonly number[] = Array.from({ length: BUCKETS }, (_, bucket) => bucket)

/** The slices that may have such deliveries. */
export const slicesOf = <T>(slices: Sliced<T>, { organisationId, userId }: DeliveryFilter): Sliced<T> =>
  userId === undefined ? slices : new Sliced([slices.of(bucketOf(organisationId, userId))])

const byId = (a: DeliveryPlace, b: DeliveryPlace): number => compare(a.id, b.id)

/** A range of time is a range of ids too, which is indexed. */
const WANTED = `d.organisation_id = $2 and d.id >= $3 and d.id < $4
  and ($5::text is null or d.listener = $5) and ($6::text is null or d.category = $6)
  and ($7::text is null or d.subcategory = $7) and ($8::text is null or d.user_id = $8)
  and ($9::timestamptz is null or d.created_at >= $9) and ($10::timestamptz is null or d.created_at < $10)`

/** The parameters of WANTED, with the buckets to look in before them. */
function wanted(filter: DeliveryFilter, { before, after }: Between): unknown[] {
  const { organisationId, listener, category, subcategory, userId, createdFrom, createdTo } = filter
  return [
    userId === undefined ? ALL_BUCKETS : [bucketOf(organisationId, userId)],
    organisationId,
    after ?? (createdFrom === undefined ? FIRST_ID : idAt(createdFrom.getTime() - ID_SLACK_MS)),
    before ?? (createdTo === undefined ? LAST_ID : idAt(createdTo.getTime() + ID_SLACK_MS)),
    listener,
    category ?? null,
    subcategory ?? null,
    userId ?? null,
    createdFrom ?? null,
    createdTo ?? null,
  ]
}

const SAME_LANE =
  'l.bucket = d.bucket and l.organisation_id = d.organisation_id and l.listener = d.listener and l.user_id = d.user_id'
const SAME_DELIVERY = 'e.bucket = d.bucket and e.organisation_id = d.organisation_id and e.delivery_id = d.id'
const HAS_ENDED = `d.sequence <= (select l.head from lanes l where ${SAME_LANE})`

/** By which attempt a delivery is found: by its error and status, or else by its number. */
const FOUND_BY = (attempt: string) =>
  `($12::text is null or ${attempt}.error = $12) and ($13::int is null or ${attempt}.status = $13)
    and ($12 is not null or $13 is not null or ${attempt}.number >= $14::int)`
const attemptsOf = (table: string, attempt: string) =>
  `${table} ${attempt} where ${attempt}.bucket = d.bucket and ${attempt}.organisation_id = d.organisation_id and ${attempt}.delivery_id = d.id`

/** What was tried of a delivery; attempts that acknowledged at once are not in `attempts`. */
const TRIED = `exists (select from ${attemptsOf('wire_attempts', 't')} and ($12::text is null or t.error = $12) and ($13::int is null or t.status = $13))
  and ($14::int is null or exists (select from ${attemptsOf('wire_attempts', 't')} and t.number >= $14))`

const isByAttempts = ({ error, status, attemptsFrom }: DeliveryFilter): boolean =>
  error !== undefined || status !== undefined || attemptsFrom !== undefined

/** Deliveries that were not acknowledged at once are few: they are found by their attempts. */
const isFoundByAttempts = ({ error, status, attemptsFrom = 0 }: DeliveryFilter): boolean =>
  error !== undefined || attemptsFrom > 1 || (status !== undefined && (status < 200 || status > 299))

/** Ids from `after` on, and before `before`. */
export interface Between {
  before?: string | undefined
  after?: string | undefined
}

/** Beside the states: heads of lanes of which an attempt has failed. */
type Found = DeliveryState | 'failing' | undefined

/**
 * Where deliveries of a state are found in `b.bucket`. Pending ones by lanes that may wait, undeliverable
 * and cancelled ones by their ends, those that failed by their attempts: no such search goes through history.
 */
function source(state: Found, filter: DeliveryFilter): string {
  const wanted = isByAttempts(filter) ? `${WANTED} and ${TRIED}` : WANTED
  // each by the first of its attempts that is meant
  const deliveries = isFoundByAttempts(filter)
    ? `attempts a join deliveries d on d.bucket = a.bucket and d.organisation_id = a.organisation_id and d.id = a.delivery_id
        where a.bucket = b.bucket and a.organisation_id = $2 and a.delivery_id >= $3 and a.delivery_id < $4 and ${FOUND_BY('a')}
          and not exists (select from ${attemptsOf('attempts', 'f')} and f.number < a.number and ${FOUND_BY('f')}) and ${wanted}`
    : `deliveries d where d.bucket = b.bucket and ${wanted}`
  switch (state) {
    case undefined:
      return deliveries
    case 'delivered':
      return `${deliveries} and ${HAS_ENDED} and not exists (select from delivery_ends e where ${SAME_DELIVERY})`
    case 'failing':
      return `lanes l join deliveries d on ${SAME_LANE} and d.sequence = l.head + 1
        where l.bucket = b.bucket and ${mayWait('l')} and l.attempts_made > 0 and l.organisation_id = $2 and ${wanted}`
    case 'pending':
      return `lanes l join deliveries d on ${SAME_LANE} and d.sequence > l.head
        where l.bucket = b.bucket and ${mayWait('l')} and l.organisation_id = $2 and ${wanted}`
    default:
      return `delivery_ends e join deliveries d on ${SAME_DELIVERY}
        where e.bucket = b.bucket and e.organisation_id = $2 and e.delivery_id >= $3 and e.delivery_id < $4 and e.state = '${state}' and ${wanted}`
  }
}

/** Places of the first $11 in the order of ids, which is that of creation: the first of each bucket's first. */
export const places = (state: Found, filter: DeliveryFilter, direction: 'asc' | 'desc') =>
  `select page.* from unnest($1::smallint[]) as b(bucket) cross join lateral (
      select d.id, d.bucket from ${source(state, filter)} order by d.id ${direction} limit $11
    ) page order by page.id ${direction} limit $11`

/** The parameters of `places`. */
export function placed(filter: DeliveryFilter, limit: number, between: Between = {}): unknown[] {
  const { error = null, status = null, attemptsFrom = null } = filter
  return [...wanted(filter, between), limit, ...(isByAttempts(filter) ? [error, status, attemptsFrom] : [])]
}

export interface DeliveryPlace {
  id: string
  bucket: number
}

/** Places of the deliveries that the filter means, the oldest first; without a state, of those that failed. */
export async function listEnded(
  slices: Sliced<Queryable>,
  filter: DeliveryFilter,
  limit: number,
  after?: string,
): Promise<DeliveryPlace[]> {
  const query = {
    text: places(filter.state ?? 'undeliverable', filter, 'asc'),
    values: placed(filter, limit, behind(after)),
  }
  const lists = await slicesOf(slices, filter).ask(async (db) => (await db.query<DeliveryPlace>(query)).rows)
  return firstOf(lists, byId, limit)
}

/** The first delivery of a lane, of which an attempt has failed. */
export interface HeadPlace extends DeliveryPlace {
  listener: string
  userId: string
  sequence: number
}

/** Of the lanes that wait, the heads that failed and that the filter means, the oldest first. */
export async function listFailingHeads(
  slices: Sliced<Queryable>,
  filter: DeliveryFilter,
  limit: number,
  after?: string,
): Promise<HeadPlace[]> {
  const query = {
    text: `select d.id, d.bucket, d.listener, d.user_id as "userId", d.sequence from (${places('failing', filter, 'asc')}) p
      join deliveries d on d.bucket = p.bucket and d.organisation_id = $2 and d.id = p.id order by d.id`,
    values: placed(filter, limit, behind(after)),
  }
  const lists = await slicesOf(slices, filter).ask(async (db) => (await db.query<HeadPlace>(query)).rows)
  return firstOf(lists, byId, limit)
}

/** The ids behind one. */
function behind(after: string | undefined): Between {
  if (after === undefined) return {}
  const next = (BigInt(`0x${after.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0').slice(-32)
  return { after: next.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') }
}
