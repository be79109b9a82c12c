/**
 * The key of a lane: one listener's deliveries about one user. Statements find lanes by `laneOf`, and lock several
 * lanes in the order of `compareLanes`.
 */
import { compare, type UserKey } from './user-key.js'

export interface LaneKey extends UserKey {
  listener: string
}

export const LANE_KEY = { bucket: 'smallint', organisationId: 'uuid', listener: 'text', userId: 'text' } as const

/**
 * Joins `lanes l` to keys by the primary key. A plain `l.bucket = from.bucket` lets the planner scan the whole index
 * while it believes the table to be small, and a plan is kept long after the table has grown.
 */
export const laneOf = (from: string): string =>
  `l.bucket = any(array[${from}.bucket]) and l.organisation_id = ${from}.organisation_id and l.listener = ${from}.listener and l.user_id = ${from}.user_id`

/** The `next_at` of a leased lane that is to be due as soon as its lease ends, whatever its holder has found. */
export const MARKED = "'epoch'::timestamptz"

/**
 * Keeps what may be a lane with something to deliver, by the two indexes that have all of them: of lanes that are due at
 * some time, and of the others in use.
 */
export const mayWait = (lanes: string): string =>
  `(${lanes}.next_at is not null or (${lanes}.next_at is null and ${lanes}.in_use_since is not null))`

/** The order in which several lanes are locked, so that two transactions never wait for each other. */
export function compareLanes(a: LaneKey, b: LaneKey): number {
  return (
    a.bucket - b.bucket ||
    compare(a.organisationId, b.organisationId) ||
    compare(a.listener, b.listener) ||
    compare(a.userId, b.userId)
  )
}

/** A listener in one string, as `claim` excepts it. */
export function listenerKey(organisationId: string, listener: string): string {
  return `${organisationId}/${listener}`
}
