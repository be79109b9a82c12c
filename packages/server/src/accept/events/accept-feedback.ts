import type { Feedback } from '@tract/contract'
import type { Queryable } from '../../database/queryable.js'
import type { UserKey } from '../../lanes/user-key.js'
import { parsedObject } from '../../threads/sent-metadata.js'
import { Refusal } from '../refusal.js'
import type { ThreadSession } from '../thread-session.js'
import { whyUnstorable } from './unstorable.js'

const LONGEST_COMMENT = 4_096
const CONVERSATION_NUMBER = /^[0-9]{1,9}$/

/**
 * A rating of a conversation: it is kept with it, and reaches who held it. Without a number it is of the last conversation
 * that is over, or of the open one where none is: users rate at the end, and may write again before they do.
 * @throws {Refusal} `invalid_request`, `conversation_not_found`
 */
export async function acceptFeedback(
  queryable: Queryable,
  session: ThreadSession,
  reporter: string,
  metadata: string | undefined,
  now: Date,
): Promise<void> {
  const { conversation_number: named, ...given } = feedbackOf(metadata)
  const rated = await rate(queryable, session.key, named === undefined ? null : Number(named), {
    ...given,
    rated_at: now.toISOString(),
  })
  if (!rated) {
    const which = named === undefined ? 'no conversation yet' : `no conversation ${named}`
    throw new Refusal('conversation_not_found', `The user ${session.key.userId} has ${which}.`)
  }
  session.feedback(rated.conversationNumber, rated.heldBy, reporter, metadata as string)
}

async function rate(queryable: Queryable, key: UserKey, conversationNumber: number | null, rating: unknown) {
  const { rows } = await queryable.query<{ conversationNumber: number; heldBy: string[] }>({
    name: 'conversation_rate',
    text: `update conversations set rating = $5 where bucket = $1 and organisation_id = $2 and user_id = $3
        and conversation_number = coalesce($4::int, (
          select conversation_number from conversations
          where bucket = $1 and organisation_id = $2 and user_id = $3 and closed_at is not null order by conversation_number desc limit 1
        ), (
          select conversation_number from conversations where bucket = $1 and organisation_id = $2 and user_id = $3
          order by conversation_number desc limit 1
        ))
      returning conversation_number as "conversationNumber", held_by as "heldBy"`,
    values: [key.bucket, key.organisationId, key.userId, conversationNumber, JSON.stringify(rating)],
  })
  return rows[0]
}

/** It is TRACT's own event, so its metadata is checked. */
function feedbackOf(metadata: string | undefined): Feedback {
  const said = parsedObject(metadata)
  const wrong = said ? misfit(said) : 'must be JSON with a score from 1 to 5'
  if (wrong === null) {
    const { score, resolved, comment, conversation_number } = said as unknown as Feedback
    return {
      score,
      ...(resolved !== undefined && { resolved }),
      ...(comment !== undefined && { comment }),
      ...(conversation_number !== undefined && { conversation_number }),
    }
  }
  throw new Refusal('invalid_request', `The metadata of a feedback does not fit: ${wrong}.`, [
    { path: '/metadata', message: wrong },
  ])
}

function misfit(said: Record<string, unknown>): string | null {
  const { score, resolved, comment, conversation_number: number } = said
  if (!Number.isInteger(score) || (score as number) < 1 || (score as number) > 5)
    return 'score must be a whole number from 1 to 5'
  if (resolved !== undefined && typeof resolved !== 'boolean') return 'resolved must be true or false'
  if (comment !== undefined && (typeof comment !== 'string' || [...comment].length > LONGEST_COMMENT))
    return `comment must be a string of at most ${LONGEST_COMMENT} characters`
  if (number !== undefined && (typeof number !== 'string' || !CONVERSATION_NUMBER.test(number)))
    return 'conversation_number must be the number of a conversation, as a string'
  return whyUnstorable(said, 'comment')
}
