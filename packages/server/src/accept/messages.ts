import type { Agent, MessageReceipt } from '@tract/contract'
import type { Queryable } from '../database/queryable.js'
import type { UserKey } from '../lanes/user-key.js'

export type Sender = 'ceu' | 'iva' | 'haptik' | 'ect' | 'aeu'

/** A file of a message, as hooks carry it. */
export interface MessageAttachment {
  id: string
  name: string
  content_type: string
  size: number
  sha256: string
  url: string
  width?: number
  height?: number
}

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
  /** Null or absent where it has none. */
  attachments?: readonly MessageAttachment[] | null
}

/** A message as it is stored. */
export interface NewMessageRecord extends MessageRecord {
  /** With which the bodies of its deliveries begin, and where they came from: see `lanes/bodies.ts`. Null: none needs it. */
  opening: string | null
  traceparent: string | null
}

/** Up to where earlier messages of a history are counted. */
export const MOST_COUNTED = 10_000

// A conversation's messages begin at its first; without a row, or for one from before rows had it, that is not known.
const HISTORY = `bucket = $1 and organisation_id = $2 and user_id = $3 and message_id > greatest($4, (
    select first_message_id - 1 from conversations where bucket = $1 and organisation_id = $2 and user_id = $3 and conversation_number = $6
  )) and listener <> $5 and deleted_at is null and ($6::int is null or conversation_number = $6)`

/** What a listener is told at a pass. */
interface HistoryRequest {
  after: number
  /** Its own messages are no news to it. */
  listener: string
  limit: number
  /** Only of this conversation. */
  conversation: number | null
}

/** The last `limit` messages after `after`, in order, and how many there are before these. */
export async function historyOf(
  queryable: Queryable,
  key: UserKey,
  { after, listener, limit, conversation }: HistoryRequest,
): Promise<{ messages: MessageRecord[]; earlier: number }> {
  const values = [key.bucket, key.organisationId, key.userId, after, listener, conversation]
  const { rows } = await queryable.query<MessageRecord>({
    name: 'message_history',
    text: `select message_id as "messageId", conversation_number as "conversationNumber", sender, listener, message_body as body, metadata,
        agent, timestamp, attachments
      from messages where ${HISTORY} order by message_id desc limit $7`,
    values: [...values, limit],
  })
  const messages = rows.reverse()
  const [first] = messages
  if (first === undefined || messages.length < limit) return { messages, earlier: 0 }
  const counted = await queryable.query<{ earlier: number }>({
    name: 'message_history_before',
    text: `select count(*)::int as earlier from (select from messages where ${HISTORY} and message_id < $7 limit ${MOST_COUNTED}) m`,
    values: [...values, first.messageId],
  })
  return { messages, earlier: counted.rows[0]?.earlier ?? 0 }
}

/**
 * Keeps what a listener reports of a message, the first of each status.
 * @param hears whether it hears the thread now; else the message is to be of a conversation that it has held
 * @returns who sent the message, and what it was sent with; null: there is no such message
 */
export async function keepReceipt(
  queryable: Queryable,
  key: UserKey,
  messageId: number,
  receipt: MessageReceipt,
  hears: boolean,
): Promise<Pick<MessageRecord, 'sender' | 'listener' | 'metadata'> | null> {
  const { status, listener } = receipt
  const { rows } = await queryable.query<Pick<MessageRecord, 'sender' | 'listener' | 'metadata'>>({
    name: 'message_receipt',
    text: `update messages set receipts =
        case when receipts @> $5::jsonb then receipts else coalesce(receipts, '[]') || $6::jsonb end
      where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id = $4 and ($7 or exists (
        select from conversations c where c.bucket = $1 and c.organisation_id = $2 and c.user_id = $3
          and c.conversation_number = messages.conversation_number and $8::text = any(c.held_by)))
      returning sender, listener, metadata`,
    values: [
      ...[key.bucket, key.organisationId, key.userId, messageId],
      ...[JSON.stringify([{ status, listener }]), JSON.stringify([receipt]), hears, listener],
    ],
  })
  return rows[0] ?? null
}
