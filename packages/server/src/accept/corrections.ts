/** What becomes of a message that its author edits or deletes. What is on its way already keeps its bytes. */
import { toJson } from '@tract/contract'
import type { Queryable } from '../database/queryable.js'
import type { UserKey } from '../lanes/user-key.js'
import type { MessageRecord } from './messages.js'
import { keepWords, searchedText } from './searched.js'

/** A message as it stands before a correction, with the listeners that were ever in control of its conversation. */
export interface CorrectedMessage
  extends Pick<MessageRecord, 'messageId' | 'conversationNumber' | 'sender' | 'listener' | 'metadata'> {
  isDeleted: boolean
  heldBy: string[]
}

/** For who has the thread locked. */
export async function messageToCorrect(
  db: Queryable,
  { bucket, organisationId, userId }: UserKey,
  messageId: number,
): Promise<CorrectedMessage | null> {
  const { rows } = await db.query<CorrectedMessage>({
    text: `select message_id as "messageId", conversation_number as "conversationNumber", sender, listener, metadata,
        deleted_at is not null as "isDeleted", coalesce((
          select held_by from conversations c where c.bucket = m.bucket and c.organisation_id = m.organisation_id and c.user_id = m.user_id
            and c.conversation_number = m.conversation_number
        ), '{}') as "heldBy"
      from messages m where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id = $4`,
    values: [bucket, organisationId, userId, messageId],
  })
  return rows[0] ?? null
}

export async function keepEdit(db: Queryable, key: UserKey, messageId: number, body: object, now: Date): Promise<void> {
  const { bucket, organisationId, userId } = key
  await db.query({
    text: `update messages set original_body = coalesce(original_body, message_body), message_body = $5, edited_at = $6
      where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id = $4`,
    values: [bucket, organisationId, userId, messageId, toJson(body), now],
  })
  await keepWords(db, key, messageId, searchedText(body))
}

const NOTHING = '{"text":"","type":"TEXT","data":{"quick_replies":[]}}'

/** Its files go with what it said, as those of an erased user do. */
export async function keepDeletion(db: Queryable, key: UserKey, messageId: number, now: Date): Promise<void> {
  const { bucket, organisationId, userId } = key
  await db.query({
    text: `update messages set message_body = $5, original_body = null, attachments = null, deleted_at = $6
      where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id = $4`,
    values: [bucket, organisationId, userId, messageId, NOTHING, now],
  })
  await keepWords(db, key, messageId, '')
  await db.query({
    text: `with gone as (
        delete from attachments where organisation_id = $1 and user_id = $2 and message_id = $3 returning organisation_id, id
      )
      insert into stray_files (organisation_id, id, due_at) select organisation_id, id, $4 from gone`,
    values: [organisationId, userId, messageId, now],
  })
}
