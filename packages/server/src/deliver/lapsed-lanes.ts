/**
 * Finding the lanes of processes that are gone.
 *
 * A lane that is handed over within a process is in no index of what is due: handing it over and giving it back change no
 * indexed column, so that neither of the two writes to an index. Its lease says whether it is at work. Hence each lane that
 * gets something to deliver is `in use`, and that is indexed:
 *
 *   not in use → in use   it got something to deliver; what it gets after that changes nothing of it
 *   in use → due          its lease has lapsed, and nothing says when it is due: it is due now, and is claimed
 *   in use → not in use   it has had nothing to deliver, and was in use for ten minutes or more
 *
 * The dispatcher looks through the lanes in use of its buckets at each heartbeat, but for those that are due at some time:
 * as many as had something delivered lately, however many there are, and however many wait.
 */
import { binaryArray } from '../database/binary-arrays.js'
import type { Queryable } from '../database/queryable.js'
import { laneOf } from '../lanes/lane-key.js'

/** Longer than most pauses in a conversation: a lane that comes into use again costs an index entry. */
const IN_USE_MS = 10 * 60_000
/** Lanes of a bucket that are written at a time: more would hold their locks for too long. */
const MOST_WRITTEN = 200

const LOOK_THROUGH = `
  with found as materialized (
    select b.bucket, l.* from unnest($1::smallint[]) as b(bucket) cross join lateral (
      select organisation_id, listener, user_id, head < tail as waits from lanes
      where bucket = b.bucket and in_use_since is not null and next_at is null and (lease_until is null or lease_until <= $2)
        and (head < tail or in_use_since <= $3)
      order by in_use_since limit $4 for update skip locked
    ) l
  )
  update lanes l set next_at = case when f.waits then $2::timestamptz end, in_use_since = case when f.waits then l.in_use_since end
  from found f where ${laneOf('f')} returning f.waits, l.bucket`

/** Makes lanes due whose leases have lapsed. @returns the buckets that have some */
export async function makeLapsedDue(db: Queryable, buckets: readonly number[], now: Date): Promise<number[]> {
  const { rows } = await db.query<{ bucket: number; waits: boolean }>({
    name: 'lanes_look_through',
    text: LOOK_THROUGH,
    values: [binaryArray('smallint', buckets), now, new Date(now.getTime() - IN_USE_MS), MOST_WRITTEN],
  })
  return [...new Set(rows.filter(({ waits }) => waits).map(({ bucket }) => bucket))]
}
