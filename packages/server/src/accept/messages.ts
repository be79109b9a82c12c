import type { Agent } from '@tract/contract'
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
  /** The agent who speaks, as the desk gave it. */
  agent: Agent | null
  timestamp: Date
}

/** A message as it is stored. */
export interface NewMessageRecord extends MessageRecord {
  /** With which the bodies of its deliveries begin, and where they came from: see `lanes/bodies.ts`. Null: none needs it. */
  opening: string | null
  traceparent: string | null
}

/** The last `limit` messages after `after` that others than `listener` sent, in order. */
export async function messagesAfter(
  queryable: Queryable,
  key: UserKey,
  { after, listener, limit }: { after: number; listener: string; limit: number },
): Promise<MessageRecord[]> {
  const { rows } = await queryable.query<MessageRecord>({
    name: 'messages_after',
    text: `select message_id as "messageId", conversation_number as "conversationNumber", sender, listener, message_body as body, metadata,
        agent, timestamp
      from messages where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id > $4 and listener <> $5
      order by message_id desc limit $6`,
    values: [key.bucket, key.organisationId, key.userId, after, listener, limit],
  })
  return rows.reverse()
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
