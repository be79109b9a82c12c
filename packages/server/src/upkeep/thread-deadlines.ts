import { threadOf } from '../accept/threads.js'
import type { Queryable } from '../database/queryable.js'
import { statement } from '../database/statement.js'
import { USER_KEY, type UserKey } from '../lanes/user-key.js'

/** When a thread is to be looked at again, if this listener is still in control, or offered it, by then. */
export interface OwnerDeadline extends UserKey {
  owner: string
  at: Date
}

const BRING_FORWARD = statement({
  name: 'threads_bring_forward',
  parameters: { deadlines: { ...USER_KEY, owner: 'text', at: 'timestamptz' } },
  text: ({ deadlines }) => `with sooner as materialized (
      select t.bucket, t.organisation_id, t.user_id, d.at from ${deadlines('d')} join threads t on ${threadOf('d')}
      where (t.owner = d.owner or t.offer->>'to' = d.owner) and (t.deadline_at is null or t.deadline_at > d.at)
      order by d.bucket, d.organisation_id, d.user_id for update of t
    )
    update threads t set deadline_at = s.at from sooner s where ${threadOf('s')}`,
})

/**
 * Brings deadlines of threads forward, never back, each (thread, owner) given once. It waits for a thread that is
 * locked: the decision that holds the lock may not have seen what this is about.
 */
export async function bringForward(db: Queryable, deadlines: readonly OwnerDeadline[]): Promise<void> {
  await db.query(BRING_FORWARD({ deadlines }))
}
