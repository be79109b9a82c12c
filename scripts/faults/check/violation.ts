/** The promises, each with the sentence that says it. */
export const INVARIANTS = {
  kept: 'what was answered 2xx is stored, once, under the number that the answer gave',
  arrives: 'what is stored arrives at every listener that is to hear it',
  single: 'a message is one message, whether or not its call was answered',
  numbering: 'the messages of a user are numbered without gaps, in the order of their calls',
  gap: 'a lane is delivered without a gap',
  order: 'nothing goes before the delivery ahead of it was acknowledged, or ended after five refusals',
  chain: 'tract-previous-id names the delivery before',
  same: 'a delivery is the same at every attempt: its id, its place, its bytes',
  repetition: 'a delivery is repeated only if its acknowledgement can have been lost',
  at_once: 'no delivery is sent twice at a time',
  signature: 'a delivery is signed with the secrets of the time, and goes where the hook was',
  bounded: 'an answer whose head has no end is cut off',
  written: 'the result of every attempt is written, for every answer of a receiver',
  end: 'at the end nothing waits, and what is kept of each delivery is what happened',
  charge: 'control returns from a desk for time in which it was tried, and not for time in which no process ran',
  erasure: 'of an erased user nothing is kept, and nothing more goes out',
  offer:
    'an offer ends once: accepted, declined, expired or withdrawn, before control changes, and its parties are told',
  closed: 'no listener that says that it is closed is given control, or offered it',
  over: 'what names a conversation goes there or, once that is over, nowhere: 409 conversation_over',
  corrected:
    'an edit or a deletion that was answered 2xx is heard once by everyone who heard the message, after it, and all in one order',
  said: 'a message says what its last edit says, and nothing once it is deleted, wherever it is shown',
  rated:
    'a rating that was answered 2xx stands with its conversation until the next one, and those who held it are told once',
  outcome: 'a conversation ends once, with the outcome of the call that ended it, before the next one opens',
  file: 'a file whose upload was answered 2xx is there, byte for byte, for each listener that hears of it',
  stray: 'what lies in the store is a file of a message, one that waits for its message, or on its way out',
  refusal: 'no call is refused that should be accepted',
  process: 'processes run until they are told to end, and then end; calls are answered, and lanes run empty',
} as const

export type Invariant = keyof typeof INVARIANTS

export interface Violation {
  invariant: Invariant
  text: string
}

export const wrong = (invariant: Invariant, text: string): Violation => ({ invariant, text })

export const laneName = ({ listener, user }: { listener: string; user: string }): string => `${listener}/${user}`

/** Lists by a key, each in the order in which it came. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
