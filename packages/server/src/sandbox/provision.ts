import { timingSafeEqual } from 'node:crypto'
import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { v7 as uuidv7 } from 'uuid'
import { type Credentials, newClient, PLATFORM_SCOPES, VENDOR_SCOPES } from '../accounts/first-start.js'
import { hookSecretContext } from '../accounts/hooks.js'
import {
  addListeners,
  addOrganisations,
  type KnownClient,
  type KnownHook,
  type KnownListener,
  knownListeners,
  lockForChanges,
  type NewHook,
  putClients,
  putHooks,
} from '../accounts/provisioning.js'
import { hashClientSecret, newHookSecret } from '../database/new-secrets.js'
import type { Queryable } from '../database/queryable.js'
import type { SecretBox } from '../database/secret-box.js'
import { clearExamples, HOOK_IDS, KEPT_HOOK, makeExampleClient } from './examples.js'

const LISTENERS = {
  iva: { kind: 'iva', name: 'Virtual assistant', scopes: PLATFORM_SCOPES },
  message_delivery: { kind: 'md', name: 'Message delivery', scopes: PLATFORM_SCOPES },
  desk: { kind: 'ect', name: 'Agent desk', scopes: VENDOR_SCOPES },
} as const

export type PartyName = keyof typeof LISTENERS
export const PARTY_NAMES = Object.keys(LISTENERS) as PartyName[]

export const SANDBOX_ID = SANDBOX_ORGANISATION_ID
/** Tells a party's own client from those that an operator made for the same listener. */
export const SANDBOX_CLIENT = 'Sandbox'
const DAY_MS = 24 * 3_600_000

/** Where the parties hear what. */
export interface SandboxPlan {
  urls: Record<PartyName, string>
  /** The names of each one's hooks, as `category.subcategory`. */
  hooks: Record<PartyName, readonly string[]>
  box: SecretBox
  /** Is what the documents' examples name made, too? */
  withExamples: boolean
}

export interface SandboxParties {
  credentials: Record<PartyName, Credentials>
  /** The secrets that what comes to each one's hooks is signed with. */
  hookSecrets: Record<PartyName, string[]>
}

/** Why the sandbox cannot be there, in a sentence that says what to do about it. */
export class SandboxProblem extends Error {
  override name = 'SandboxProblem'
}

/**
 * Makes what the sandbox lacks, in a transaction of the caller's. A hook that a person moved elsewhere stays there. A party keeps
 * its secret of the file, `kept`; without one it gets a new secret at each start, and the one before is good for a day more, for
 * another process that has it.
 */
export async function provisionSandbox(
  db: Queryable,
  { urls, hooks, box, withExamples }: SandboxPlan,
  clients: readonly KnownClient[],
  kept: Partial<Record<PartyName, Credentials>> | undefined,
  now: Date,
): Promise<SandboxParties> {
  const previousUntil = new Date(now.getTime() + DAY_MS)
  await addOrganisations(db, [{ id: SANDBOX_ID, name: 'Sandbox' }], now)
  await addListeners(db, PARTY_NAMES.map(newListener), now)
  const parties = PARTY_NAMES.map((name) => {
    const known = clients.find(({ listenerId }) => listenerId === name)
    if (known && !known.enabled)
      throw new SandboxProblem(`the client of its listener ${name} is disabled; enable ${known.clientId}`)
    return { name, ...credentialsOf(name, known, kept?.[name]) }
  })
  await putClients(
    db,
    parties.flatMap(({ client }) => client ?? []),
    now,
    previousUntil,
  )
  await lockForChanges(db, SANDBOX_ID)
  if (withExamples) await clearExamples(db)
  const listeners = await knownListeners(db, SANDBOX_ID)
  const made = PARTY_NAMES.flatMap((name) => {
    const { hooks: known } = usable(listeners, name)
    const own = hooks[name].filter((hook) => isOwn(name, known[hook]))
    return own.map((hook) => newHook(box, name, hook, urls[name], known))
  })
  const keptHook = withExamples
    ? [newHook(box, 'desk', `${KEPT_HOOK.category}.${KEPT_HOOK.subcategory}`, KEPT_HOOK.url, {}, 'disabled')]
    : []
  await putHooks(
    db,
    [...made, ...keptHook].map(({ row }) => row),
    now,
    previousUntil,
  )
  if (withExamples) await makeExampleClient(db, now)
  return {
    credentials: Object.fromEntries(parties.map(({ name, credentials }) => [name, credentials])) as never,
    hookSecrets: Object.fromEntries(
      PARTY_NAMES.map((name) => [name, made.filter(({ row }) => row.listener_id === name).map(({ secret }) => secret)]),
    ) as never,
  }
}

function newListener(listener_id: PartyName) {
  const { scopes: _, ...listener } = LISTENERS[listener_id]
  return { organisation_id: SANDBOX_ID, listener_id, is_primary: listener.kind === 'iva', ...listener }
}

function credentialsOf(name: PartyName, known: KnownClient | undefined, kept: Credentials | undefined) {
  if (known && kept && known.clientId === kept.client_id && isSecretOf(known, kept.client_secret))
    return { client: null, credentials: kept }
  return newClient({
    ...(known && { client_id: known.clientId }),
    organisation_id: SANDBOX_ID,
    listener_id: name,
    name: SANDBOX_CLIENT,
    scopes: LISTENERS[name].scopes,
  })
}

const isSecretOf = ({ secretHash }: KnownClient, secret: unknown): boolean =>
  typeof secret === 'string' && secretHash !== null && timingSafeEqual(hashClientSecret(secret), secretHash)

function usable(listeners: readonly KnownListener[], name: PartyName): KnownListener {
  const listener = listeners.find(({ listenerId }) => listenerId === name)
  const { kind } = LISTENERS[name]
  if (listener?.kind !== kind) throw new SandboxProblem(`its listener ${name} is not of the kind ${kind}`)
  if (!listener.enabled) throw new SandboxProblem(`its listener ${name} is disabled; enable it`)
  return listener
}

/** A hook that a person has moved to another address, or made there, is that person's. */
function isOwn(name: PartyName, hook: KnownHook | undefined): boolean {
  if (hook === undefined) return true
  const { protocol, hostname, pathname } = new URL(hook.formerUrl ?? hook.url)
  return protocol === 'http:' && hostname === '127.0.0.1' && pathname === `/${name}`
}

function newHook(
  box: SecretBox,
  listener_id: PartyName,
  name: string,
  url: string,
  known: Readonly<Record<string, KnownHook>>,
  status: NewHook['status'] = 'active',
): { row: NewHook; secret: string } {
  const [category = '', subcategory = ''] = name.split('.')
  const id = known[name]?.id ?? (listener_id === 'desk' ? HOOK_IDS[name] : undefined) ?? uuidv7()
  const secret = newHookSecret()
  const sealed = box.seal(secret, hookSecretContext(id))
  return {
    row: { organisation_id: SANDBOX_ID, listener_id, id, category, subcategory, url, status, secret: sealed },
    secret,
  }
}
