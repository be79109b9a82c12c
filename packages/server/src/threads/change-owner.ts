import type { Progress } from './decision.js'
import { withdrawOffer } from './offers/offer-events.js'
import { freshTenure } from './thread.js'
import { controlEvent } from './thread-events.js'
import type { Tenure, Thread } from './types.js'

/**
 * The only place where `owner` changes. The epoch goes up by one and a new tenure begins. An offer is withdrawn, because
 * the owner before made it. A pending request is answered, because it was put to that owner: one that is granted brings
 * its context along, unless the change has one.
 */
export function changeOwner(thread: Thread, to: string | null, reason: string, tenure: Partial<Tenure> = {}): Progress {
  const granted = thread.pendingRequest?.from === to ? thread.pendingRequest : null
  const context = tenure.context ?? granted?.context ?? null
  const changed: Thread = {
    ...thread,
    owner: to,
    epoch: thread.epoch + 1,
    pendingRequest: null,
    memory: { ...thread.memory, ...freshTenure, ...tenure, context },
  }
  const { thread: free, effects } = withdrawOffer(changed, { reason })
  const requester = thread.pendingRequest?.from
  if (requester === undefined) return { thread: free, effects }
  const answer =
    granted !== null
      ? controlEvent(free, 'granted', [requester], { from: thread.owner, to })
      : controlEvent(free, 'declined', [requester], { from: requester, to: thread.owner, reason })
  return { thread: free, effects: [...effects, answer] }
}
