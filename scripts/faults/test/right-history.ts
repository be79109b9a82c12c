import type { History, HookState, Receipt, Send } from '../history/history.js'
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
 * A history in which every promise was kept: messages of some users, delivered to three listeners,
 * with attempts that failed, a payload that is refused, and deliveries repeated since a process
 * died, the database was gone, or a clock was wrong. Another one for each seed.
 */
export function rightHistory(seed: string): History {
  const random = new Random(seed)
  const history: History = {
    sends: [],
    receipts: [],
    losses: [],
    outages: [],
    hooks: Object.fromEntries(HEARERS.map((listener) => [`${listener} ${HOOK}`, hookStates()])),
    erasures: [{ user: 'erased', answeredAt: BETWEEN_MESSAGES_MS * (MESSAGES + 1) }],
    stored: { messages: [], lanes: [], deliveries: [], remains: 0, unwritten: [] },
  }
  for (const user of USERS) addUser(history, user, random.of(user))
  return history
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
    const answer = { at: startedAt + 20, status: 200, messageId }
    const answers = random.chance(0.1)
      ? []
      : random.chance(0.2)
        ? [answer, { ...answer, at: startedAt + 50 }]
        : [answer]
    const send: Send = { token, user, sender: 'user', hearers: HEARERS, startedAt, answers }
    sends.push(send)
    if (!isErased) stored.messages.push({ user, messageId, token })
    for (const listener of HEARERS) {
      const id = `${listener}-${token}`
      const previousId = before.get(listener) ?? null
      before.set(listener, id)
      const first: Receipt = {
        listener,
        user,
        hook: HOOK,
        port: 0,
        process: random.integer(0, 2),
        id,
        sequence: messageId,
        previousId,
        attempt: 1,
        bodyHash: id,
        token,
        messageId,
        signedBy: [],
        at: startedAt + 30 + random.between(0, 100),
        endedAt: 0,
        outcome: 'acknowledged',
      }
      const isRefused = deliver(history, first, messageId, random)
      if (isErased) continue
      const state = isRefused ? 'undeliverable' : 'delivered'
      stored.deliveries.push({
        listener,
        user,
        sequence: messageId,
        id,
        previousId,
        state,
        acknowledged: !isRefused,
      })
    }
  }
  for (const listener of isErased ? [] : HEARERS) stored.lanes.push({ listener, user, head: MESSAGES, tail: MESSAGES })
}

/** What the receiver got of one delivery. Every third message may be repeated, or refused. */
function deliver({ receipts, losses }: History, first: Receipt, messageId: number, random: Random): boolean {
  const add = (changes: Partial<Receipt>) => {
    const receipt = { ...first, attempt: 1, ...changes }
    receipt.endedAt = receipt.at + 20
    const second = receipt.at > MOVED_AT + 1_000
    receipt.port = second ? PORTS[1] : PORTS[0]
    receipt.signedBy = second ? [2, 1] : [1]
    receipts.push(receipt)
    return receipt
  }
  const what =
    messageId % 3 === 0 ? random.weighted({ killed: 1, dead: 1, database: 1, clock: 1, late: 1, refused: 1 }) : 'smooth'
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
  if (what === 'smooth') {
    add({ at })
    return false
  }
  const acknowledged = add({ at, outcome: what === 'late' ? 'unsure' : 'acknowledged' })
  const other = ((first.process ?? 0) + 1) % 3
  const from = acknowledged.endedAt + 5
  if (what === 'killed') losses.push({ kind: 'death', process: first.process, from, to: from + 100 })
  // the receiver was busy, and read what it had sent after its death
  if (what === 'dead') losses.push({ kind: 'death', process: first.process, from: at - 50, to: from + 100 })
  if (what === 'database') losses.push({ kind: 'database', process: null, from, to: from + 300 })
  // the other's clock is ahead: it takes the lane though it is leased
  if (what === 'clock') losses.push({ kind: 'clock', process: other, from: at - 10, to: from + 500 })
  add({ at: at + 400, process: other })
  return false
}
