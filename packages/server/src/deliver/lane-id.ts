import type { LaneKey } from '../lanes/lane-key.js'

/** A lane in one string, for maps. No id contains NUL: PostgreSQL's text cannot. */
export function laneId({ organisationId, listener, userId }: LaneKey): string {
  return `${organisationId}\0${listener}\0${userId}`
}
