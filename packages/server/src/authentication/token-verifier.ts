import { errors, type JWTPayload, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { ACCESS_TOKEN_TYPE } from './access-token.js'
import type { AccessWatch } from './access-watch.js'
import type { KeyRing } from './key-ring.js'
import { SIGNING_ALGORITHM } from './signing-key.js'

/** What a valid access token allows, to whom. */
export interface Access {
  readonly clientId: string
  /** Null for an operator's client. */
  readonly organisationId: string | null
  readonly listener: string | null
  readonly scopes: ReadonlySet<string>
  readonly jti: string
  /** The key that signed it. */
  readonly kid: string
  /** In ms since the epoch. */
  readonly expiresAt: number
  /** An operator's, in place of the listener. */
  readonly isActing?: true
}

/**
 * Why a token is refused. `malformed`: no JWT, or none of this kind; `tampered`: this server did not sign it as it is;
 * `wrong_issuer`, `wrong_audience`: signed by this server's keys for another one; `disabled`: its client or listener is.
 */
export type TokenFailure =
  | 'missing'
  | 'malformed'
  | 'expired'
  | 'tampered'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'revoked'
  | 'disabled'

export type Verification = { ok: true; access: Access } | { ok: false; failure: TokenFailure }

export interface TokenVerifierOptions {
  keys: KeyRing
  watch: AccessWatch
  issuer: string
  audience: string
  /** How many verified tokens are remembered. */
  cacheSize: number
  /** In ms since the epoch. */
  now: () => number
}

class UnknownKey extends Error {}

export class TokenVerifier {
  readonly #options: TokenVerifierOptions
  readonly #verified: LRUCache<string, Access>

  constructor(options: TokenVerifierOptions) {
    this.#options = options
    this.#verified = new LRUCache({ max: options.cacheSize })
  }

  /** The access of a token that was verified before: an EdDSA verification costs more than the rest of a call. Undefined: `verify`. */
  verifyCached(token: string): Access | undefined {
    const access = this.#verified.get(token)
    if (access === undefined) return undefined
    if (this.counts(access)) return access
    this.#verified.delete(token)
    return undefined
  }

  /** Does what was verified once still count. */
  counts({ expiresAt, kid, jti, clientId }: Access): boolean {
    const { now, watch, keys } = this.#options
    return expiresAt > now() && keys.isPublished(kid) && watch.refusal(jti, clientId) === undefined
  }

  async verify(token: string | undefined): Promise<Verification> {
    if (token === undefined || token === '') return { ok: false, failure: 'missing' }
    const cached = this.verifyCached(token)
    if (cached) return { ok: true, access: cached }
    if (!isCanonical(token)) return { ok: false, failure: 'malformed' }

    const { keys, watch, issuer, audience, now } = this.#options
    let access: Access | undefined
    try {
      const { payload, protectedHeader } = await jwtVerify(
        token,
        async ({ kid }) => {
          const key = await keys.verificationKey(kid)
          if (!key) throw new UnknownKey()
          return key
        },
        {
          algorithms: [SIGNING_ALGORITHM],
          typ: ACCESS_TOKEN_TYPE,
          issuer,
          audience,
          requiredClaims: ['sub', 'iat', 'exp', 'jti'],
          currentDate: new Date(now()),
        },
      )
      access = readAccess(payload, protectedHeader.kid)
    } catch (error) {
      const failure = failureOf(error)
      if (!failure) throw error
      return { ok: false, failure }
    }
    if (!access) return { ok: false, failure: 'malformed' }
    const refusal = watch.refusal(access.jti, access.clientId)
    if (refusal) return { ok: false, failure: refusal }
    this.#verified.set(token, access)
    return { ok: true, access }
  }
}

/** Base64url leaves bits of its last character unused, so a signature has several spellings: only one is the token. */
function isCanonical(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1)
  return Buffer.from(signature, 'base64url').toString('base64url') === signature
}

function readAccess(payload: JWTPayload, kid: string | undefined): Access | undefined {
  const { client_id: clientId, organisation = null, listener = null, scope, jti, exp } = payload
  if (typeof clientId !== 'string' || typeof scope !== 'string' || typeof jti !== 'string') return undefined
  if (exp === undefined || kid === undefined) return undefined
  if (organisation !== null && typeof organisation !== 'string') return undefined
  if (listener !== null && typeof listener !== 'string') return undefined
  const scopes = new Set(scope.split(' '))
  return { clientId, organisationId: organisation, listener, scopes, jti, kid, expiresAt: exp * 1000 }
}

/** Undefined for what is not the token's fault, such as a database that cannot be reached. */
function failureOf(error: unknown): TokenFailure | undefined {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === 'missing') return 'malformed'
    if (error.claim === 'iss') return 'wrong_issuer'
    if (error.claim === 'aud') return 'wrong_audience'
    return 'malformed'
  }
  if (error instanceof UnknownKey) return 'tampered'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'tampered'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'tampered'
  if (error instanceof errors.JOSEError) return 'malformed'
  return undefined
}
