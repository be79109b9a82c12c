/** Error codes that go together: an operation documents all of a group, or names single codes. */
import { stringLiteral } from './typescript.js'

/** By the name that a group has in generated code, in which type names begin with a capital. */
export const USUAL_CODES: Readonly<Record<string, readonly string[]>> = {
  anyCall: ['rate_limited', 'internal_error', 'unavailable', 'overloaded'],
  token: ['token_missing', 'token_invalid', 'token_expired', 'insufficient_scope', 'acting_refused'],
  json: ['malformed_json', 'invalid_request', 'body_too_large', 'unsupported_media_type'],
  key: ['idempotency_key_reused'],
}

/** @returns the groups that are complete among the codes, and all other codes */
export function grouped(codes: readonly string[]): { groups: string[]; others: string[] } {
  const groups = Object.entries(USUAL_CODES).filter(([, group]) => group.every((code) => codes.includes(code)))
  const covered = new Set(groups.flatMap(([, group]) => group))
  return { groups: groups.map(([name]) => name), others: codes.filter((code) => !covered.has(code)).map(stringLiteral) }
}
