import type { MessageReceipt } from '@tract/contract'
import type { MessageAttachment, MessageRecord } from '../accept/messages.js'
import type { Queryable } from '../database/queryable.js'
import type { UserKey } from '../lanes/user-key.js'
import type { Holder } from './conversation-list.js'

export interface TranscriptRow extends MessageRecord {
  receipts: MessageReceipt[] | null
  attachments: MessageAttachment[] | null
  editedAt: Date | null
  originalBody: Record<string, unknown> | null
  deletedAt: Date | null
}

export interface TranscriptPage {
  /** Only of this conversation. */
  conversationNumber: number | null
  after: number
  before: number
  limit: number
  /** The last of those between `after` and `before`, instead of the first. */
  fromEnd: boolean
}

const COLUMNS = `message_id as "messageId", conversation_number as "conversationNumber", sender, listener, message_body as body, metadata, agent,
  receipts, timestamp, attachments, edited_at as "editedAt", original_body as "originalBody", deleted_at as "deletedAt"`

/** Between two numbers, by the key. */
const all = (order: 'asc' | 'desc') => `select ${COLUMNS} from messages
  where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id > $4 and message_id < $5
  order by message_id ${order} limit $6`

// Messages of a conversation lie between its first and the first of the next one. What is said between two conversations has the
// number of the earlier one.
const ofConversations = (order: 'asc' | 'desc') => `select m.* from (
    select conversation_number, coalesce(first_message_id, 1) as first, coalesce((
      select n.first_message_id from conversations n
      where n.bucket = $1 and n.organisation_id = $2 and n.user_id = $3 and n.conversation_number > c.conversation_number
      order by n.conversation_number limit 1
    ), $5) as next
    from conversations c where bucket = $1 and organisation_id = $2 and user_id = $3 and ($7::text is null or $7 = any(held_by))
      and ($8::int is null or conversation_number = $8)
  ) c cross join lateral (
    select ${COLUMNS} from messages
    where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id > greatest($4, c.first - 1) and message_id < least($5, c.next)
      and conversation_number = c.conversation_number
    order by message_id ${order} limit $6
  ) m order by c.conversation_number ${order}, m."messageId" ${order} limit $6`

/** Messages of a user in order, of the conversations that may be seen. */
export async function transcript(
  db: Queryable,
  { bucket, organisationId, userId }: UserKey,
  holder: Holder,
  { conversationNumber, after, before, limit, fromEnd }: TranscriptPage,
): Promise<TranscriptRow[]> {
  const order = fromEnd ? 'desc' : 'asc'
  const values: unknown[] = [bucket, organisationId, userId, after, before, limit]
  const everything = holder === null && conversationNumber === null
  const { rows } = await db.query<TranscriptRow>(
    everything
      ? { text: all(order), values }
      : { text: ofConversations(order), values: [...values, holder, conversationNumber] },
  )
  return fromEnd ? rows.reverse() : rows
}
