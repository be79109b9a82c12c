import { SANDBOX_ORGANISATION_ID as organisation_id } from '@tract/contract/sandbox'
/** A vendor's own tool as a listener of the sandbox: what an operator would do for it, and then what it would do itself. */
import { type Answer, call } from '../../api/call.js'
import { CallError } from '../../api/call-error.js'
import { DESK_HOOKS } from '../listeners/hooks/hook-sets.js'

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

interface OwnTool {
  listener_id: string
  client_id: string
  client_secret: string | undefined
  /** One for each hook. */
  signing_secrets: Readonly<Record<string, string>>
}

export interface AddedTool {
  account: OwnTool
  /** The hook that messages come to. */
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
 * Makes the listener, has all its hooks at the address, and makes its client. Done again under the same name, the hooks move, and secrets are new.
 */
export async function addOwnTool(name: string, url: string): Promise<AddedTool> {
  const listener_id = listenerIdOf(name)
  await createListener(listener_id, name)
  const options = { actFor: `${organisation_id}/${listener_id}` }
  const signing_secrets: Record<string, string> = {}
  let receive = ''
  for (const { category, subcategory } of DESK_HOOKS) {
    const { id, signing_secret } = await call('registerHook', { body: { category, subcategory, url } }, options)
    const secret = signing_secret ?? (await call('rotateHookSecret', { body: { id } }, options)).signing_secret
    if (secret !== undefined) signing_secrets[`${category}.${subcategory}`] = secret
    if (subcategory === 'receive') receive = id
  }
  const body = { organisation_id, listener_id, name, scopes: [...SCOPES] }
  const { client, client_secret } = await call('createClient', { body })
  return { account: { listener_id, client_id: client.client_id, client_secret, signing_secrets }, receive }
}

/** Sends a signed sample, and answers with what the tool did. */
export const tryHook = ({ account, receive }: AddedTool): Promise<Answer<'testHook'>> =>
  call('testHook', { body: { id: receive } }, { actFor: `${organisation_id}/${account.listener_id}` })

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
