import { SANDBOX_ORGANISATION_ID as organisation_id } from '@tract/contract/sandbox'
/** A vendor's own tool as a listener of the sandbox: what an operator would do for it, and then what it would do itself. */
import { type Answer, call } from '../../api/call.js'
import { CallError } from '../../api/call-error.js'
import { credentialsFile } from '../clients/credentials.js'
import { DESK_HOOKS } from '../listeners/hooks/hook-sets.js'
import { newSigningSecret } from '../listeners/hooks/signing-secret.js'

const SCOPES = [
  'hooks',
  'users:read',
  'messages:read',
  'messages:write',
  'events:write',
  'threads:read',
  'threads:control',
  'deliveries',
] as const

export interface AddedTool {
  listenerId: string
  /** Its client and its signing secret, as `tract login --from` reads them. */
  credentials: string
  /** The id of the hook that messages come to. */
  receive: string
}

/** `Acme Desk` → `acme_desk` */
export const listenerIdOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 64)

/**
 * Makes the listener, has all its hooks at the address, with one secret, and makes its client. Done again under the same name, also where it has failed
 * half-way, the hooks move, and what is secret is new.
 */
export async function addOwnTool(name: string, url: string): Promise<AddedTool> {
  const listener_id = listenerIdOf(name)
  await createListener(listener_id, name)
  const signing_secret = newSigningSecret()
  let receive = ''
  for (const { category, subcategory } of DESK_HOOKS) {
    const body = { category, subcategory, url, signing_secret }
    const { id } = await call('registerHook', { body }, actingFor(listener_id))
    if (subcategory === 'receive') receive = id
  }
  const body = { organisation_id, listener_id, name, scopes: [...SCOPES] }
  const { client, client_secret = '' } = await call('createClient', { body })
  const credentials = credentialsFile(listener_id, { client_id: client.client_id, client_secret, signing_secret })
  return { listenerId: listener_id, credentials, receive }
}

const actingFor = (listenerId: string) => ({ actFor: `${organisation_id}/${listenerId}` })

/** Sends a signed sample, and answers with what the tool did. */
export const tryHook = ({ listenerId, receive }: AddedTool): Promise<Answer<'testHook'>> =>
  call('testHook', { body: { id: receive } }, actingFor(listenerId))

async function createListener(listener_id: string, name: string): Promise<void> {
  try {
    await call('createListener', { body: { organisation_id, listener_id, kind: 'ect', name } })
  } catch (error) {
    if (!(error instanceof CallError && error.code === 'listener_exists')) throw error
    if (BUILT_IN.includes(listener_id)) throw error
    await call('updateListener', { body: { organisation_id, listener_id, name, enabled: true } })
  }
}

/** The sandbox's own parties stay as they are. */
const BUILT_IN = ['iva', 'message_delivery', 'desk']
