import type { Queryable } from '../database/queryable.js'
import type { UserKey } from '../lanes/user-key.js'

export type Sender = 'ceu' | 'iva' | 'haptik' | 'ect' | 'aeu'

export interface MessageRecord {
  messageId: number
  conversationNumber: number
  sender: Sender
  /** The listener that sent it, `tract` where the service did. */
  listener: string
  body: Record<string, unknown>
  metadata: Record<string, unknown> | null
  timestamp: Date
}

/** The last `limit` messages after `after` that others than `listener` sent, in order. */
export async function messagesAfter(
  queryable: Queryable,
  key: UserKey,
  { after, listener, limit }: { after: number; listener: string; limit: number },
): Promise<MessageRecord[]> {
  const { rows } = await queryable.query<{
    message_id: number
    conversation_number: number
    sender: Sender
    listener: string
    message_body: Record<string, unknown>
    metadata: Record<string, unknown> | null
    timestamp: Date
  }>({
    name: 'messages_after',
    text: `select message_id, conversation_number, sender, listener, message_body, metadata, timestamp from messages
      where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id > $4 and listener <> $5
      order by message_id desc limit $6`,
    values: [key.bucket, key.organisationId, key.userId, after, listener, limit],
  })
  return rows.reverse().map((row) => ({
    messageId: row.message_id,
    conversationNumber: row.conversation_number,
    sender: row.sender,
    listener: row.listener,
    body: row.message_body,
    metadata: row.metadata,
    timestamp: row.timestamp,
  }))
}

/** Who sent a message; null: there is no such message. */
export async function messageAuthor(queryable: Queryable, key: UserKey, messageId: number): Promise<string | null> {
  const { rows } = await queryable.query<{ listener: string }>({
    name: 'message_author',
    text: 'select listener from messages where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id = $4',
    values: [key.bucket, key.organisationId, key.userId, messageId],
  })
  return rows[0]?.listener ?? null
}
