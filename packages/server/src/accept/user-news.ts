/**
 * That a user has changed, or was erased, goes to the listeners that know the user, if they have the hook for it: `update_user`
 * in the order of all that concerns the user, `erase_user` after everything, which is gone by then.
 *
 * An erased user's lane is begun again for `erase_user`, so that a user of the same id that is created later comes behind
 * it. It begins once an attempt that was under way at the erasure is over. It goes with its delivery (`forgetLanes`).
 */
import { v7 as uuidv7 } from 'uuid'
import type { UserKey } from '../lanes/user-key.js'
import type { Listener } from '../threads/types.js'
import { enqueue } from './enqueue.js'
import { eraseUserPayload, updateUserPayload } from './payloads.js'
import type { ThreadSession } from './thread-session.js'
import { eraseUser, type UserChange } from './users.js'
import type { Work } from './work.js'

/** An attempt lasts for 5 seconds at most. */
const ATTEMPT_OVER_MS = 6_000

/** Who hears of it, but for who said it. */
const hearers = ({ listeners, outbox }: ThreadSession, subtype: string, by: string): Listener[] =>
  listeners.filter(
    ({ id, enabled, hooks }) => enabled && id !== by && hooks.has(`user_events.${subtype}`) && outbox.knowsUser(id),
  )

export function tellOfChange(session: ThreadSession, change: UserChange, by: string, now: Date): void {
  const body = updateUserPayload(session.user, change, session.thread.conversationNumber, now)
  for (const listener of hearers(session, 'update_user', by))
    session.outbox.add(
      listener,
      { category: 'user_events', subcategory: 'update_user', body },
      session.thread.conversationNumber,
    )
}

/** Removes everything that belongs to the user, and tells of it. The session has the thread locked; it is not written. */
export async function eraseAndTell(
  work: Work,
  session: ThreadSession,
  by: string,
): Promise<{ messages: number; deliveries: number }> {
  const { key, outbox } = session
  const items = hearers(session, 'erase_user', by).map(({ id: listener }) => ({
    id: uuidv7(),
    listener,
    category: 'user_events',
    subcategory: 'erase_user',
    body: eraseUserPayload(key.userId, session.thread.conversationNumber, outbox.ectUserId(listener), work.now),
    traceparent: work.traceparent,
  }))
  const erased = await eraseUser(work.client, key)
  if (items.length === 0) return erased
  await enqueue(work.client, work.now, [{ ...key, items }])
  await beginLater(work, key, erased.leasedUntil)
  work.touched.add(key.bucket)
  return erased
}

/** @param leasedUntil until when a lane of the user is leased: an attempt may be under way */
async function beginLater({ client, now }: Work, key: UserKey, leasedUntil: Date | null): Promise<void> {
  if (leasedUntil === null || leasedUntil <= now) return
  await client.query({
    text: `update lanes set next_at = $4 where bucket = $1 and organisation_id = $2 and user_id = $3 and next_at is not null`,
    values: [key.bucket, key.organisationId, key.userId, new Date(now.getTime() + ATTEMPT_OVER_MS)],
  })
}
