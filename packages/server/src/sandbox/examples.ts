import { SANDBOX_ORGANISATION_ID as organisation_id } from '@tract/contract/sandbox'
import { VENDOR_SCOPES } from '../first-start.js'
import { hookSecretContext, lockOrganisation } from '../store/hooks.js'
import { newClientSecret, newHookSecret } from '../store/new-secrets.js'
import type { PrismaTransaction } from '../store/prisma.js'
import type { SecretBox } from '../store/secret-box.js'

const DESK = { organisation_id, listener_id: 'desk' }
/** Where hooks of the examples are, if they are not the sandbox's to receive. */
const ELSEWHERE = 'https://desk.example.com/'

/** The hooks that examples name. The desk has the first two at its address once it has started; the third never hears anything. */
const HOOKS = [
  { id: '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11', category: 'aeu_events', subcategory: 'user_timeout', status: 'active' },
  {
    id: '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e12',
    category: 'aeu_events',
    subcategory: 'entity_update',
    status: 'active',
  },
  { id: '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e13', category: 'hook_events', subcategory: 'disabled', status: 'disabled' },
] as const

/** What is kept for it waits, until somebody tries it again or skips it. */
export const KEPT_HOOK = HOOKS[2]

const CLIENT_ID = '01920c6e-7b11-7d00-8a44-5f6071829304'
const NEW_LISTENER = { organisation_id, listener_id: 'reports' }

/**
 * Makes what the examples of the published documents name and a call may have changed since, so that each of them can be sent as it stands;
 * takes away what can be made only once.
 */
export async function provisionExamples(transaction: PrismaTransaction, box: SecretBox): Promise<void> {
  await lockOrganisation(transaction, organisation_id)
  const times = { created_at: new Date(), updated_at: new Date() }
  const ids = HOOKS.map(({ id }) => id)
  await transaction.hook.deleteMany({ where: { ...DESK, url: { startsWith: ELSEWHERE }, id: { notIn: [...ids] } } })
  for (const { id, status, ...name } of HOOKS) {
    await transaction.hook.deleteMany({ where: { ...DESK, ...name, id: { not: id } } })
    const secret = new Uint8Array(box.seal(newHookSecret(), hookSecretContext(id)))
    const hook = { ...DESK, ...name, id, status, url: `${ELSEWHERE}tract/agents`, secret, ...times }
    await transaction.hook.upsert({ where: { id }, create: hook, update: { status } })
  }

  const { hash } = newClientSecret()
  const scopes = [...VENDOR_SCOPES]
  const client = { ...DESK, name: 'Examples', scopes, secret_hash: new Uint8Array(hash), ...times }
  const where = { client_id: CLIENT_ID }
  await transaction.client.upsert({ where, create: { ...where, ...client }, update: { enabled: true } })

  if ((await transaction.client.count({ where: NEW_LISTENER })) === 0)
    await transaction.listener.deleteMany({ where: { ...NEW_LISTENER, hooks: { none: {} } } })
}
