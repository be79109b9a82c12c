import type { Random } from '../random.js'
import { UNREACHABLE_AFTER_MS } from '../settings.js'
import type { Mood } from './moods.js'

/** Every process is killed, and none starts again for so long. */
export interface Outage {
  at: number
  forMs: number
}

const EVERY_MS = 5 * 60_000
/** Of what is shorter there would be nothing left. */
const SHORTEST_RUN_MS = 45_000
/** How long the desk is closed before and after it: shorter than control stays with a desk that cannot be reached, together too. */
const CLOSED_BEFORE_MS = 4_000
const CLOSED_AFTER_MS = 3_000

/** Longer than a desk may be out of reach: what is charged to it for that shows. */
export function outages(random: Random, forMs: number): Outage[] {
  const planned: Outage[] = []
  if (forMs < SHORTEST_RUN_MS) return planned
  for (let at = forMs * 0.4; at + 2 * UNREACHABLE_AFTER_MS < forMs; at += EVERY_MS)
    planned.push({ at: Math.round(at), forMs: Math.round(UNREACHABLE_AFTER_MS + random.between(2_000, 5_000)) })
  return planned
}

/** The desk is closed around each of them, so that something waits for it and fails, and does nothing else then. */
export function closedAround(moods: readonly Mood[], outages: readonly Outage[]): Mood[] {
  const closed = outages.map(
    ({ at, forMs }): Mood => ({
      at: at - CLOSED_BEFORE_MS,
      until: at + forMs + CLOSED_AFTER_MS,
      kind: 'closed',
      share: 1,
    }),
  )
  const others = moods.filter((mood) => closed.every(({ at, until }) => mood.until <= at || mood.at >= until))
  return [...others, ...closed].sort((one, other) => one.at - other.at)
}
