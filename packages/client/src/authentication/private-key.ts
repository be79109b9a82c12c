/** Client authentication by a signed assertion (`private_key_jwt`, RFC 7523), with WebCrypto. */

/** A private key as a JWK (RFC 7517), or as PKCS #8 in PEM, such as `openssl genpkey` writes. Ed25519, P-256 and RSA keys sign. */
export type PrivateKey = string | PrivateJwk

/** A private JWK; `kid` tells the service which of the client's keys it is. */
export interface PrivateJwk {
  kty: string
  crv?: string
  alg?: string
  kid?: string
  [member: string]: unknown
}

type Parameters = { name: string; namedCurve?: string; hash?: string; saltLength?: number }

/** The algorithms that the service verifies (JWA, RFC 7518 and RFC 8037). */
const ALGORITHMS: Readonly<Record<string, Parameters>> = {
  EdDSA: { name: 'Ed25519' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 },
}

/** How the identifiers of keys begin in PKCS #8 (RFC 8410, RFC 5480, RFC 8017), in hexadecimal. */
const IDENTIFIERS = { '06032b6570': 'EdDSA', '06082a8648ce3d030107': 'ES256', '06092a864886f70d010101': 'RS256' }

/** How long an assertion holds; the service takes 300 seconds at most. */
const LIFE_SECONDS = 60

export class AssertionSigner {
  readonly #key: PrivateKey
  #imported: Promise<{ algorithm: string; key: CryptoKey }> | undefined

  constructor(key: PrivateKey) {
    this.#key = key
  }

  /** A new assertion each time: the service takes each once. */
  async sign(clientId: string, audience: string): Promise<string> {
    this.#imported ??= typeof this.#key === 'string' ? importPem(this.#key) : importJwk(this.#key)
    const { algorithm, key } = await this.#imported
    const kid = typeof this.#key === 'string' ? undefined : this.#key.kid
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: clientId, sub: clientId, aud: audience, iat: now, exp: now + LIFE_SECONDS, jti: randomId() }
    const signed = `${encoded({ alg: algorithm, typ: 'JWT', kid })}.${encoded(claims)}`
    const parameters = ALGORITHMS[algorithm] as Parameters
    const signature = await crypto.subtle.sign(parameters, key, new TextEncoder().encode(signed))
    return `${signed}.${base64url(String.fromCharCode(...new Uint8Array(signature)))}`
  }
}

/** Enough to be the only one of its kind. Pages without TLS have no `randomUUID`. */
export function randomId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return base64url(String.fromCharCode(...bytes))
}

async function importJwk(jwk: PrivateJwk) {
  const algorithm = jwk.alg === 'Ed25519' ? 'EdDSA' : (jwk.alg ?? algorithmOf(jwk))
  // `alg` has other names in WebCrypto for some keys, and is settled by the parameters.
  const { alg: _, use: __, key_ops: ___, ...rest } = jwk
  const key = await crypto.subtle.importKey('jwk', rest as JsonWebKey, parametersOf(algorithm), false, ['sign'])
  return { algorithm, key }
}

function algorithmOf({ kty, crv }: PrivateJwk): string {
  if (kty === 'RSA') return 'RS256'
  return crv === 'P-256' ? 'ES256' : crv === 'Ed25519' ? 'EdDSA' : `${kty} ${crv ?? ''}`
}

async function importPem(pem: string) {
  const base64 = /-----BEGIN PRIVATE KEY-----([\s\S]+?)-----END PRIVATE KEY-----/.exec(pem)?.[1]
  if (!base64) throw new TypeError('privateKey is neither a JWK nor PKCS #8 in PEM (BEGIN PRIVATE KEY)')
  const bytes = Uint8Array.from(atob(base64.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0))
  const head = Array.from(bytes.subarray(0, 48), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const algorithm = Object.entries(IDENTIFIERS).find(([identifier]) => head.includes(identifier))?.[1] ?? 'unknown'
  const key = await crypto.subtle.importKey('pkcs8', bytes, parametersOf(algorithm), false, ['sign'])
  return { algorithm, key }
}

function parametersOf(algorithm: string): Parameters {
  const parameters = ALGORITHMS[algorithm]
  if (!parameters) throw new TypeError(`privateKey is of no kind that signs (Ed25519, P-256, RSA): ${algorithm}`)
  return parameters
}

function encoded(value: object): string {
  return base64url(JSON.stringify(value))
}

function base64url(binary: string): string {
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
