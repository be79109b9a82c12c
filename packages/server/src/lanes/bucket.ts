import { hash } from 'node:crypto'

export const BUCKETS = 256

/** The bucket (0 … 255) of everything that belongs to a user: the first key column of every such table, so that data spread evenly. */
export function bucketOf(organisationId: string, userId: string): number {
  return hash('sha256', `${organisationId}\n${userId}`, 'buffer')[0] as number
}
