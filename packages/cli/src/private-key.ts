import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { PrivateKey } from '@tract/client/platform'
import { usage } from './exit.js'

/** What the service verifies, by kind of key. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  ed25519: ['EdDSA', 'Ed25519'],
  ec: ['ES256'],
  rsa: ['RS256', 'PS256'],
}

/** @param where it was given, for whom it has to be mended */
export async function readPrivateKey(file: string, where: string): Promise<PrivateKey> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw usage(`${where} cannot be read: ${(error as Error).message}`)
  }
  try {
    return text.trimStart().startsWith('{') ? ofJwk(text) : ofPem(text)
  } catch {
    throw usage(
      `${where} has to be a private key in PEM, without a passphrase, or a private JWK: Ed25519, P-256 or RSA.`,
      `Such as \`openssl genpkey -algorithm ed25519\` writes. It was read from ${file}.`,
    )
  }
}

/** In the one form that the client takes. */
function ofPem(text: string): PrivateKey {
  const key = createPrivateKey(text)
  algorithmsOf(key)
  return key.export({ type: 'pkcs8', format: 'pem' }) as string
}

function ofJwk(text: string): PrivateKey {
  const jwk = JSON.parse(text)
  const algorithms = algorithmsOf(createPrivateKey({ key: jwk, format: 'jwk' }))
  if (jwk.alg !== undefined && !algorithms.includes(jwk.alg)) throw new TypeError('another algorithm')
  return jwk
}

function algorithmsOf({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): readonly string[] {
  const algorithms = ALGORITHMS[type ?? '']
  if (!algorithms || (type === 'ec' && asymmetricKeyDetails?.namedCurve !== 'prime256v1'))
    throw new TypeError('a kind of key that is not verified')
  return algorithms
}
