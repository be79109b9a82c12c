import { timingSafeEqual } from 'node:crypto'
import { hashClientSecret } from '../database/new-secrets.js'
import type { ClientCredentials } from './client-credentials.js'

/** Compared with when there is nothing to compare with. All zeros is nobody's SHA-256. */
const NOBODY = Buffer.alloc(32)

/**
 * Whether `secret` is the client's, or was until its rotation ends. Takes as long for an unknown client as for a
 * known one.
 */
export function isClientSecret(client: ClientCredentials | undefined, secret: string, now: number): boolean {
  const hash = hashClientSecret(secret)
  const current = timingSafeEqual(hash, client?.secretHash ?? NOBODY)
  const previous = timingSafeEqual(hash, client?.previousSecretHash ?? NOBODY)
  const previousUntil = client?.previousSecretExpiresAt?.getTime() ?? Number.NEGATIVE_INFINITY
  return current || (previous && now < previousUntil)
}
