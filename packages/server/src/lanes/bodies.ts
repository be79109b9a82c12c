/**
 * The body of a delivery: the bytes that each of its attempts posts. They are made once, and put together from the same
 * parts ever after.
 *
 *   opening   what all hearers of a message get alike; kept once, with the message, as is where the call came from
 *   ending    what follows for one hearer, such as `in_control`; kept with its delivery, which names the message
 *   body      whatever else is posted is kept whole: events, histories, replays, copies that hide something on standby
 *
 * A delivery has either its ending or its body. A message stays at least as long as a delivery that names it (`pruneUsers`).
 */
import type { EnqueueItem } from './lanes.js'

/** Of `deliveries d`: the message that a delivery names, as `opened`. */
export const OPENING = `left join lateral (
      select opening, traceparent from messages
      where bucket = d.bucket and organisation_id = d.organisation_id and user_id = d.user_id and message_id = d.message_id offset 0
    ) opened on true`

export const BODY = 'coalesce(d.body, opened.opening || d.ending)'
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
