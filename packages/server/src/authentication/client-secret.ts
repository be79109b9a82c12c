import { timingSafeEqual } from 'node:crypto'
import { hashClientSecret } from '../database/new-secrets.js'
import type { ClientCredentials } from './client-credentials.js'

/** Compared with where a client has no secret. No text is known whose SHA-256 is all zeros. */
const NOBODY = Buffer.alloc(32)

/** Whether `secret` is the client's, or was until its rotation ends. As slow for an unknown client as for a known one. */
export function isClientSecret(client: ClientCredentials | undefined, secret: string, now: number): boolean {
  const hash = hashClientSecret(secret)
  const current = timingSafeEqual(hash, client?.secretHash ?? NOBODY)
  const previous = timingSafeEqual(hash, client?.previousSecretHash ?? NOBODY)
  const previousUntil = client?.previousSecretExpiresAt?.getTime() ?? Number.NEGATIVE_INFINITY
  return current || (previous && now < previousUntil)
}
