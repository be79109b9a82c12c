import type { History, HookState, Receipt } from '../history/history.js'
import { Random } from '../random.js'

const USERS = ['asha', 'ravi', 'mira', 'erased']
const HEARERS = ['iva', 'desk', 'observer']
const MESSAGES = 12
const HOOK = 'message/receive'
/** From here on, hooks are at their second port, with their second secret. */
export const MOVED_AT = 75_000
export const PORTS = [4001, 4002] as const
/** Longer than any loss excuses anything. */
const BETWEEN_MESSAGES_MS = 12_000

/**
 * A history in which every promise was kept, another one for each seed: messages delivered to three
 * listeners, attempts that failed, a payload that is refused, and deliveries repeated after a
 * death, without the database, or by a wrong clock.
 */
export function rightHistory(seed: string): History {
  const random = new Random(seed)
  const history = emptyHistory()
  history.hooks = Object.fromEntries(HEARERS.map((listener) => [`${listener} ${HOOK}`, hookStates()]))
  history.erasures.push({ user: 'erased', answeredAt: BETWEEN_MESSAGES_MS * (MESSAGES + 1) })
  for (const user of USERS) addUser(history, user, random.of(user))
  return history
}

export const emptyHistory = (): History => ({
  sends: [],
  receipts: [],
  losses: [],
  outages: [],
  hooks: {},
  erasures: [],
  controls: [],
  offerAnswers: [],
  availability: [],
  completions: [],
  corrections: [],
  transcripts: [],
  ratings: [],
  files: [],
  downloads: [],
  stored: {
    messages: [],
    lanes: [],
    deliveries: [],
    conversations: [],
    attachments: [],
    strays: [],
    inStore: [],
    remains: 0,
    unwritten: [],
  },
})

/** What is so of a receipt of a message: it is no event, names no file, and was read when it came. */
export const PLAIN = {
  conversation: null,
  about: null,
  offer: null,
  to: null,
  epoch: null,
  reason: null,
  files: [],
  decidedAt: 0,
  age: 0,
}

/** One at a time, the second long after the first: what is true of a moment is so for some time. */
const hookStates = (): HookState[] => [
  { port: PORTS[0], status: 'active', version: 1, from: 0, answeredAt: 10 },
  { port: PORTS[1], status: 'active', version: 2, from: MOVED_AT, answeredAt: MOVED_AT + 20 },
]

function addUser(history: History, user: string, random: Random): void {
  const { sends, stored } = history
  const isErased = user === 'erased'
  const before = new Map<string, string>()
  for (let messageId = 1; messageId <= MESSAGES; messageId++) {
    const startedAt = BETWEEN_MESSAGES_MS * messageId + random.between(0, 500)
    const token = `${user}-${messageId}`
    const times = random.chance(0.1) ? [] : random.chance(0.2) ? [20, 50] : [20]
    const answers = times.map((after) => ({ at: startedAt + after, status: 200, messageId }))
    sends.push({ token, user, sender: 'user', hearers: HEARERS, startedAt, answers })
    if (!isErased) stored.messages.push({ user, messageId, token, says: token, conversation: 1 })
    for (const listener of HEARERS) {
      const id = `${listener}-${token}`
      const place = { listener, user, sequence: messageId, id, previousId: before.get(listener) ?? null }
      before.set(listener, id)
      const message = { hook: HOOK, bodyHash: id, token, messageId, attempt: 1, outcome: 'acknowledged' as const }
      const [process, at] = [random.integer(0, 2), startedAt + 30 + random.between(0, 100)]
      const isRefused = deliver(
        history,
        { ...place, ...message, ...PLAIN, process, at, port: 0, signedBy: [], endedAt: 0 },
        random,
      )
      const state = isRefused ? 'undeliverable' : 'delivered'
      if (!isErased) stored.deliveries.push({ ...place, state, acknowledged: !isRefused })
    }
  }
  const row = { conversation: 1, isClosed: false, present: 1, token: null, rating: null, heldBy: ['iva'] }
  if (!isErased) stored.conversations.push({ user, ...row })
  for (const listener of isErased ? [] : HEARERS) stored.lanes.push({ listener, user, head: MESSAGES, tail: MESSAGES })
}

/** What the receiver got of one delivery. Every third may be repeated, or refused. @returns whether it was refused */
function deliver({ receipts, losses }: History, first: Receipt, random: Random): boolean {
  const add = (changes: Partial<Receipt>) => {
    const { at } = { ...first, ...changes }
    const isMoved = at > MOVED_AT + 1_000
    const hook = isMoved ? { port: PORTS[1], signedBy: [2, 1] } : { port: PORTS[0], signedBy: [1] }
    receipts.push({ ...first, ...changes, ...hook, endedAt: at + 20 })
  }
  const what =
    first.sequence % 3 === 0
      ? random.weighted({ killed: 1, dead: 1, database: 1, clock: 1, late: 1, refused: 1 })
      : 'smooth'
  if (what === 'refused') {
    for (let refusal = 0; refusal < 5; refusal++)
      add({ at: first.at + refusal * 100, attempt: refusal + 1, outcome: 'refused' })
    return true
  }
  let { at } = first
  if (random.chance(0.2)) {
    add({ at, outcome: 'failed', poured: random.pick([200_000, 5_000_000]) })
    at += 200
  }
  // the machine was busy: it was read when its time was nearly over
  add({ at, ...(what === 'late' ? { outcome: 'unsure', age: 4_500 } : { outcome: 'acknowledged' }) })
  if (what === 'smooth') return false
  const { process } = first
  const other = ((process ?? 0) + 1) % 3
  const from = at + 25
  if (what === 'killed') losses.push({ kind: 'death', process, from, to: from + 100 })
  // The receiver was busy, and read what the process had sent after its death.
  if (what === 'dead') losses.push({ kind: 'death', process, from: at - 50, to: from + 100 })
  if (what === 'database') losses.push({ kind: 'database', process: null, from, to: from + 300 })
  // The other's clock is ahead: it takes the lane though it is leased.
  if (what === 'clock') losses.push({ kind: 'clock', process: other, from: at - 10, to: from + 500 })
  add({ at: at + 400, process: other })
  return false
}
