import { done, refuse } from './decision.js'
import { refuseOver } from './refuse-over.js'
import { holderOf } from './thread.js'
import type { Correction, Decision, Sender, Thread } from './types.js'

/** Whose messages are accepted only while their listener is in control. */
const NEEDS_CONTROL: ReadonlySet<Sender> = new Set(['iva', 'ect', 'aeu'])

/**
 * An edit says something to the user, and so has the rule of a message: of a listener that speaks only while it is in
 * control, and of no conversation that is over. A deletion says nothing, and is its author's at any time.
 */
export function correct(thread: Thread, { kind, from, message }: Correction): Decision {
  if (kind === 'edited' && NEEDS_CONTROL.has(message.sender)) {
    const over = refuseOver(thread, { conversation: message.conversationNumber })
    if (over) return over
    if (from !== thread.owner)
      return refuse(thread, 'not_in_control', `'${from}' is not in control of this thread, ${holderOf(thread)}.`)
  }
  return done({ thread, effects: [] })
}
