import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

const PREFIX = 'whsec_'

/** The key bytes of a secret in the form of Standard Webhooks: `whsec_` and base64. */
export function secretBytes(secret: string): Buffer {
  if (!secret.startsWith(PREFIX)) throw new TypeError(`A signing secret begins with ${PREFIX}.`)
  return Buffer.from(secret.slice(PREFIX.length), 'base64')
}

/** Making a KeyObject costs more than a signature: one for each secret, while its Buffer is held. */
const keys = new WeakMap<Buffer, KeyObject>()

function keyOf(secret: Buffer): KeyObject {
  let key = keys.get(secret)
  if (key === undefined) {
    key = createSecretKey(secret)
    keys.set(secret, key)
  }
  return key
}

/**
 * The `webhook-signature` of Standard Webhooks: `v1,<base64>` of HMAC-SHA256 over `id.timestamp.body`, one per secret, separated by
 * spaces (two while a secret rotates).
 *
 * @param timestamp seconds since 1970
 */
export function sign(secrets: readonly Buffer[], id: string, timestamp: number, body: Buffer): string {
  return secrets
    .map((secret) => {
      const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body)
      return `v1,${hmac.digest('base64')}`
    })
    .join(' ')
}
