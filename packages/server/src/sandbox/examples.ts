import { SANDBOX_ORGANISATION_ID as organisation_id } from '@tract/contract/sandbox'
import { VENDOR_SCOPES } from '../accounts/first-start.js'
import { addExampleClient, clearExampleHooks } from '../accounts/sandbox-examples.js'
import { newClientSecret } from '../database/new-secrets.js'
import type { Queryable } from '../database/queryable.js'

const DESK = { organisation_id, listener_id: 'desk' }
/** Where hooks of the examples are, if they are not the sandbox's to receive. */
const ELSEWHERE = 'https://desk.example.com/'

/** A disabled hook: what is kept for it waits until a call tries it again or skips it. */
export const KEPT_HOOK = {
  id: '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e13',
  category: 'hook_events',
  subcategory: 'disabled',
  url: `${ELSEWHERE}tract/agents`,
} as const

/** The ids by which examples name hooks of the desk. */
export const HOOK_IDS: Readonly<Record<string, string>> = {
  'aeu_events.user_timeout': '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11',
  'aeu_events.entity_update': '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e12',
  [`${KEPT_HOOK.category}.${KEPT_HOOK.subcategory}`]: KEPT_HOOK.id,
}

const CLIENT_ID = '01920c6e-7b11-7d00-8a44-5f6071829304'
const NEW_LISTENER = 'reports'

/** Takes away what stands in the way of the hooks that examples name, and what can be made only once. */
export async function clearExamples(db: Queryable): Promise<void> {
  await clearExampleHooks(db, DESK, HOOK_IDS, ELSEWHERE)
}

/** Makes the client that examples name and a call may have changed since, so that each of them can be sent as it stands. */
export async function makeExampleClient(db: Queryable, now: Date): Promise<void> {
  const client = { ...DESK, client_id: CLIENT_ID, name: 'Examples', scopes: VENDOR_SCOPES }
  await addExampleClient(db, { ...client, secretHash: newClientSecret().hash }, NEW_LISTENER, now)
}
