import type { Random } from '../random.js'
import { UNREACHABLE_AFTER_MS } from '../settings.js'
import type { Mood } from './moods.js'

/** Every process is killed, and none starts again for that time. */
export interface Outage {
  at: number
  forMs: number
}

const EVERY_MS = 5 * 60_000
/** A shorter run would have no time left for anything else. */
const SHORTEST_RUN_MS = 45_000
/** The desk is closed before and after, for less than `unreachable_after` together. */
const CLOSED_BEFORE_MS = 4_000
const CLOSED_AFTER_MS = 3_000

/** Longer than `unreachable_after`: if the outage is charged to a desk, the desk loses control. */
export function outages(random: Random, forMs: number): Outage[] {
  const planned: Outage[] = []
  if (forMs < SHORTEST_RUN_MS) return planned
  for (let at = forMs * 0.4; at + 2 * UNREACHABLE_AFTER_MS < forMs; at += EVERY_MS)
    planned.push({ at: Math.round(at), forMs: Math.round(UNREACHABLE_AFTER_MS + random.between(2_000, 5_000)) })
  return planned
}

/** The desk is closed around each outage, so that a delivery fails there and waits. */
export function closedAround(moods: readonly Mood[], outages: readonly Outage[]): Mood[] {
  const closed = outages.map(({ at, forMs }): Mood => {
    const until = at + forMs + CLOSED_AFTER_MS
    return { at: at - CLOSED_BEFORE_MS, until, kind: 'closed', share: 1 }
  })
  const others = moods.filter((mood) => closed.every(({ at, until }) => mood.until <= at || mood.at >= until))
  return [...others, ...closed].sort((one, other) => one.at - other.at)
}
