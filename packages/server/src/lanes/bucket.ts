import { hash } from 'node:crypto'
import { BUCKETS, type Sliced } from '../database/slices.js'

export { BUCKETS }

/**
 * The bucket (0 … 255) of a user: the first key column of every table of the user's data, so that they spread evenly.
 */
export function bucketOf(organisationId: string, userId: string): number {
  return hash('sha256', `${organisationId}\n${userId}`, 'buffer')[0] as number
}

/** What there is for the slice of a user. */
export const ofUser = <T>(slices: Sliced<T>, organisationId: string, userId: string): T =>
  slices.all.length === 1 ? slices.first : slices.of(bucketOf(organisationId, userId))
