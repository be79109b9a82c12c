import { OAuthError } from './oauth-error.js'
import { clip } from './token-request.js'

/** One scope of RFC 6749 §3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/**
 * What a token gets: all that the client holds, or of that what it asked for, in the order in which the client holds
 * it.
 * @throws {OAuthError} invalid_scope
 */
export function selectScopes(held: readonly string[], requested: string | undefined): string[] {
  if (held.length === 0) throw new OAuthError('invalid_scope', 'the client holds no scope')
  if (requested === undefined) return [...held]
  const wanted = new Set(requested.split(' '))
  for (const scope of wanted) {
    if (!SCOPE.test(scope)) throw new OAuthError('invalid_scope', 'scope must be names separated by single spaces')
    if (!held.includes(scope))
      throw new OAuthError('invalid_scope', `the client does not hold the scope ${clip(scope)}`)
  }
  return held.filter((scope) => wanted.has(scope))
}
