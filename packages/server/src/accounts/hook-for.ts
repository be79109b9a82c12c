/**
 * The hook that deliveries of a kind go to: asked for while they go out, and by a statement of its own, since Prisma takes some
 * milliseconds for it, and at its first call hundreds.
 */
import type { Queryable } from '../database/queryable.js'
import type { SecretBox } from '../database/secret-box.js'
import type { ListenerKey } from './listeners.js'
import { type SigningHook, type StoredHook, signing } from './records/hooks.js'

/** Null: there is none. */
export async function hookFor(
  db: Queryable,
  box: SecretBox,
  { organisationId, listener }: ListenerKey,
  category: string,
  subcategory: string,
): Promise<SigningHook | null> {
  const { rows } = await db.query<StoredHook>({
    name: 'hook_for',
    text: `select h.id, h.url, case when l.enabled then h.status::text else 'disabled' end as status, h.secret, h.previous_secret,
        h.previous_secret_expires_at, h.category, h.subcategory, h.failing_since, h.failing_seconds
      from hooks h join listeners l on l.organisation_id = h.organisation_id and l.listener_id = h.listener_id
      where h.organisation_id = $1 and h.listener_id = $2 and h.category = $3 and h.subcategory = $4`,
    values: [organisationId, listener, category, subcategory],
  })
  return rows[0] ? signing(box, rows[0]) : null
}
