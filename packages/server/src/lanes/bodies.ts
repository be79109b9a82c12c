/**
 * The body of a delivery: the bytes that each of its attempts posts. They are made once, and put together from the same
 * parts ever after.
 *
 *   opening   what all hearers of a message get alike; kept once, with the message, as is where the call came from
 *   ending    what follows for one hearer, such as `in_control`; kept with its delivery, which names the message
 *   body      whatever else is posted is kept whole: events, histories, replays, copies that hide something on standby
 *
 * A delivery has either its ending or its body. A message stays at least as long as a delivery that names it (`pruneUsers`).
 *
 * What the listener calls the user, its `ect_user_id`, is not known of what waits behind a create_user. So it is not stored
 * with a delivery: `ID_MARK` stands at its place, and the lane knows the id from which sequence on. The lane's present id
 * counts from `ect_from`, those before it from where `former_ect_user_ids` says. An id only ever begins behind what was
 * attempted, so that the bytes of a delivery stay as they were at its first attempt.
 */
import type { EnqueueItem } from './lanes.js'

/** Stands for a member that may follow. JSON has no control characters of its own. */
export const ID_MARK = '\u0001'

/** Of `deliveries d`: the message that a delivery names, as `opened`. */
export const OPENING = `left join lateral (
      select opening, traceparent from messages
      where bucket = d.bucket and organisation_id = d.organisation_id and user_id = d.user_id and message_id = d.message_id offset 0
    ) opened on true`

/** Of `deliveries d`: its lane, as `called`, where the statement has not joined it. */
export const CALLED = `left join lateral (
      select ect_user_id, ect_from, former_ect_user_ids from lanes
      where bucket = d.bucket and organisation_id = d.organisation_id and listener = d.listener and user_id = d.user_id offset 0
    ) called on true`

/** @param lane the alias under which the columns of its lane stand */
export const bodyIn = (lane: string): string => {
  const id = `case when d.sequence >= ${lane}.ect_from then ${lane}.ect_user_id else (
      select former ->> 1 from jsonb_array_elements(${lane}.former_ect_user_ids) with ordinality as f(former, place)
      where (former ->> 0)::int <= d.sequence order by place desc limit 1
    ) end`
  const member = `coalesce(',"ect_user_id":' || to_json(${id})::text, '')`
  return `coalesce(replace(d.body, chr(1), ${member}), opened.opening || replace(d.ending, chr(1), ${member}))`
}

/** The same in memory, where the lane's id of the moment is the delivery's. */
export const bodyFor = (marked: string, ectUserId: string | null): string =>
  marked.replace(ID_MARK, () => (ectUserId === null ? '' : `,"ect_user_id":${JSON.stringify(ectUserId)}`))

export const TRACEPARENT = 'coalesce(d.traceparent, opened.traceparent)'

/** What is stored of a body with its delivery. */
export interface StoredBody {
  messageId: number | null
  ending: string | null
  ownBody: string | null
  ownTraceparent: string | null
}

export function storedBody({ body, ending, messageId, traceparent = null }: EnqueueItem): StoredBody {
  if (ending === undefined) return { messageId: null, ending: null, ownBody: body, ownTraceparent: traceparent }
  if (messageId == null) throw new TypeError('What ends the body of a message names the message.')
  return { messageId, ending, ownBody: null, ownTraceparent: null }
}
