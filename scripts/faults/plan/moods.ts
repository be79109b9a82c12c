import type { Random } from '../random.js'

/** How a receiver behaves for a while, towards a share of what comes. */
export interface Mood {
  at: number
  until: number
  kind: Misbehaviour
  share: number
}

export const MISBEHAVIOURS = [
  /** Answers late, sometimes too late. */
  'slow',
  /** Takes the request and says nothing more. */
  'half_open',
  /** Resets connections, new ones before anything is read. */
  'resetting',
  /** Answers with what is not HTTP, or with a header that is too long. */
  'garbage',
  /** 500, and 503 with Retry-After. */
  'failing',
  /** 429 with Retry-After. */
  'busy',
  /** Processes the delivery, and the connection is lost before the answer. */
  'lossy',
  /** The answer breaks off in the middle. */
  'torn',
  /** The body comes a byte at a time. */
  'trickling',
  /** Acknowledges with what cannot be stored as it came: U+0000, half characters. */
  'unstorable',
  /** The head does not end. */
  'endless_head',
  /** The port is closed. */
  'closed',
] as const

export type Misbehaviour = (typeof MISBEHAVIOURS)[number]

const PAUSE_MS = [2_000, 9_000] as const
const LENGTH_MS = [1_000, 6_000] as const

export function moods(random: Random, forMs: number): Mood[] {
  const planned: Mood[] = []
  const kinds: Misbehaviour[] = []
  for (let at = random.between(500, 4_000); at < forMs; ) {
    if (kinds.length === 0) kinds.push(...random.shuffled(MISBEHAVIOURS))
    const until = Math.min(at + random.between(...LENGTH_MS), forMs)
    const share = random.pick([0.1, 0.3, 0.7, 1])
    planned.push({ at: Math.round(at), until: Math.round(until), kind: kinds.pop() as Misbehaviour, share })
    at = until + random.between(...PAUSE_MS)
  }
  return planned
}
