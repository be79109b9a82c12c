import type { ListedHook } from '../../accounts/hooks.js'
import type { ListenerKey } from '../../accounts/listeners.js'
import type { Queryable } from '../../database/queryable.js'

/** Listeners whose stream was not read since `aliveUntil`, with hooks moved there before `movedBefore` that had URLs. */
export async function leftStreams(db: Queryable, aliveUntil: Date, movedBefore: Date): Promise<ListenerKey[]> {
  const { rows } = await db.query<ListenerKey & Record<string, string>>({
    text: `select distinct h.organisation_id as "organisationId", h.listener_id as listener
      from hooks h left join hook_streams s on s.organisation_id = h.organisation_id and s.listener_id = h.listener_id
      where h.former_url is not null and h.updated_at < $2 and (s.alive_until is null or s.alive_until < $1)`,
    values: [aliveUntil, movedBefore],
  })
  return rows
}

/**
 * Gives hooks back the URLs that they had before they were moved to the stream, disabled where they were. To be called in a
 * transaction that has the stream locked.
 * @param movedBefore only those that were not touched since; null: all
 */
export async function giveBack(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  now: Date,
  movedBefore: Date | null,
): Promise<ListedHook[]> {
  await db.query({
    text: 'update organisations set config_version = config_version + 1 where id = $1',
    values: [organisationId],
  })
  const { rows } = await db.query<ListedHook & Record<string, unknown>>({
    text: `update hooks set url = former_url, former_url = null, former_status = null, former_disabled_reason = null,
        status = coalesce(former_status, status), disabled_reason = coalesce(former_disabled_reason, disabled_reason),
        failing_since = null, updated_at = $3
      where organisation_id = $1 and listener_id = $2 and former_url is not null and ($4::timestamptz is null or updated_at < $4)
      returning id, category, subcategory, url, status, disabled_reason, former_url, created_at, updated_at`,
    values: [organisationId, listener, now, movedBefore],
  })
  return rows
}

/** The hooks stay at the stream for good. */
export async function forgetFormer(db: Queryable, { organisationId, listener }: ListenerKey): Promise<void> {
  await db.query({
    text: `update hooks set former_url = null, former_status = null, former_disabled_reason = null
      where organisation_id = $1 and listener_id = $2 and former_url is not null`,
    values: [organisationId, listener],
  })
}
