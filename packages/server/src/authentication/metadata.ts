import type { AuthorizationServerMetadata } from '@tract/contract'
import { ASSERTION_ALGORITHMS } from './client-assertion.js'
import { CLIENT_AUTHENTICATION_METHODS } from './client-authentication.js'
import type { OAuthEndpoints } from './endpoints.js'

/** RFC 8414 §2. */
export function authorizationServerMetadata(
  endpoints: OAuthEndpoints,
  scopes: readonly string[],
): AuthorizationServerMetadata {
  return {
    issuer: endpoints.issuer,
    token_endpoint: endpoints.tokenEndpoint,
    jwks_uri: endpoints.jwksUri,
    revocation_endpoint: endpoints.revocationEndpoint,
    grant_types_supported: ['client_credentials'],
    // Required even where there is no authorization endpoint.
    response_types_supported: [],
    scopes_supported: [...scopes],
    token_endpoint_auth_methods_supported: [...CLIENT_AUTHENTICATION_METHODS],
    token_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
    revocation_endpoint_auth_methods_supported: [...CLIENT_AUTHENTICATION_METHODS],
    revocation_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
    service_documentation: `${endpoints.issuer}/docs`,
  }
}
