import { plainArray, textArray } from '../database/array-literals.js'

/** Names one lane. */
export interface LaneKey {
  bucket: number
  organisationId: string
  listener: string
  userId: string
}

/** A listener in one string, as `except` wants it. */
export function listenerKey(organisationId: string, listener: string): string {
  return `${organisationId}/${listener}`
}

/**
 * Joins `lanes l` to the keys in `from`: each is looked up in the primary key. A plain `l.bucket = from.bucket` would let the planner go
 * through that index from end to end while it believes the table to be small, and a plan is kept long after that has ceased to be true.
 */
export const laneOf = (from: string): string =>
  `l.bucket = any(array[${from}.bucket]) and l.organisation_id = ${from}.organisation_id and l.listener = ${from}.listener and l.user_id = ${from}.user_id`

/** The order in which lanes are locked wherever several are locked at once, so that nobody waits for each other. */
export function compareLanes(a: LaneKey, b: LaneKey): number {
  return (
    a.bucket - b.bucket ||
    compare(a.organisationId, b.organisationId) ||
    compare(a.listener, b.listener) ||
    compare(a.userId, b.userId)
  )
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

export const LANES = 'unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[])'

export const keyColumns = (lanes: readonly LaneKey[]): string[] => [
  plainArray(lanes.map((lane) => lane.bucket)),
  plainArray(lanes.map((lane) => lane.organisationId)),
  textArray(lanes.map((lane) => lane.listener)),
  textArray(lanes.map((lane) => lane.userId)),
]
