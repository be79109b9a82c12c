import { changeOwner } from './change-owner.js'
import { type Progress, type Situation, settled, unchanged } from './decision.js'
import { expireOffer } from './offers/offer.js'
import { begin } from './open-conversation.js'
import { refuseHolder } from './receiver-guard.js'
import { defaultListener, find, hears, isEnabled } from './roles.js'
import { isOpen } from './thread.js'
import { controlEvent, historyFor, stateEvent } from './thread-events.js'
import type { Command, Decision, Effect, Failure, Listener, Policy, Thread } from './types.js'

/**
 * The owner failed the CEU: control returns to the default, in the same conversation, or goes to the organisation's
 * fallback where the default is the one that fails. Each happens once per conversation and never to a listener that
 * failed in it, so broken listeners cannot pass it to and fro. Otherwise the owner stays.
 */
export function returnToDefault(thread: Thread, reason: Failure, situation: Situation): Progress {
  const { owner, memory } = thread
  const to = wayOut(thread, situation)
  const byDefault = defaultListener(situation)?.id
  if (owner === null || (owner === byDefault && !to)) return { thread, effects: [] }
  const failed = memory.failed.includes(owner) ? memory.failed : [...memory.failed, owner]
  const failures = { ...memory.failures, [owner]: reason }
  if (!to) return { thread: { ...thread, memory: { ...memory, failed, failures } }, effects: [] }

  const toDefault = to.id === byDefault
  const returns = { returned: memory.returned || toDefault, fellBack: memory.fellBack === true || !toDefault }
  const left: Thread = { ...thread, memory: { ...memory, failed, failures, ...returns } }
  const { thread: owned, effects: answers } = changeOwner(left, to.id, 'returned')
  const open = isOpen(thread)
  const returned = open ? begin(owned, to, situation.now) : owned
  const told = controlEvent(returned, 'returned', [owner, to.id], { from: owner, to: to.id, reason })
  const effects: Effect[] = [told, ...answers]
  if (open) effects.push(stateEvent(returned, { reason, formerOwner: owner }))
  effects.push(...historyFor(to))
  // Without a conversation the CEU waits for no answer.
  const text = situation.policy.returnedMessage
  if (open && text !== null) effects.push({ kind: 'say', text })
  return { thread: returned, effects }
}

/** Who gets control from an owner that fails: the default, or the fallback where the default fails as well. */
function wayOut(thread: Thread, surroundings: Pick<Situation, 'listeners' | 'policy'>): Listener | undefined {
  const { memory, owner } = thread
  const mayGet = (listener: Listener | undefined) =>
    listener && listener.id !== owner && !memory.failed.includes(listener.id) ? listener : undefined
  const byDefault = defaultListener(surroundings)
  const back = memory.returned ? undefined : mayGet(byDefault)
  if (back?.reachable && hears(back)) return back
  const desk = find(surroundings.listeners, surroundings.policy.fallbackListener)
  const fallback = memory.fellBack || desk === byDefault ? undefined : mayGet(desk)
  const isFit = fallback && !fallback.closed && refuseHolder(thread, fallback) === undefined
  return isFit ? fallback : back
}

/** Whether a command may bring control to the fallback: then it has to be known whether that is closed. */
export const mayFallBack = ({ kind }: Command, { fallbackListener }: Pick<Policy, 'fallbackListener'>): boolean =>
  fallbackListener !== null && (kind === 'tick' || kind === 'unreachable' || kind === 'disabled')

/** When control leaves the owner if deliveries to it go on failing; null if it would stay. */
export function unreachableAt(
  thread: Thread,
  { listeners, policy }: Pick<Situation, 'listeners' | 'policy'>,
): number | null {
  const { owner, memory } = thread
  const failingSince = find(listeners, owner)?.failingSince ?? null
  if (failingSince === null || owner === null) return null
  const isBlamed = owner === defaultListener({ listeners, policy })?.id || memory.failed.includes(owner)
  if (isBlamed && !wayOut(thread, { listeners, policy })) return null
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
