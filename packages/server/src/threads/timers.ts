import { complete } from './complete.js'
import { type Progress, type Situation, settled } from './decision.js'
import { expireRequest } from './request.js'
import { returnToDefault } from './return-to-default.js'
import { isOpen } from './thread.js'
import type { Decision, Policy, Thread } from './types.js'

/** When each timer of the thread runs out; null where none is running. */
function timers(thread: Thread, policy: Policy) {
  const { pendingRequest, lastActivityAt, memory } = thread
  const after = (since: number | null, seconds: number | null) =>
    isOpen(thread) && since !== null && seconds !== null ? since + seconds * 1000 : null
  return {
    request: pendingRequest?.expiresAt ?? null,
    allocation: after(memory.unallocatedSince, policy.allocateWithin),
    idle: after(lastActivityAt, policy.idleCompleteAfter),
  }
}

export function nextDeadline(thread: Thread, policy: Policy): number | null {
  const running = Object.values(timers(thread, policy)).filter((at) => at !== null)
  return running.length === 0 ? null : Math.min(...running)
}

/** Runs whatever is due by now. Early and repeated calls find nothing to do. */
export function tick(thread: Thread, situation: Situation): Decision {
  const { policy, now } = situation
  const due = timers(thread, policy)
  const isDue = (at: number | null) => at !== null && at <= now
  const expired: Progress = isDue(due.request) ? expireRequest(thread) : { thread, effects: [] }
  // Idleness first: a conversation that is over needs no other owner.
  const next = isDue(due.idle)
    ? complete(expired.thread, { reason: 'idle' })
    : isDue(due.allocation)
      ? giveUpWaiting(expired.thread, situation)
      : { thread: expired.thread, effects: [] }
  return settled({ thread: next.thread, effects: [...expired.effects, ...next.effects] })
}

/** The wait ends whether or not control can go elsewhere: a timer that stayed due would come back for ever. */
function giveUpWaiting(thread: Thread, situation: Situation): Progress {
  const over: Thread = { ...thread, memory: { ...thread.memory, unallocatedSince: null } }
  return returnToDefault(over, 'not_allocated', situation)
}
