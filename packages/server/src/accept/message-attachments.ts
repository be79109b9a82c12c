/**
 * Files of messages. A message that names files is accepted under its thread's lock: the files' rows are locked before it is decided,
 * so that none can go before the commit, and their description is stored with the message.
 */
import type { Queryable } from '../database/queryable.js'
import { statement } from '../database/statement.js'
import { USER_KEY, type UserKey } from '../lanes/user-key.js'
import type { MessageAttachment, MessageRecord } from './messages.js'
import { Refusal } from './refusal.js'

/** What a call says of the files of its message. */
export interface NamedFiles {
  ids: readonly string[]
  /** Where a file can be fetched: a hook says it in the same bytes for as long as it is tried. */
  toUrl: (id: string) => string
}

interface Row {
  id: string
  name: string
  content_type: string
  size: number
  sha256: string
  width: number | null
  height: number | null
}

/**
 * Locks the files that a message names until the transaction ends. They are the listener's own, and of no other user.
 * @throws {Refusal} `attachment_not_found`
 */
export async function lockAttachments(
  db: Queryable,
  { organisationId, userId }: UserKey,
  listener: string,
  { ids, toUrl }: NamedFiles,
): Promise<MessageAttachment[]> {
  const { rows } = await db.query<Row>({
    text: `select id, name, content_type, size, sha256, width, height from attachments
      where organisation_id = $1 and id = any($2::uuid[]) and listener = $3 and (user_id is null or user_id = $4)
      order by id for update`,
    values: [organisationId, ids, listener, userId],
  })
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id, index) => {
    const row = found.get(id.toLowerCase())
    if (!row)
      throw new Refusal('attachment_not_found', `There is no file ${id} of ${listener} for user ${userId}.`, [
        { path: `/attachments/${index}/id`, message: 'is no file of this listener for this user' },
      ])
    const { width, height, ...file } = row
    return { ...file, url: toUrl(file.id), ...(width !== null && height !== null && { width, height }) }
  })
}

const NAME = statement({
  parameters: {
    messages: { ...USER_KEY, messageId: 'int', attachments: 'jsonb' },
    files: { organisationId: 'uuid', id: 'uuid', userId: 'text', messageId: 'int' },
  },
  text: ({ messages, files }) => `with told as (
    update messages m set attachments = r.attachments from ${messages('r')}
    where m.bucket = any(array[r.bucket]) and m.organisation_id = r.organisation_id and m.user_id = r.user_id and m.message_id = r.message_id
  ), named as (
    update attachments a set user_id = f.user_id, message_id = f.message_id from ${files('f')}
    where a.organisation_id = f.organisation_id and a.id = any(array[f.id])
  ) select`,
})

/** Writes beside messages, which this transaction has stored, the files that they name. */
export async function nameAttachments(
  db: Queryable,
  threads: readonly { key: UserKey; messages: readonly MessageRecord[] }[],
): Promise<void> {
  const named = threads.flatMap(({ key, messages }) =>
    messages.flatMap(({ messageId, attachments }) => (attachments ? [{ ...key, messageId, attachments }] : [])),
  )
  if (named.length === 0) return
  const files = named.flatMap(({ organisationId, userId, messageId, attachments }) =>
    attachments.map(({ id }) => ({ organisationId, userId, messageId, id })),
  )
  await db.query(NAME({ messages: named, files }))
}
