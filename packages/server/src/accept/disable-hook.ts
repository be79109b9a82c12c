import { v7 as uuidv7 } from 'uuid'
import { disableHookRow } from '../accounts/hooks.js'
import type { ListenerRecord, Organisations } from '../accounts/organisations.js'
import { type UserKey, userKey } from '../lanes/user-key.js'
import { enqueue } from './enqueue.js'
import type { Work } from './work.js'

/** Events about no user go through one lane of their own for each listener. */
export const noUser = (organisationId: string): UserKey => userKey(organisationId, '')

const PLATFORM_KINDS: ReadonlySet<ListenerRecord['kind']> = new Set(['iva', 'sac', 'md', 'analytics'])

/** Disables a hook whose receiver is gone, and tells the organisation's platform listeners. */
export async function disableHook(
  work: Work,
  organisations: Organisations,
  hookId: string,
  reason: string,
): Promise<void> {
  const hook = await disableHookRow(work.client, hookId, reason, work.now)
  if (!hook) return // it was disabled, moved or removed in between
  const organisation = await organisations.at(work.client, hook.organisationId, undefined)
  if (!organisation) return
  const metadata = {
    id: hookId,
    listener: hook.listener,
    category: hook.category,
    subcategory: hook.subcategory,
    reason,
  }
  const body = JSON.stringify({
    type: 'hook_events',
    subtype: 'disabled',
    metadata: JSON.stringify(metadata),
    timestamp: work.now.toISOString(),
  })
  const hearers = [...organisation.listeners.values()].filter(
    ({ kind, enabled, hooks }) => enabled && PLATFORM_KINDS.has(kind) && hooks.has('hook_events.disabled'),
  )
  const items = hearers.map(({ id: listener }) => ({
    id: uuidv7(),
    listener,
    category: 'hook_events',
    subcategory: 'disabled',
    body,
    traceparent: work.traceparent,
  }))
  const key = noUser(hook.organisationId)
  await enqueue(work.client, work.now, [{ ...key, items }])
  if (items.length > 0) work.touched.add(key.bucket)
}
