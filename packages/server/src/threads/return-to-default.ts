import { changeOwner } from './change-owner.js'
import { type Progress, type Situation, settled, unchanged } from './decision.js'
import { expireOffer } from './offer.js'
import { begin } from './open-conversation.js'
import { defaultListener, find, isEnabled } from './roles.js'
import { isOpen } from './thread.js'
import { controlEvent, historyFor, stateEvent } from './thread-events.js'
import type { Decision, Effect, Listener, Thread } from './types.js'

type Failure = 'unreachable' | 'disabled' | 'not_allocated'

/**
 * The owner failed the CEU: control returns to the default, in the same conversation. That happens once per
 * conversation and never to a listener that failed in it, so two broken listeners cannot pass it to and fro. Otherwise
 * the owner stays.
 */
export function returnToDefault(thread: Thread, reason: Failure, situation: Situation): Progress {
  const { owner } = thread
  const fallback = defaultListener(situation)
  if (owner === null || owner === fallback?.id) return { thread, effects: [] }
  const failed = thread.memory.failed.includes(owner) ? thread.memory.failed : [...thread.memory.failed, owner]
  const blame = (returned: boolean): Thread => ({ ...thread, memory: { ...thread.memory, failed, returned } })
  if (!fallback || !isWayBack(thread, fallback)) return { thread: blame(thread.memory.returned), effects: [] }

  const { thread: owned, effects: answers } = changeOwner(blame(true), fallback.id, 'returned')
  const open = isOpen(thread)
  const returned = open ? begin(owned, fallback, situation.now) : owned
  const told = controlEvent(returned, 'returned', [owner, fallback.id], { from: owner, to: fallback.id, reason })
  const effects: Effect[] = [told, ...answers]
  if (open) effects.push(stateEvent(returned, { reason, formerOwner: owner }))
  effects.push(...historyFor(fallback))
  // Without a conversation the CEU waits for no answer.
  const text = situation.policy.returnedMessage
  if (open && text !== null) effects.push({ kind: 'say', text })
  return { thread: returned, effects }
}

const isWayBack = ({ memory }: Thread, fallback: Listener): boolean =>
  !memory.returned && !memory.failed.includes(fallback.id)

/** When control returns from the owner if deliveries to it go on failing; null if it would stay. */
export function unreachableAt(
  thread: Thread,
  { listeners, policy }: Pick<Situation, 'listeners' | 'policy'>,
): number | null {
  const failingSince = find(listeners, thread.owner)?.failingSince ?? null
  const fallback = defaultListener({ listeners, policy })
  if (failingSince === null || thread.owner === null || thread.owner === fallback?.id) return null
  const isBlamed = thread.memory.failed.includes(thread.owner)
  if (isBlamed && !(fallback && isWayBack(thread, fallback))) return null
  return failingSince + policy.unreachableAfter * 1000
}

/** Delivery reports that the head of a lane fails, and since when. */
export function unreachable(thread: Thread, listener: string, failingSince: number, situation: Situation): Decision {
  const { policy, now } = situation
  const tooLong = now - failingSince >= policy.unreachableAfter * 1000
  if (listener === thread.offer?.to && tooLong) return settled(expireOffer(thread, situation, 'unreachable'))
  if (listener !== thread.owner || !tooLong) return unchanged(thread)
  return settled(returnToDefault(thread, 'unreachable', situation))
}

/** A listener was disabled; by now it may be enabled again. */
export function disabled(thread: Thread, listener: string, situation: Situation): Decision {
  if (isEnabled(situation.listeners, listener)) return unchanged(thread)
  if (listener === thread.offer?.to) return settled(expireOffer(thread, situation, 'disabled'))
  if (listener !== thread.owner) return unchanged(thread)
  return settled(returnToDefault(thread, 'disabled', situation))
}
