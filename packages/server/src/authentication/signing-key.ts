import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import type { SecretBox } from '../database/secret-box.js'
import type { StoredSigningKey } from './signing-keys.js'

export const SIGNING_ALGORITHM = 'EdDSA'

/** A signing key ready for use. Times in ms since the epoch. */
export interface SigningKey {
  kid: string
  publicJwk: JWK
  publicKey: CryptoKey
  privateKey: CryptoKey
  activatesAt: number
  /** Undefined for the newest key. */
  retiresAt: number | undefined
}

/** A new Ed25519 key, sealed for storage. Its `kid` is its thumbprint (RFC 7638). */
export async function createSigningKey(box: SecretBox, now: number, activatesAt: number): Promise<StoredSigningKey> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true })
  const { kty, crv, x, d } = (await exportJWK(privateKey)) as JWK & { kty: string; crv: string; x: string }
  const kid = await calculateJwkThumbprint({ kty, crv, x })
  return {
    kid,
    algorithm: SIGNING_ALGORITHM,
    publicJwk: { kty, crv, x, kid, use: 'sig', alg: SIGNING_ALGORITHM },
    privateKey: box.seal(JSON.stringify({ kty, crv, x, d }), sealContext(kid)),
    createdAt: new Date(now),
    activatesAt: new Date(activatesAt),
    retiresAt: null,
  }
}

/** @throws {UnsealError} */
export async function openSigningKey(box: SecretBox, stored: StoredSigningKey): Promise<SigningKey> {
  const privateJwk = JSON.parse(box.openText(stored.privateKey, sealContext(stored.kid)))
  return {
    kid: stored.kid,
    publicJwk: stored.publicJwk,
    publicKey: (await importJWK(stored.publicJwk, stored.algorithm)) as CryptoKey,
    privateKey: (await importJWK(privateJwk, stored.algorithm)) as CryptoKey,
    ...signingTimes(stored),
  }
}

export function signingTimes({
  activatesAt,
  retiresAt,
}: StoredSigningKey): Pick<SigningKey, 'activatesAt' | 'retiresAt'> {
  return { activatesAt: activatesAt.getTime(), retiresAt: retiresAt?.getTime() }
}

function sealContext(kid: string): string {
  return `signing_keys:${kid}`
}
