import { importJWK, type JWK } from 'jose'

const MAX_KEYS = 10
const MIN_RSA_BYTES = 256

export interface JwksIssue {
  /** JSON pointer within the key set. */
  path: string
  message: string
}

/** What is wrong with a key set that a client wants registered. Empty: every key in it can verify an assertion. */
export async function checkClientJwks(jwks: unknown): Promise<JwksIssue[]> {
  const keys = (jwks as { keys?: unknown } | null | undefined)?.keys
  if (!Array.isArray(keys)) return [{ path: '/keys', message: 'must be an array of public keys' }]
  if (keys.length === 0 || keys.length > MAX_KEYS) {
    return [{ path: '/keys', message: `must have 1 to ${MAX_KEYS} keys` }]
  }
  const issues: JwksIssue[] = []
  for (const [index, key] of keys.entries()) {
    const message = await checkKey(key)
    if (message) issues.push({ path: `/keys/${index}`, message })
  }
  return issues
}

async function checkKey(key: unknown): Promise<string | undefined> {
  if (typeof key !== 'object' || key === null || Array.isArray(key)) return 'must be a JSON Web Key'
  const jwk = key as JWK
  if (jwk.kty === 'oct' || jwk.d !== undefined) return 'must be a public key: whoever registers a secret gives it away'
  const algorithms = algorithmsOf(jwk)
  if (!algorithms) return 'must be an Ed25519, a P-256 or an RSA key'
  if (jwk.alg !== undefined && !algorithms.includes(jwk.alg)) return `alg must be one of ${algorithms.join(', ')}`
  if (jwk.use !== undefined && jwk.use !== 'sig') return 'use must be sig'
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify'))) {
    return 'key_ops must include verify'
  }
  if (jwk.kid !== undefined && typeof jwk.kid !== 'string') return 'kid must be a string'
  if (jwk.kty === 'RSA' && modulusBytes(jwk) < MIN_RSA_BYTES) return 'an RSA key must have 2048 bits or more'
  try {
    await importJWK({ ...jwk }, jwk.alg ?? (algorithms[0] as string))
    return undefined
  } catch {
    return 'is not a valid key of its type'
  }
}

function algorithmsOf({ kty, crv }: JWK): string[] | undefined {
  if (kty === 'OKP' && crv === 'Ed25519') return ['EdDSA', 'Ed25519']
  if (kty === 'EC' && crv === 'P-256') return ['ES256']
  if (kty === 'RSA') return ['RS256', 'PS256']
  return undefined
}

/** Leading zero bytes do not count. */
function modulusBytes({ n }: JWK): number {
  const modulus = Buffer.from(typeof n === 'string' ? n : '', 'base64url')
  const first = modulus.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : modulus.length - first
}
