import type { PassContext } from '@tract/contract'
import { changeOwner } from './change-owner.js'
import type { Progress } from './decision.js'
import { begin, openConversation } from './open-conversation.js'
import { isOpen } from './thread.js'
import { controlEvent, historyFor, stateEvent } from './thread-events.js'
import type { Listener, Tenure, Thread } from './types.js'

/** How a listener gets control, and what the owner before it is told. */
interface HandOver {
  readonly reason: 'passed' | 'taken' | 'accepted'
  readonly farewell: 'released' | 'taken'
  readonly tenure: Partial<Tenure>
}

export const passedBy = (requester: string, context: PassContext | null = null): HandOver => ({
  reason: 'passed',
  farewell: 'released',
  tenure: { passedBy: requester, context },
})

/** As if who made the offer had passed control. */
export const acceptedFrom = (offerer: string, context?: PassContext): HandOver => ({
  ...passedBy(offerer, context),
  reason: 'accepted',
})

export const takenAt = (now: number, context: PassContext | null = null): HandOver => ({
  reason: 'taken',
  farewell: 'taken',
  tenure: { takenAt: now, context },
})

/**
 * Control goes to `receiver` by a pass, an accepted offer or a take. An open conversation goes on at an agent desk; for
 * an IVA it completes and the next one opens. All effects on the first go out before those on the second, so numbers
 * never run backwards. Without an open conversation none opens, but for a user's first.
 */
export function handOver(thread: Thread, receiver: Listener, now: number, how: HandOver): Progress {
  const from = thread.owner
  const to = receiver.id
  const { reason, tenure } = how
  const { thread: owned, effects: answers } = changeOwner(thread, to, reason, tenure)
  const context = owned.memory.context ? { context: owned.memory.context } : {}
  // who lost control by a pass hears what it was for
  const said = how.farewell === 'released' ? context : {}
  const farewell = from === null ? [] : [controlEvent(owned, how.farewell, [from], { from, to, ...said })]
  const before = [...farewell, ...answers]
  const assigned = (current: Thread) => controlEvent(current, 'assigned', [to], { from, to, reason, ...context })
  const leaving = from === null ? { reason } : { reason, formerOwner: from }

  if (thread.conversationNumber === 0) {
    const first = openConversation(owned, receiver, now)
    return {
      thread: first,
      effects: [...before, assigned(first), stateEvent(first, { reason }), ...historyFor(receiver)],
    }
  }
  if (!isOpen(thread)) return { thread: owned, effects: [...before, assigned(owned), ...historyFor(receiver)] }
  if (receiver.kind === 'iva') {
    const completed: Thread = { ...owned, conversationState: 'complete' }
    const opened = openConversation(owned, receiver, now)
    return {
      thread: opened,
      effects: [...before, stateEvent(completed, leaving), assigned(opened), stateEvent(opened)],
    }
  }
  const begun = begin(owned, receiver, now)
  const after = [assigned(begun), stateEvent(begun, leaving), ...historyFor(receiver)]
  return { thread: begun, effects: [...before, ...after] }
}
