/** What becomes of files that nothing needs any more. Each statement reads a bounded number of rows by key, and can be repeated. */
import type { Queryable } from '../database/queryable.js'
import type { FileKey } from './file-store.js'

/** Makes attachments that no message has named since then stray files. @returns how many; less than `limit`: there are no more */
export async function strayUnnamed(db: Queryable, before: Date, now: Date, limit: number): Promise<number> {
  const { rowCount } = await db.query({
    text: `with old as (
        select organisation_id, id from attachments where user_id is null and created_at < $1 order by created_at limit $3
        for update skip locked
      ), gone as (
        delete from attachments a using old o where a.organisation_id = o.organisation_id and a.id = o.id returning a.organisation_id, a.id
      )
      insert into stray_files (organisation_id, id, due_at) select organisation_id, id, $2 from gone`,
    values: [before, now, limit],
  })
  return rowCount ?? 0
}

/** Stray files that are due, for this process alone until then: what it does not finish is due again. */
export async function claimStrays(db: Queryable, now: Date, until: Date, limit: number): Promise<FileKey[]> {
  const { rows } = await db.query<FileKey>({
    text: `update stray_files s set due_at = $2 from (
        select organisation_id, id from stray_files where due_at <= $1 order by due_at limit $3 for update skip locked
      ) due where s.organisation_id = due.organisation_id and s.id = due.id
      returning s.organisation_id as "organisationId", s.id`,
    values: [now, until, limit],
  })
  return rows
}

/** A stray file is gone. */
export async function forgetStray(db: Queryable, { organisationId, id }: FileKey): Promise<void> {
  await db.query({
    text: 'delete from stray_files where organisation_id = $1 and id = $2',
    values: [organisationId, id],
  })
}

export async function pruneLinks(db: Queryable, now: Date): Promise<void> {
  await db.query({ text: 'delete from attachment_links where expires_at < $1', values: [now] })
}
