import type { Random } from '../random.js'

/** What callers do. A token stands in a message's text, and is unique. */
export type LoadItem = { at: number; user: string } & (
  | {
      kind: 'message'
      token: string
      /** Sent only when the user's last one was answered. */
      inTurn: boolean
      /** The caller does not repeat it if the first try is not answered. */
      givesUp: boolean
      /** The caller repeats it after it was answered, as if the answer had been lost. */
      echoes: boolean
    }
  /** Control goes to the desk, if the thread allows it. */
  | { kind: 'pass' }
  | { kind: 'complete' }
  | { kind: 'erase' }
)

export interface LoadOptions {
  users: number
  /** Messages a second. */
  rate: number
}

const HOT_USERS = 8
const HOT_SHARE = 0.35
const ERASED_EVERY_MS = 3_000
const ERASED_MESSAGES = 4

export function load(random: Random, { users, rate }: LoadOptions, forMs: number): LoadItem[] {
  const items: LoadItem[] = []
  let number = 0
  let turn = 0
  for (let at = 0; at < forMs; at += random.between(0, 2_000 / rate)) {
    // The others take turns, so that a long run has a lane of each of them for each listener.
    const user = random.chance(HOT_SHARE) ? `hot-${random.integer(1, HOT_USERS)}` : `user-${(turn++ % users) + 1}`
    const what = random.weighted({ message: 96, pass: 2, complete: 2 })
    if (what !== 'message') {
      items.push({ at: Math.round(at), user, kind: what })
      continue
    }
    const drawn = { inTurn: random.chance(0.8), givesUp: random.chance(0.04), echoes: random.chance(0.04) }
    items.push({ at: Math.round(at), user, kind: 'message', token: `m${++number}`, ...drawn })
  }
  return [...items, ...erasures(random, forMs)].sort((one, other) => one.at - other.at)
}

/** Users that write a little and are erased, some while their deliveries are under way. */
function erasures(random: Random, forMs: number): LoadItem[] {
  const items: LoadItem[] = []
  let number = 0
  for (let start = 1_000; start < forMs - ERASED_EVERY_MS; start += ERASED_EVERY_MS) {
    const user = `erased-${++number}`
    let at = start
    for (let message = 1; message <= ERASED_MESSAGES; message++) {
      const flags = { inTurn: true, givesUp: false, echoes: false }
      items.push({ at: Math.round(at), user, kind: 'message', token: `x${number}.${message}`, ...flags })
      at += random.between(0, 300)
    }
    items.push({ at: Math.round(at + random.between(0, 500)), user, kind: 'erase' })
  }
  return items
}
