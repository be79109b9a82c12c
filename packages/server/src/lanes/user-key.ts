import { bucketOf } from './bucket.js'

/** Names a user: what every row of the user's is keyed by. */
export interface UserKey {
  bucket: number
  organisationId: string
  userId: string
}

export const USER_KEY = { bucket: 'smallint', organisationId: 'uuid', userId: 'text' } as const

export const userKey = (organisationId: string, userId: string): UserKey => ({
  bucket: bucketOf(organisationId, userId),
  organisationId,
  userId,
})

/** A user in one string. */
export const nameOf = ({ organisationId, userId }: Omit<UserKey, 'bucket'>): string => `${organisationId} ${userId}`

/** The order in which several threads are locked, so that two transactions never wait for each other. */
export function compareUsers(a: UserKey, b: UserKey): number {
  return a.bucket - b.bucket || compare(a.organisationId, b.organisationId) || compare(a.userId, b.userId)
}

/** In code units, as `collate "C"` compares what is ASCII. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
