import type { ConversationOutcome, ConversationOwner, ConversationRating } from '@tract/contract'
import type { Queryable } from '../database/queryable.js'
import type { UserKey } from '../lanes/user-key.js'

export interface ConversationRow {
  conversationNumber: number
  openedAt: Date
  closedAt: Date | null
  owners: ConversationOwner[]
  outcome: ConversationOutcome | null
  rating: ConversationRating | null
}

/** Whose conversations may be seen: those that this listener held, or, where it is null, all. */
export type Holder = string | null

const SELECT = `select conversation_number as "conversationNumber", opened_at as "openedAt", closed_at as "closedAt", owners, outcome, rating
  from conversations where bucket = $1 and organisation_id = $2 and user_id = $3 and ($4::text is null or $4 = any(held_by))`

/** The newest first, from before a number. */
export async function listConversations(
  db: Queryable,
  { bucket, organisationId, userId }: UserKey,
  holder: Holder,
  { limit, before }: { limit: number; before: number },
): Promise<ConversationRow[]> {
  const { rows } = await db.query<ConversationRow>({
    text: `${SELECT} and conversation_number < $5 order by conversation_number desc limit $6`,
    values: [bucket, organisationId, userId, holder, before, limit],
  })
  return rows
}

export async function findConversation(
  db: Queryable,
  { bucket, organisationId, userId }: UserKey,
  holder: Holder,
  conversationNumber: number,
): Promise<ConversationRow | null> {
  const { rows } = await db.query<ConversationRow>({
    text: `${SELECT} and conversation_number = $5`,
    values: [bucket, organisationId, userId, holder, conversationNumber],
  })
  return rows[0] ?? null
}
