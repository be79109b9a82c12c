import {
  type CryptoKey,
  createLocalJWKSet,
  decodeJwt,
  errors,
  generateKeyPair,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'

/** RFC 7523 §2.2. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Ed25519 is what RFC 9864 calls EdDSA over that curve; newer client libraries send it. */
export const ASSERTION_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256']

const LONGEST_LIFE_SECONDS = 300
const SKEW_SECONDS = 30
const MAX_JTI_LENGTH = 256

export interface AssertionExpectation {
  clientId: string
  /**
   * The client's registered key set; undefined verifies against nobody's key, so that an unknown client takes as
   * long.
   */
  jwks: unknown
  audiences: ReadonlySet<string>
  /** In ms since the epoch. */
  now: number
}

export interface VerifiedAssertion {
  jti: string
  /** Until when its `jti` has to be remembered, in ms since the epoch. */
  expiresAt: number
}

/** Whose assertion it claims to be. Nothing is verified yet. */
export function readAssertionSubject(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).sub
  } catch {
    return undefined
  }
}

/**
 * Checks signature and claims of a client's JWT (RFC 7523 §3). That its `jti` is new is the caller's to check.
 * @returns undefined if anything about it is wrong; RFC 6749 has one answer for all of it, invalid_client.
 */
export async function verifyAssertion(
  assertion: string,
  { clientId, jwks, audiences, now }: AssertionExpectation,
): Promise<VerifiedAssertion | undefined> {
  const payload = await verifySignature(assertion, jwks, {
    issuer: clientId,
    subject: clientId,
    algorithms: ASSERTION_ALGORITHMS,
    requiredClaims: ['aud', 'exp', 'jti'],
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(now),
  })
  if (!payload) return undefined

  const { aud, exp, iat, jti } = payload
  const seconds = now / 1000
  // Every audience must be ours: an assertion made out to another server as well could be replayed here by that server.
  const addressees = [aud].flat()
  if (addressees.length === 0 || !addressees.every((to) => typeof to === 'string' && audiences.has(to)))
    return undefined
  if (exp === undefined || exp > seconds + LONGEST_LIFE_SECONDS + SKEW_SECONDS) return undefined
  if (iat !== undefined && iat > seconds + SKEW_SECONDS) return undefined
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH || jti.includes('\0')) return undefined
  return { jti, expiresAt: Math.ceil((exp + SKEW_SECONDS) * 1000) }
}

async function verifySignature(
  assertion: string,
  jwks: unknown,
  options: JWTVerifyOptions,
): Promise<JWTPayload | undefined> {
  try {
    const keys = jwks === null || jwks === undefined ? await nobodysKey() : createLocalJWKSet(withoutEdwardsNames(jwks))
    return (await jwtVerify(assertion, keys, options)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return undefined
    // Without a kid there may be several keys of one type: any of them may have signed.
    for await (const key of error) {
      const verified = await jwtVerify(assertion, key, options).catch(() => undefined)
      if (verified) return verified.payload
    }
    return undefined
  }
}

/** A key registered as `EdDSA` also verifies what says `Ed25519`, and the other way round: the curve says it all. */
function withoutEdwardsNames(jwks: unknown): JSONWebKeySet {
  const { keys } = jwks as JSONWebKeySet
  return {
    keys: keys.map((key) => {
      if (key.crv !== 'Ed25519') return key
      const { alg, ...rest } = key
      return alg === undefined || alg === 'EdDSA' || alg === 'Ed25519' ? rest : key
    }),
  }
}

let decoys: Promise<Map<string, CryptoKey>> | undefined

async function nobodysKey(): Promise<JWTVerifyGetKey> {
  decoys ??= Promise.all(
    ASSERTION_ALGORITHMS.map(
      async (alg): Promise<[string, CryptoKey]> => [alg, (await generateKeyPair(alg)).publicKey],
    ),
  ).then((keys) => new Map(keys))
  const keys = await decoys
  return ({ alg }) => {
    const key = keys.get(alg)
    if (!key) throw new errors.JWKSNoMatchingKey()
    return key
  }
}
