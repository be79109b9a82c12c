import { mintAccessToken, type TokenTerms } from './access-token.js'
import { authenticateClient, type ClientAuthenticator } from './client-authentication.js'
import type { ClientCredentials } from './client-credentials.js'
import type { KeyRing } from './key-ring.js'
import { OAuthError } from './oauth-error.js'

/** The scope of an operator, and the only one that a session has. */
export const OPERATOR_SCOPE = 'platform:admin'

export interface SessionIssuer extends ClientAuthenticator {
  keys: KeyRing
  terms: TokenTerms
}

export type OpenedSession =
  | { ok: true; token: string; clientId: string; expiresAt: number }
  | { ok: false; failure: 'invalid_client' | 'no_operator' }

/** An access token that stands for a browser's session: like any other, but for its lifetime. */
export async function openSession(
  { keys, terms, ...authenticator }: SessionIssuer,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): Promise<OpenedSession> {
  const form = new Map([
    ['client_id', clientId],
    ['client_secret', clientSecret],
  ])
  let client: ClientCredentials
  try {
    client = await authenticateClient(authenticator, undefined, form)
  } catch (error) {
    if (error instanceof OAuthError) return { ok: false, failure: 'invalid_client' }
    throw error
  }
  if (client.organisationId !== null || !client.scopes.includes(OPERATOR_SCOPE))
    return { ok: false, failure: 'no_operator' }
  const now = authenticator.now()
  const { token, expiresIn } = await mintAccessToken(terms, client, [OPERATOR_SCOPE], await keys.signer(), now)
  return { ok: true, token, clientId: client.clientId, expiresAt: now + expiresIn * 1000 }
}
