import type { Queryable } from './queryable.js'
import type { UserKey } from './threads.js'

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

export interface NewMessages {
  key: UserKey
  messages: readonly MessageRecord[]
}

export async function insertMessages(queryable: Queryable, threads: readonly NewMessages[]): Promise<void> {
  const rows = threads.flatMap(({ key, messages }) => messages.map((message) => ({ ...key, ...message })))
  if (rows.length === 0) return
  await queryable.query({
    name: 'messages_insert',
    text: `insert into messages (bucket, organisation_id, user_id, message_id, conversation_number, sender, listener, message_body, metadata, timestamp)
      select m.bucket, m.organisation_id, m.user_id, m.message_id, m.conversation_number, m.sender::sender, m.listener, m.message_body,
        m.metadata, m.timestamp
      from unnest($1::smallint[], $2::uuid[], $3::text[], $4::int[], $5::int[], $6::text[], $7::text[], $8::jsonb[], $9::jsonb[],
          $10::timestamptz[])
        as m(bucket, organisation_id, user_id, message_id, conversation_number, sender, listener, message_body, metadata, timestamp)`,
    values: [
      rows.map((row) => row.bucket),
      rows.map((row) => row.organisationId),
      rows.map((row) => row.userId),
      rows.map((row) => row.messageId),
      rows.map((row) => row.conversationNumber),
      rows.map((row) => row.sender),
      rows.map((row) => row.listener),
      rows.map((row) => JSON.stringify(row.body)),
      rows.map((row) => row.metadata && JSON.stringify(row.metadata)),
      rows.map((row) => row.timestamp),
    ],
  })
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
