import { mintAccessToken, type TokenTerms } from './access-token.js'
import { authenticateClient, type ClientAuthenticator } from './client-authentication.js'
import type { KeyRing } from './key-ring.js'
import { answering, type OAuthAnswer, OAuthError, oauthAnswer } from './oauth-error.js'
import { selectScopes } from './scope.js'
import { type OAuthRequest, readForm, required } from './token-request.js'

export interface TokenEndpoint extends ClientAuthenticator {
  keys: KeyRing
  terms: TokenTerms
}

/** The client credentials grant, RFC 6749 §4.4. */
export function issueToken(endpoint: TokenEndpoint, request: OAuthRequest): Promise<OAuthAnswer> {
  return answering(async () => {
    const form = readForm(request.form)
    if (required(form, 'grant_type') !== 'client_credentials') {
      throw new OAuthError('unsupported_grant_type', 'grant_type must be client_credentials')
    }
    const client = await authenticateClient(endpoint, request.authorizationHeader, form)
    const scopes = selectScopes(client.scopes, form.get('scope'))
    const key = await endpoint.keys.signer()
    const { token, expiresIn } = await mintAccessToken(endpoint.terms, client, scopes, key, endpoint.now())
    return oauthAnswer({ access_token: token, token_type: 'Bearer', expires_in: expiresIn, scope: scopes.join(' ') })
  })
}
