import { v7 as uuidv7 } from 'uuid'
import { newClientSecret } from '../database/new-secrets.js'
import type { NewClient, NewListener } from './provisioning.js'

export interface Credentials {
  client_id: string
  client_secret: string
}

/** What the first start leaves in `demo.json`. */
export interface Demo {
  url: string
  organisation: string
  listeners: Record<'iva' | 'message_delivery' | 'desk', Credentials>
  admin: Credentials
  /** The sandbox's listeners, where there is a sandbox. */
  sandbox?: Demo['listeners']
}

export const VENDOR_SCOPES = [
  'hooks',
  'users:read',
  'messages:read',
  'messages:write',
  'events:write',
  'threads:read',
  'threads:control',
  'deliveries',
]
export const PLATFORM_SCOPES = [...VENDOR_SCOPES, 'platform:users', 'platform:messages', 'platform:events']

const LISTENERS = {
  iva: { kind: 'iva', name: 'Virtual assistant', scopes: PLATFORM_SCOPES },
  message_delivery: { kind: 'md', name: 'Message delivery', scopes: PLATFORM_SCOPES },
  // out of standby, so that a pass shows the history that it brings along
  desk: { kind: 'ect', name: 'Agent desk', scopes: VENDOR_SCOPES, standby: false },
} as const

/** What clients of listeners with these names can do. */
export const scopesOf = (clients: Demo['listeners']): Pick<NewClient, 'client_id' | 'scopes'>[] =>
  (Object.keys(LISTENERS) as (keyof typeof LISTENERS)[]).map((name) => ({
    client_id: clients[name].client_id,
    scopes: LISTENERS[name].scopes,
  }))

/** Rows to be stored, and what the credentials file tells of them. */
export interface NewRows<Told> {
  organisations: { id: string; name: string }[]
  listeners: NewListener[]
  clients: NewClient[]
  told: Told
}

/** The client of an operator. */
export function newOperator(): NewRows<Pick<Demo, 'admin'>> {
  const { client, credentials } = newClient({ name: 'Operator', scopes: ['platform:admin'] })
  return { organisations: [], listeners: [], clients: [client], told: { admin: credentials } }
}

/** An organisation to play with, and a client for each of its listeners. */
export function newDemo(): NewRows<Pick<Demo, 'organisation' | 'listeners'>> {
  const organisation_id = uuidv7()
  const rows = Object.entries(LISTENERS).map(([listener_id, { scopes, ...listener }]) => ({
    listener: { organisation_id, listener_id, is_primary: listener.kind === 'iva', ...listener },
    ...newClient({ organisation_id, listener_id, name: listener.name, scopes }),
  }))
  return {
    organisations: [{ id: organisation_id, name: 'Demo' }],
    listeners: rows.map(({ listener }) => listener),
    clients: rows.map(({ client }) => client),
    told: {
      organisation: organisation_id,
      listeners: Object.fromEntries(
        rows.map(({ listener, credentials }) => [listener.listener_id, credentials]),
      ) as Demo['listeners'],
    },
  }
}

export function newClient(given: {
  client_id?: string
  organisation_id?: string
  listener_id?: string
  name: string
  scopes: readonly string[]
}): { client: NewClient; credentials: Credentials } {
  const { client_id = uuidv7(), organisation_id = null, listener_id = null, name, scopes } = given
  const { secret, hash } = newClientSecret()
  return {
    client: { client_id, organisation_id, listener_id, name, scopes, secretHash: hash },
    credentials: { client_id, client_secret: secret },
  }
}
