/** What a body says: its payload, which hook it is for, and the JSON that an event's metadata holds. */

export type JsonObject = Record<string, unknown>

/** These two are told by their shape, as the source has them; every other hook's payload says in `type` and `subtype` what it is. */
const MESSAGE = 'message.receive'
const CREATE_USER = 'user_events.create_user'

export interface ParsedPayload {
  /** `category.subcategory`; `unknown` where the payload does not tell. */
  name: string
  payload: JsonObject
  /** An event's metadata as it came: a string. */
  metadata?: string
}

/** @returns null if the body is no JSON object */
export function parsePayload(body: Uint8Array): ParsedPayload | null {
  const payload = parseObject(new TextDecoder().decode(body))
  if (!payload) return null
  const name = nameOf(payload)
  const { metadata, ...rest } = payload
  if (typeof metadata !== 'string') return { name, payload }
  // The sender of the event wrote its metadata: it may be anything, and counts only if it is an object.
  const parsed = parseObject(metadata)
  return { name, payload: parsed ? { ...rest, metadata: parsed } : rest, metadata }
}

/** By the body alone, since that is what was signed. */
function nameOf(payload: JsonObject): string {
  const { type, subtype, message_body, user_id, conversation_number } = payload
  if (typeof type === 'string' && typeof subtype === 'string') {
    const name = `${type}.${subtype}`
    return name === MESSAGE || name === CREATE_USER ? 'unknown' : name
  }
  if (typeof message_body === 'object' && message_body !== null) return MESSAGE
  return typeof user_id === 'string' && conversation_number === undefined ? CREATE_USER : 'unknown'
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text, HARMFUL.test(text) ? withoutHarm : undefined)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}

/** A name may be spelled with escapes; most bodies have neither, and a reviver costs several times the parsing. */
const HARMFUL = /__proto__|constructor|\\u/

/** Leaves out the names that change a prototype when the object is merged into another. */
function withoutHarm(name: string, value: unknown): unknown {
  if (name === '__proto__') return undefined
  const isObject = typeof value === 'object' && value !== null
  return name === 'constructor' && isObject && Object.hasOwn(value, 'prototype') ? undefined : value
}
