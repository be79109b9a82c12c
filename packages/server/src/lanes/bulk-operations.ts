/**
 * What is done to many pending deliveries at a time: to the first ones of lanes, of which an attempt has failed. One that
 * is being sent at that moment is left alone.
 */
import type { Queryable } from '../database/queryable.js'
import type { Sliced } from '../database/slices.js'
import { statement } from '../database/statement.js'
import { type DeliveryFilter, type HeadPlace, listFailingHeads } from './delivery-places.js'
import { LANE_KEY, laneOf } from './lane-key.js'

export type BulkAction = 'retry' | 'skip'

export interface BulkDone {
  /** The oldest that are meant, at most `limit`. */
  heads: HeadPlace[]
  more: boolean
  changed: number
  /** Once it is committed: wake these. */
  buckets: number[]
}

const HEADS = { ...LANE_KEY, sequence: 'int', id: 'uuid' } as const

/** The lanes whose heads are still meant, locked in the order of `compareLanes`. */
const picked = (heads: (alias: string) => string, isFree: string) => `
  picked as materialized (
    select k.* from ${heads('k')} join lanes l on ${laneOf('k')}
    where l.head + 1 = k.sequence and l.head < l.tail and (${isFree})
    order by k.bucket, k.organisation_id, k.listener collate "C", k.user_id collate "C" for update of l
  )`

const RETRY = statement({
  parameters: { heads: HEADS, now: 'timestamptz' },
  text: ({ heads, now }) => `with ${picked(heads, 'l.lease is null')}
    update lanes l set next_at = ${now} from picked p where ${laneOf('p')} returning l.bucket`,
})

const SKIP = statement({
  parameters: { heads: HEADS, now: 'timestamptz' },
  text: ({ heads, now }) => `with ${picked(heads, `l.lease is null or l.lease_until <= ${now}`)}, moved as (
      update lanes l set head = p.sequence, attempt = 0, attempts_made = 0, refusals = 0, failing_since = null,
        unacknowledged = l.unacknowledged + 1, next_at = case when p.sequence < l.tail then ${now} end, lease = null, lease_until = null
      from picked p where ${laneOf('p')} returning l.bucket, l.organisation_id, p.id
    )
    insert into delivery_ends (bucket, organisation_id, delivery_id, state, ended_at)
    select bucket, organisation_id, id, 'cancelled', ${now} from moved returning bucket`,
})

export interface BulkRequest {
  filter: DeliveryFilter
  /** Only those created after this one. */
  after?: string | undefined
  limit: number
}

/** What would be done. */
export async function findFailing(slices: Sliced<Queryable>, { filter, after, limit }: BulkRequest) {
  if (filter.state !== undefined && filter.state !== 'pending') return { heads: [], more: false }
  const found = await listFailingHeads(slices, filter, limit + 1, after)
  return { heads: found.slice(0, limit), more: found.length > limit }
}

/** For a transaction. */
export async function changeMany(
  slices: Sliced<Queryable>,
  action: BulkAction,
  request: BulkRequest,
  now: Date,
): Promise<BulkDone> {
  const { heads, more } = await findFailing(slices, request)
  if (heads.length === 0) return { heads, more, changed: 0, buckets: [] }
  const { organisationId } = request.filter
  const query = action === 'retry' ? RETRY : SKIP
  const buckets: number[] = []
  for (const [db, ofSlice] of slices.group(heads)) {
    const rows = ofSlice.map((head) => ({ ...head, organisationId }))
    const changed = await db.query<{ bucket: number }>(query({ heads: rows, now }))
    buckets.push(...changed.rows.map(({ bucket }) => bucket))
  }
  return { heads, more, changed: buckets.length, buckets }
}
