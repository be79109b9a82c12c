import { createHash, randomBytes } from 'node:crypto'

/** A client secret, shown once, and what is stored of it. */
export interface NewClientSecret {
  /** 32 random bytes in base64url: needs no escaping in a form or in HTTP Basic. */
  secret: string
  hash: Buffer
}

export function newClientSecret(): NewClientSecret {
  const secret = randomBytes(32).toString('base64url')
  return { secret, hash: hashClientSecret(secret) }
}

/** One SHA-256: a secret of 256 random bits cannot be guessed, so a slow hash would only slow the token endpoint. */
export function hashClientSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** A hook's signing secret in the form of Standard Webhooks. Seal it before it is stored. */
export function newHookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}
