/** The rows of files: `attachments` are those that are kept, `stray_files` those that may lie there and are no attachment. */
import type { Queryable } from '../database/queryable.js'
import type { Sliced } from '../database/slices.js'
import { userKey } from '../lanes/user-key.js'
import type { FileKey } from './file-store.js'

/** A file that is kept. */
export interface AttachmentRecord extends FileKey {
  /** The listener that uploaded it. */
  listener: string
  name: string
  contentType: string
  size: number
  sha256: string
  width: number | null
  height: number | null
  createdAt: Date
  /** Of the message that named it last; null until one does. */
  userId: string | null
  messageId: number | null
}

/** Of `attachments a`. */
export const RECORD = `a.organisation_id as "organisationId", a.id, a.listener, a.name, a.content_type as "contentType", a.size, a.sha256,
  a.width, a.height, a.created_at as "createdAt", a.user_id as "userId", a.message_id as "messageId"`

/** Bytes that a file counts for at least: so that the files without a message are few enough to be added up. */
const LEAST_COUNTED = 65_536

/** The room that files of a listener have which no message names. Of others it takes none. */
export interface Room {
  /** The most bytes that the file can have. */
  size: number
  /** All of them together, those that are still coming included. */
  most: number
}

/**
 * Says, before a file is there, that it may be: if nothing else comes of it, it is removed at that time.
 * @returns false: there is no room for it, and it was not announced
 */
export async function announceFile(
  db: Queryable,
  { organisationId, listener, id }: FileKey & { listener: string },
  dueAt: Date,
  { size, most }: Room,
): Promise<boolean> {
  const taken = (table: string, which: string) =>
    `coalesce((select sum(greatest(size, ${LEAST_COUNTED})) from ${table} where organisation_id = $1 and listener = $3::text and ${which}), 0)`
  const { rowCount } = await db.query({
    text: `insert into stray_files (organisation_id, id, listener, due_at, size) select $1::uuid, $2::uuid, $3::text, $4::timestamptz, $5::int
      where greatest($5::int, ${LEAST_COUNTED}) + ${taken('attachments', 'user_id is null')} + ${taken('stray_files', 'size > 0')} <= $6::bigint
      on conflict (organisation_id, id) do nothing`,
    values: [organisationId, id, listener, dueAt, size, most],
  })
  return rowCount === 1
}

/** What was announced is to be removed now. */
export async function giveUpFile(db: Queryable, { organisationId, id }: FileKey, now: Date): Promise<void> {
  await db.query({
    text: 'update stray_files set due_at = $3 where organisation_id = $1 and id = $2',
    values: [organisationId, id, now],
  })
}

/** Makes an announced file an attachment. @returns whether it was; else it is being removed, since it took so long */
export async function insertAttachment(db: Queryable, file: AttachmentRecord): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `with announced as (delete from stray_files where organisation_id = $1 and id = $2 returning organisation_id, id)
      insert into attachments (organisation_id, id, listener, name, content_type, size, sha256, width, height, created_at)
      select organisation_id, id, $3, $4, $5, $6, $7, $8, $9, $10 from announced`,
    values: [
      file.organisationId,
      file.id,
      file.listener,
      file.name,
      file.contentType,
      file.size,
      file.sha256,
      file.width,
      file.height,
      file.createdAt,
    ],
  })
  return rowCount === 1
}

/** A file that this listener may have: its own, or one of a message on a thread that it has heard so far, or holds. */
export async function findAttachment(
  slices: Sliced<Queryable>,
  { organisationId, listener, id }: { organisationId: string; listener: string; id: string },
): Promise<AttachmentRecord | null> {
  const { rows } = await slices.first.query<AttachmentRecord>({
    text: `select ${RECORD} from attachments a where organisation_id = $1 and id = $2`,
    values: [organisationId, id],
  })
  const [file] = rows
  if (!file || file.listener === listener) return file ?? null
  if (file.userId === null) return null
  const { bucket, userId } = userKey(organisationId, file.userId)
  const heard = await slices.of(bucket).query({
    text: `select 1 from lanes where bucket = $1 and organisation_id = $2 and listener = $3 and user_id = $4 and heard_message_id >= $5
      union all select 1 from threads where bucket = $1 and organisation_id = $2 and user_id = $4 and owner = $3`,
    values: [bucket, organisationId, listener, userId, file.messageId],
  })
  return heard.rows.length > 0 ? file : null
}

/** Takes an attachment away, whatever names it; its file stays. For examples, which are made again. */
export async function forgetAttachment(db: Queryable, { organisationId, id }: FileKey): Promise<void> {
  await db.query({
    text: 'delete from attachments where organisation_id = $1 and id = $2',
    values: [organisationId, id],
  })
}
