/** Links by which a file is fetched without a token. What is kept of a secret does not open anything. */
import { createHash, randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { Queryable } from '../database/queryable.js'
import { type AttachmentRecord, RECORD } from './attachment-rows.js'

export interface NewLink {
  id: string
  /** 32 random bytes in base64url; shown once. */
  secret: string
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

export async function insertLink(
  db: Queryable,
  { organisationId, id }: AttachmentRecord,
  listener: string,
  expiresAt: Date,
  secret = randomBytes(32).toString('base64url'),
): Promise<NewLink> {
  const link = { id: uuidv7(), secret }
  await db.query({
    text: `insert into attachment_links (hash, id, organisation_id, attachment_id, listener, expires_at) values ($1, $2, $3, $4, $5, $6)
      on conflict (hash) do nothing`,
    values: [hashOf(link.secret), link.id, organisationId, id, listener, expiresAt],
  })
  return link
}

/** Ends the links that a listener has made to a file, or one of them. @returns how many worked */
export async function deleteLinks(
  db: Queryable,
  { organisationId, id }: AttachmentRecord,
  listener: string,
  link: string | undefined,
  now: Date,
): Promise<number> {
  const { rows } = await db.query<{ expires_at: Date }>({
    text: `delete from attachment_links where organisation_id = $1 and attachment_id = $2 and listener = $3 and ($4::uuid is null or id = $4)
      returning expires_at`,
    values: [organisationId, id, listener, link ?? null],
  })
  return rows.filter(({ expires_at }) => expires_at > now).length
}

/** The file that a link leads to, while the listener that made it is enabled; null: to none any more. */
export async function fileOfLink(db: Queryable, secret: string, now: Date): Promise<AttachmentRecord | null> {
  const { rows } = await db.query<AttachmentRecord>({
    text: `select ${RECORD} from attachment_links l join attachments a on a.organisation_id = l.organisation_id and a.id = l.attachment_id
      join listeners s on s.organisation_id = l.organisation_id and s.listener_id = l.listener
      where l.hash = $1 and l.expires_at > $2 and s.enabled`,
    values: [hashOf(secret), now],
  })
  return rows[0] ?? null
}
