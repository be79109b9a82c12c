import { changeOwner } from './change-owner.js'
import type { Progress } from './decision.js'
import { isOpen } from './thread.js'
import { controlEvent, stateEvent } from './thread-events.js'
import type { Thread } from './types.js'

interface Completion {
  readonly reason?: 'idle' | 'user_timeout'
  /** The listener that completed it, and the metadata that it sent. */
  readonly except?: string
  readonly sent?: string | undefined
}

/** The conversation ends and has no owner. An owner without a conversation gives control up. */
export function complete(thread: Thread, { reason, ...details }: Completion = {}): Progress {
  const { owner } = thread
  const { thread: free, effects } = changeOwner(thread, null, reason ?? 'complete')
  const completed: Thread = { ...free, conversationState: 'complete' }
  const formerOwner = owner === null ? {} : { formerOwner: owner }
  if (isOpen(thread)) {
    return { thread: completed, effects: [stateEvent(completed, { reason, ...details, ...formerOwner }), ...effects] }
  }
  const former = owner === null ? [] : [owner]
  const released = controlEvent(completed, 'released', former, { from: owner, to: null, reason: reason ?? 'complete' })
  return { thread: completed, effects: [released, ...effects] }
}
