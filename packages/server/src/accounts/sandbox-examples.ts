import type { Queryable } from '../database/queryable.js'
import type { NewClient } from './provisioning.js'

/** Removes hooks of a listener that have a name whose id is to be another, or an address where examples register theirs. */
export async function clearExampleHooks(
  db: Queryable,
  { organisation_id, listener_id }: { organisation_id: string; listener_id: string },
  ids: Readonly<Record<string, string>>,
  elsewhere: string,
): Promise<void> {
  await db.query({
    text: `delete from hooks where organisation_id = $1 and listener_id = $2 and not id = any($3::uuid[])
      and (category || '.' || subcategory = any($4::text[]) or starts_with(url, $5))`,
    values: [organisation_id, listener_id, Object.values(ids), Object.keys(ids), elsewhere],
  })
}

/** Makes the client, or enables it; and removes a listener that examples make again, unless it has clients or hooks by now. */
export async function addExampleClient(
  db: Queryable,
  { client_id, organisation_id, listener_id, name, scopes, secretHash }: NewClient,
  madeByExamples: string,
  now: Date,
): Promise<void> {
  await db.query({
    text: `with removed as (
        delete from listeners l where organisation_id = $2 and listener_id = $7
          and not exists (select from clients c where c.organisation_id = $2 and c.listener_id = $7)
          and not exists (select from hooks h where h.organisation_id = $2 and h.listener_id = $7)
      )
      insert into clients (client_id, organisation_id, listener_id, name, scopes, secret_hash, created_at, updated_at)
      values ($1, $2, $3, $4, $5, $6, $8, $8) on conflict (client_id) do update set enabled = true, scopes = excluded.scopes`,
    values: [client_id, organisation_id, listener_id, name, scopes, secretHash, madeByExamples, now],
  })
}
