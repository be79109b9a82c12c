/** Operations with who calls them, and bodies that are right, for cases in which one value is wrong. */
import { randomUUID } from 'node:crypto'
import { type badBody, KNOWN } from './bad-input.js'

export type Target = Parameters<typeof badBody>[1]

export const getUser: Target = ['getUser', 'desk']
export const send: Target = ['sendMessage', 'desk']
export const bring: Target = ['sendPlatformMessage', 'md']
export const upsert: Target = ['upsertUser', 'md']
export const list: Target = ['listDeliveries', 'iva']
export const replay: Target = ['replayDeliveries', 'iva']
export const register: Target = ['registerHook', 'sac']
export const request: Target = ['requestThreadControl', 'desk']
export const createOrganisation: Target = ['createOrganisation', 'admin']
export const createListener: Target = ['createListener', 'admin']
export const createClient: Target = ['createClient', 'admin']

export const message = { user_id: KNOWN, message_body: 'Hello', sender: 'aeu' }
export const listener = { organisation_id: randomUUID(), listener_id: 'new', kind: 'ect' }
export const PUBLIC_KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
