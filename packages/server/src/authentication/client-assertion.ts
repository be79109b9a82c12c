import {
  type CryptoKey,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  generateKeyPair,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'

/** RFC 7523 §2.2. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Ed25519 is what RFC 9864 calls EdDSA over that curve; newer client libraries send it. */
export const ASSERTION_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256']

const LONGEST_LIFE_SECONDS = 300
const SKEW_SECONDS = 30
const MAX_JTI_LENGTH = 256

export interface ExaminedAssertion {
  clientId: string
  jti: string
  /** Until when its `jti` has to be remembered, in ms since the epoch. */
  expiresAt: number
}

/**
 * Whose assertion it claims to be, or what is wrong with it by itself (RFC 7523 §3). Nothing is looked up, so that the reason
 * tells nothing of a client. `now` is in ms since the epoch.
 */
export function examineAssertion(
  assertion: string,
  { audiences, now }: { audiences: ReadonlySet<string>; now: number },
): ExaminedAssertion | { problem: string } {
  let alg: string | undefined
  let claims: JWTPayload
  try {
    alg = decodeProtectedHeader(assertion).alg
    claims = decodeJwt(assertion)
  } catch {
    return { problem: 'client_assertion is not a signed JWT' }
  }
  const { iss, sub, exp, jti } = claims
  const problem =
    (ASSERTION_ALGORITHMS.includes(alg ?? '') ? undefined : `alg must be one of ${ASSERTION_ALGORITHMS.join(', ')}`) ??
    (typeof sub === 'string' && iss === sub ? undefined : 'iss and sub must both be the client_id') ??
    problemOfAudience(claims.aud, audiences) ??
    problemOfTimes(claims, now / 1000) ??
    (isJti(jti) ? undefined : `jti must be a string of 1 to ${MAX_JTI_LENGTH} characters`)
  if (problem !== undefined) return { problem: `the assertion is refused: ${problem}` }
  return { clientId: sub as string, jti: jti as string, expiresAt: Math.ceil(((exp as number) + SKEW_SECONDS) * 1000) }
}

/** Every audience must be ours: an assertion made out to another server as well could be replayed here by that server. */
function problemOfAudience(aud: unknown, audiences: ReadonlySet<string>): string | undefined {
  const addressees = [aud].flat()
  if (addressees.length > 0 && addressees.every((to) => typeof to === 'string' && audiences.has(to))) return undefined
  return `aud must be ${[...audiences].find((url) => !url.endsWith('/'))}, the token endpoint, or both`
}

/** `seconds`: the present time, which is said where a clock may be wrong. */
function problemOfTimes({ exp, nbf, iat }: JWTPayload, seconds: number): string | undefined {
  const here = `the time here is ${Math.floor(seconds)}`
  if (!isTime(exp)) return 'exp must be a number of seconds since 1970'
  if (exp <= seconds - SKEW_SECONDS) return `it has expired, exp is ${exp} and ${here}`
  if (exp > seconds + LONGEST_LIFE_SECONDS + SKEW_SECONDS)
    return `it lives for too long, exp may be ${LONGEST_LIFE_SECONDS} seconds ahead at most and is ${Math.ceil(exp - seconds)}`
  for (const [name, time] of Object.entries({ nbf, iat })) {
    if (time === undefined) continue
    if (!isTime(time)) return `${name} must be a number of seconds since 1970`
    if (time > seconds + SKEW_SECONDS) return `${name} is ${time}, in the future, ${here}`
  }
  return undefined
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const isJti = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.length <= MAX_JTI_LENGTH && !value.includes('\0')

/** Did a key of the client's key set sign it? Without a key set, a decoy is tried: an unknown client is answered as slowly. */
export async function isSignedBy(assertion: string, jwks: unknown, now: number): Promise<boolean> {
  const options = { algorithms: ASSERTION_ALGORITHMS, clockTolerance: SKEW_SECONDS, currentDate: new Date(now) }
  try {
    const keys = jwks === null || jwks === undefined ? await nobodysKey() : createLocalJWKSet(withoutEdwardsNames(jwks))
    await jwtVerify(assertion, keys, options)
    return true
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return false
    // Without a kid there may be several keys of one type: any of them may have signed.
    for await (const key of error) {
      const verified = await jwtVerify(assertion, key, options).catch(() => undefined)
      if (verified) return true
    }
    return false
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
