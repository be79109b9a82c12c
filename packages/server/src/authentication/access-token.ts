import { SignJWT } from 'jose'
import { v7 as uuid } from 'uuid'
import type { ClientCredentials } from './client-credentials.js'
import { SIGNING_ALGORITHM, type SigningKey } from './signing-key.js'

/** RFC 9068 §2.1. */
export const ACCESS_TOKEN_TYPE = 'at+jwt'

export interface TokenTerms {
  issuer: string
  audience: string
  /** In ms. */
  lifetime: number
  /** Between processes' clocks, in ms. */
  skew: number
}

export interface MintedToken {
  token: string
  /** In seconds. */
  expiresIn: number
}

/** An access token in the profile of RFC 9068, bound to the client's organisation and listener. */
export async function mintAccessToken(
  { issuer, audience, lifetime, skew }: TokenTerms,
  client: ClientCredentials,
  scopes: readonly string[],
  key: SigningKey,
  now: number,
): Promise<MintedToken> {
  const issuedAt = Math.floor(now / 1000)
  // No token outlives its key, not even where the lifetime was raised while the key's end was settled already.
  const until = Math.min(now + lifetime, key.retiresAt === undefined ? Number.POSITIVE_INFINITY : key.retiresAt - skew)
  const expiresIn = Math.max(1, Math.floor(until / 1000) - issuedAt)
  const token = await new SignJWT({
    client_id: client.clientId,
    scope: scopes.join(' '),
    ...(client.organisationId !== null && { organisation: client.organisationId }),
    ...(client.listenerId !== null && { listener: client.listenerId }),
  })
    .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: key.kid, typ: ACCESS_TOKEN_TYPE })
    .setIssuer(issuer)
    .setSubject(client.clientId)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + expiresIn)
    .setJti(uuid())
    .sign(key.privateKey)
  return { token, expiresIn }
}
