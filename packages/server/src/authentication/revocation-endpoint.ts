import type { AccessWatch } from './access-watch.js'
import { authenticateClient, type ClientAuthenticator } from './client-authentication.js'
import { answering, type OAuthAnswer, OAuthError, oauthAnswer } from './oauth-error.js'
import { insertRevocation } from './revocations.js'
import { type OAuthRequest, readForm, required } from './token-request.js'
import type { TokenVerifier } from './token-verifier.js'

export interface RevocationEndpoint extends ClientAuthenticator {
  verifier: TokenVerifier
  watch: AccessWatch
}

/** RFC 7009. What is no valid token needs no revoking and is answered as if it had been revoked (§2.2). */
export function revokeToken(endpoint: RevocationEndpoint, request: OAuthRequest): Promise<OAuthAnswer> {
  return answering(async () => {
    const form = readForm(request.form)
    const token = required(form, 'token')
    const client = await authenticateClient(endpoint, request.authorizationHeader, form)
    const verification = await endpoint.verifier.verify(token)
    if (verification.ok) {
      const { clientId, jti, expiresAt } = verification.access
      if (clientId !== client.clientId)
        throw new OAuthError('invalid_request', 'the token was issued to another client')
      await insertRevocation(endpoint.db, { jti, expiresAt })
      // The other processes hear of it from the database.
      endpoint.watch.learn({ jti, expiresAt })
    }
    return oauthAnswer({})
  })
}
