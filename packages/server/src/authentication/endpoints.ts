/** Where things are, below the issuer. */
export interface OAuthEndpoints {
  issuer: string
  tokenEndpoint: string
  revocationEndpoint: string
  jwksUri: string
}

/** @param publicUrl the service's address as its clients know it, with or without a slash at the end. */
export function oauthEndpoints(publicUrl: string): OAuthEndpoints {
  const issuer = publicUrl.replace(/\/+$/, '')
  return {
    issuer,
    tokenEndpoint: `${issuer}/tract/auth/token/`,
    revocationEndpoint: `${issuer}/tract/auth/revoke/`,
    jwksUri: `${issuer}/tract/auth/jwks/`,
  }
}

/** Audiences of assertions (RFC 7523 §3), each with and without the slash at its end. */
export function assertionAudiences({ issuer, tokenEndpoint, revocationEndpoint }: OAuthEndpoints): ReadonlySet<string> {
  const withoutSlash = [issuer, tokenEndpoint, revocationEndpoint].map((url) => url.replace(/\/$/, ''))
  return new Set(withoutSlash.flatMap((url) => [url, `${url}/`]))
}
