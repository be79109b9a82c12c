/**
 * That a user has changed, or was erased, goes to the listeners that know the user, if they have the hook for it: `update_user`
 * in the order of all that concerns the user, `erase_user` after everything, which is gone by then.
 *
 * An erased user's lane is begun again for `erase_user`, so that a user of the same id that is created later comes behind
 * it. It begins once an attempt that was under way at the erasure is over. It goes with its delivery (`forgetLanes`).
 *
 * The numbers of an erased user go on, should the user come back (`createThread`): so that a late call about a conversation, a
 * message or an offer from before never means one of after the erasure. They are kept without a name: a mark stands for the user,
 * which only this service's secret key makes of the id. They go with the history (`forgetErased`).
 */
import { v7 as uuidv7 } from 'uuid'
import type { SecretBox } from '../database/secret-box.js'
import { nameOf, type UserKey } from '../lanes/user-key.js'
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

/** Removes everything that belongs to the user but the numbers, and tells of it. The session has the thread locked; it is not written. */
export async function eraseAndTell(
  work: Work,
  session: ThreadSession,
  by: string,
  box: SecretBox,
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
  await keepNumbers(work, session, box.mark(nameOf(key)))
  if (items.length === 0) return erased
  await enqueue(work.client, work.now, [{ ...key, items }])
  await beginLater(work, key, erased.leasedUntil)
  work.touched.add(key.bucket)
  return erased
}

async function keepNumbers({ client, now }: Work, { key, thread, before }: ThreadSession, mark: Buffer): Promise<void> {
  const { bucket, organisationId } = key
  await client.query({
    text: `insert into erased_users (bucket, organisation_id, mark, conversation_number, offer_number, last_message_id, erased_at)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (bucket, organisation_id, mark) do update set conversation_number = excluded.conversation_number,
        offer_number = excluded.offer_number, last_message_id = excluded.last_message_id, erased_at = excluded.erased_at`,
    values: [bucket, organisationId, mark, thread.conversationNumber, thread.offerNumber, before.lastMessageId, now],
  })
}

/** @param leasedUntil until when a lane of the user is leased: an attempt may be under way */
async function beginLater({ client, now }: Work, key: UserKey, leasedUntil: Date | null): Promise<void> {
  if (leasedUntil === null || leasedUntil <= now) return
  await client.query({
    text: `update lanes set next_at = $4 where bucket = $1 and organisation_id = $2 and user_id = $3 and next_at is not null`,
    values: [key.bucket, key.organisationId, key.userId, new Date(now.getTime() + ATTEMPT_OVER_MS)],
  })
}
