import type { Queryable } from '../database/queryable.js'
import type { ListenerKey } from './listeners.js'

/** Whose secret a sealed hook secret is. */
export const hookSecretContext = (hookId: string): string => `hooks:${hookId}`

/** The URL of hooks whose listener fetches what is sent, instead of being called. */
export const STREAM_URL = 'tract:stream'

/** A hook as `hooks/list` shows it. */
export interface ListedHook {
  id: string
  category: string
  subcategory: string
  url: string
  status: 'active' | 'disabled'
  disabled_reason: string | null
  former_url: string | null
  created_at: Date
  updated_at: Date
}

export interface DisabledHook extends ListenerKey {
  category: string
  subcategory: string
}

/** Disables an active hook, and marks its organisation's configuration as changed. Null: there was no such one. */
export async function disableHookRow(
  queryable: Queryable,
  hookId: string,
  reason: string,
  now: Date,
): Promise<DisabledHook | null> {
  const { rows } = await queryable.query<DisabledHook & Record<string, string>>({
    text: `with touched as (
        update organisations set config_version = config_version + 1
        where id = (select organisation_id from hooks where id = $1) returning id)
      update hooks set status = 'disabled', disabled_reason = $2, updated_at = $3
      from touched where hooks.id = $1 and status = 'active'
      returning organisation_id as "organisationId", listener_id as listener, category, subcategory`,
    values: [hookId, reason, now],
  })
  return rows[0] ?? null
}
