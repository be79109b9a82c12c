/** What holds of timers and idle time. */
import assert from 'node:assert/strict'
import { defaultListener } from '../../src/threads/roles.js'
import type { Listener, Thread } from '../../src/threads/types.js'
import { type Done, isOpen, kindOf, type Moment } from './moment.js'

/** From when the owner is idle: nothing was said or done, and it has had what the CEU wrote. */
const idleSince = ({ lastActivityAt }: Thread, { command, now }: Moment): number => {
  const heard = command.kind === 'tick' ? command.heard : undefined
  return Math.max(lastActivityAt, heard === 'pending' ? now : (heard ?? 0))
}

export const deadline = (thread: Thread, moment: Moment): number | null => {
  const { listeners, policy } = moment
  const { pendingRequest, memory } = thread
  const at = [pendingRequest?.expiresAt]
  if (thread.offer) {
    const { failingSince = null } = listeners.find(({ id }) => id === thread.offer?.to) ?? {}
    at.push(thread.offer.expiresAt)
    if (failingSince !== null) at.push(failingSince + policy.unreachableAfter * 1000)
  }
  const owner = listeners.find(({ id }) => id === thread.owner)
  const fallback = defaultListener({ listeners, policy })
  if (owner && owner.failingSince !== null) {
    const isNew = (listener: Listener | undefined) =>
      listener !== undefined && listener !== owner && !memory.failed.includes(listener.id)
    const last = listeners.find(({ id }) => id === policy.fallbackListener)
    const isFit = last?.enabled && last.reachable && !last.closed && last.hooks.has('message.receive')
    const canReturn = !memory.returned && isNew(fallback)
    const canFallBack = !memory.fellBack && last !== fallback && isNew(last) && isFit && /ect|sac/.test(last.kind)
    const isToBlame = owner !== fallback && !memory.failed.includes(owner.id)
    if (canReturn || canFallBack || isToBlame) at.push(owner.failingSince + policy.unreachableAfter * 1000)
  }
  if (thread.owner !== null) at.push(idleSince(thread, moment) + policy.idleCompleteAfter * 1000)
  if (isOpen(thread) && memory.unallocatedSince !== null && policy.allocateWithin !== null) {
    at.push(memory.unallocatedSince + policy.allocateWithin * 1000)
  }
  return at.reduce<number | null>(
    (least, each) => (each !== undefined && each < (least ?? Infinity) ? each : least),
    null,
  )
}

/** Idleness ends what has an owner, whether a conversation is open or not, and never before the owner has had what the CEU wrote. */
export function idleness(moment: Done): void {
  const { before, after, command, events, now, policy } = moment
  const ended = events.some(({ metadata }) => typeof metadata === 'object' && metadata?.reason === 'idle')
  if (!ended) {
    if (command.kind === 'tick' && after.owner !== null) assert.notEqual(after.deadlineAt, null)
    return
  }
  assert.ok(command.kind === 'tick' && command.heard !== 'pending')
  assert.ok(before.owner !== null && after.owner === null)
  assert.ok(now >= idleSince(before, moment) + policy.idleCompleteAfter * 1000)
}

export function timers(moment: Done): void {
  const { before, after, command, now, decision } = moment
  assert.equal(after.deadlineAt, deadline(after, moment))
  assert.ok(after.lastActivityAt === before.lastActivityAt || after.lastActivityAt === now)
  // Only a desk is waited for, and only until it allocates an agent.
  if (after.memory.unallocatedSince !== null) {
    assert.equal(after.conversationState, 'incomplete')
    assert.ok(/ect|sac/.test(kindOf(moment, after.owner) ?? ''))
  }
  if (command.kind !== 'tick') return
  assert.equal(after.lastActivityAt, before.lastActivityAt)
  assert.ok(after.deadlineAt === null || after.deadlineAt > now)
  const due = deadline(before, moment)
  if (due === null || due > now) assert.equal(decision.outcome, 'unchanged')
}
