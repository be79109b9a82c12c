import type { Random } from '../random.js'
import type { ListenerName } from './listeners.js'

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
  /** It is offered to them in this order, to each for that many seconds; null: the offerer does not take it back. */
  | { kind: 'offer'; receivers: ListenerName[]; within: number; withdrawnAfterMs: number | null }
  /** A file is uploaded, and named by a message with the token; null: by none. */
  | { kind: 'file'; bytes: number; token: string | null }
  /** The desk opens or closes; its turns are those of a user. */
  | { kind: 'availability'; isOpen: boolean }
  | { kind: 'complete' }
  /** The user rates the last conversation that is over. */
  | { kind: 'rate'; token: string }
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
const OPEN_MS = [3_000, 9_000] as const
const CLOSED_MS = [1_000, 4_000] as const

export function load(random: Random, { users, rate }: LoadOptions, forMs: number): LoadItem[] {
  const items: LoadItem[] = []
  let number = 0
  let turn = 0
  for (let at = 0; at < forMs; at += random.between(0, 2_000 / rate)) {
    // The others take turns, so that a long run has a lane of each of them for each listener.
    const user = random.chance(HOT_SHARE) ? `hot-${random.integer(1, HOT_USERS)}` : `user-${(turn++ % users) + 1}`
    const when = { at: Math.round(at), user }
    const what = random.weighted({ message: 82, pass: 3, complete: 1, offer: 8, file: 4, rate: 2 })
    if (what !== 'message') {
      items.push({ ...when, ...action(random, what, `f${++number}`) })
      continue
    }
    const drawn = { inTurn: random.chance(0.8), givesUp: random.chance(0.04), echoes: random.chance(0.04) }
    items.push({ ...when, kind: 'message', token: `m${++number}`, ...drawn })
  }
  return [...items, ...erasures(random, forMs), ...hours(random, forMs)].sort((one, other) => one.at - other.at)
}

function action(random: Random, kind: 'pass' | 'complete' | 'offer' | 'file' | 'rate', token: string) {
  if (kind === 'offer') {
    const withdrawnAfterMs = random.chance(0.2) ? random.integer(0, 1_500) : null
    const receivers: ListenerName[] = random.chance(0.3) ? ['other', 'desk'] : ['desk']
    return { kind, receivers, within: random.integer(1, 4), withdrawnAfterMs }
  }
  if (kind === 'rate') return { kind, token }
  return kind === 'file' ? { kind, ...file(random, random.chance(0.8) ? token : null) } : { kind }
}

const file = (random: Random, token: string | null) => ({
  bytes: random.integer(1, random.chance(0.2) ? 1_000_000 : 20_000),
  token,
})

/** When the desk is there. */
function hours(random: Random, forMs: number): LoadItem[] {
  const items: LoadItem[] = []
  let isOpen = false
  for (let at = random.between(...OPEN_MS); at < forMs; isOpen = !isOpen) {
    items.push({ at: Math.round(at), user: 'desk', kind: 'availability', isOpen })
    at += isOpen ? random.between(...OPEN_MS) : random.between(...CLOSED_MS)
  }
  return items
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
    items.push({ at: Math.round(at), user, kind: 'file', ...file(random, `x${number}.file`) })
    items.push({ at: Math.round(at + random.between(0, 500)), user, kind: 'erase' })
  }
  return items
}
