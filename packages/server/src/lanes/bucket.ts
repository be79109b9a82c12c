import { hash } from 'node:crypto'

export const BUCKETS = 256

/**
 * The bucket (0 … 255) of a user: the first key column of every table of the user's data, so that they spread evenly.
 */
export function bucketOf(organisationId: string, userId: string): number {
  return hash('sha256', `${organisationId}\n${userId}`, 'buffer')[0] as number
}
