import type { Queryable } from '../database/queryable.js'
import type { UserKey } from '../lanes/user-key.js'

/** When a thread is to be looked at again, if this listener is still in control by then. */
export interface OwnerDeadline extends UserKey {
  owner: string
  at: Date
}

/**
 * Brings deadlines of threads forward, never back, each (thread, owner) given once. A thread whose lock somebody holds is waited for: who
 * decides on it now may not have seen what this is about.
 */
export async function bringForward(db: Queryable, deadlines: readonly OwnerDeadline[]): Promise<void> {
  await db.query({
    name: 'threads_bring_forward',
    text: `with sooner as materialized (
        select t.bucket, t.organisation_id, t.user_id, d.at
        from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) as d(bucket, organisation_id, user_id, owner, at)
          join threads t on t.bucket = any(array[d.bucket]) and t.organisation_id = d.organisation_id and t.user_id = d.user_id
        where t.owner = d.owner and (t.deadline_at is null or t.deadline_at > d.at)
        order by d.bucket, d.organisation_id, d.user_id for update of t
      )
      update threads t set deadline_at = s.at from sooner s
      where t.bucket = any(array[s.bucket]) and t.organisation_id = s.organisation_id and t.user_id = s.user_id`,
    values: [
      deadlines.map(({ bucket }) => bucket),
      deadlines.map(({ organisationId }) => organisationId),
      deadlines.map(({ userId }) => userId),
      deadlines.map(({ owner }) => owner),
      deadlines.map(({ at }) => at),
    ],
  })
}
