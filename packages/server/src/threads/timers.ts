import { complete } from './complete.js'
import { type Progress, type Situation, settled } from './decision.js'
import { expireOffer, offerEndsAt } from './offers/offer.js'
import { expireRequest } from './request.js'
import { returnToDefault, unreachableAt } from './return-to-default.js'
import { isOpen } from './thread.js'
import type { Decision, Thread } from './types.js'

type Surroundings = Pick<Situation, 'listeners' | 'policy' | 'heardAt'>

/** When each timer of the thread runs out; null where none is running. */
function timers(thread: Thread, surroundings: Surroundings) {
  const { pendingRequest, lastActivityAt, memory } = thread
  const { policy, heardAt } = surroundings
  const after = (since: number | null, seconds: number | null) =>
    since !== null && seconds !== null ? since + seconds * 1000 : null
  // it does not run while the owner has yet to hear the CEU, and ends control that is held without a conversation as
  // well
  const idleSince = thread.owner === null ? null : Math.max(lastActivityAt, heardAt ?? lastActivityAt)
  return {
    request: pendingRequest?.expiresAt ?? null,
    offer: offerEndsAt(thread, surroundings),
    allocation: isOpen(thread) ? after(memory.unallocatedSince, policy.allocateWithin) : null,
    idle: after(idleSince, policy.idleCompleteAfter),
    unreachable: unreachableAt(thread, surroundings),
  }
}

export function nextDeadline(thread: Thread, surroundings: Surroundings): number | null {
  const running = Object.values(timers(thread, surroundings)).filter((at) => at !== null)
  return running.length === 0 ? null : Math.min(...running)
}

/** Runs the timers that are due. Early and repeated calls find nothing to do. */
export function tick(thread: Thread, situation: Situation): Decision {
  const { now } = situation
  const due = timers(thread, situation)
  const isDue = (at: number | null) => at !== null && at <= now
  let progress: Progress = isDue(due.request) ? expireRequest(thread) : { thread, effects: [] }
  const then = (next: Progress) => {
    progress = { thread: next.thread, effects: [...progress.effects, ...next.effects] }
  }
  // Idle time first: a conversation that is over needs no other owner.
  if (isDue(due.idle)) then(complete(progress.thread, { reason: 'idle' }))
  else {
    if (isDue(due.unreachable)) then(returnToDefault(progress.thread, 'unreachable', situation))
    const isStillAwaited = progress.thread.owner === thread.owner
    if (isDue(due.allocation) && isStillAwaited) then(giveUpWaiting(progress.thread, situation))
    // with its owner, an offer is over already
    if (isDue(due.offer) && progress.thread.offer !== null) {
      const isLate = progress.thread.offer.expiresAt <= now
      then(expireOffer(progress.thread, situation, isLate ? undefined : 'unreachable'))
    }
  }
  return settled(progress)
}

/** The wait ends also if control has nowhere to go: a timer that stays due would run for ever. */
function giveUpWaiting(thread: Thread, situation: Situation): Progress {
  const over: Thread = { ...thread, memory: { ...thread.memory, unallocatedSince: null } }
  return returnToDefault(over, 'not_allocated', situation)
}
