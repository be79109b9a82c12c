import type { PassContext } from '@tract/contract'
import { done, type Progress, pending, refuse, type Situation, unchanged } from './decision.js'
import { handOver, takenAt } from './hand-over.js'
import { refuseControl, refuseFrom, refuseHolder } from './receiver-guard.js'
import { find } from './roles.js'
import { refuseRace } from './take.js'
import { inControlAlready } from './thread.js'
import { controlEvent } from './thread-events.js'
import type { ControlCommand, Decision, Listener, Thread } from './types.js'

const REQUEST_STANDS_MS = 60_000

export function request(thread: Thread, command: ControlCommand, situation: Situation): Decision {
  const refused = refuseControl(thread, command, situation)
  if (refused) return refused
  if (command.requester === thread.owner) return unchanged(thread, inControlAlready(thread.owner))
  const { listeners, policy, now } = situation
  const requester = find(listeners, command.requester)
  if (!requester) return refuse(thread, 'receiver_not_allowed', `There is no listener '${command.requester}'.`)
  const barred = refuseFrom(thread, command) ?? refuseHolder(thread, requester)
  if (barred) return barred

  if (policy.onRequest === 'deny') return refuse(thread, 'request_denied', 'The organisation denies all requests.')
  if (policy.onRequest === 'grant' || thread.owner === null) {
    return refuseRace(thread, now) ?? done(handOver(thread, requester, now, takenAt(now, command.context)))
  }
  return ask(thread, requester, thread.owner, command.context, now)
}

function ask(
  thread: Thread,
  requester: Listener,
  owner: string,
  given: PassContext | undefined,
  now: number,
): Decision {
  const { pendingRequest } = thread
  const standing = pendingRequest !== null && pendingRequest.expiresAt > now
  if (standing && pendingRequest.from === requester.id) return pending({ thread, effects: [] })
  if (standing) {
    const wait = Math.min(REQUEST_STANDS_MS, pendingRequest.expiresAt - now)
    return refuse(thread, 'request_pending', `'${pendingRequest.from}' has asked before and awaits its answer.`, wait)
  }
  const { thread: free, effects } = expireRequest(thread)
  const expiresAt = now + REQUEST_STANDS_MS
  const context = given && { context: given }
  const asked: Thread = { ...free, pendingRequest: { from: requester.id, expiresAt, ...context } }
  const requested = controlEvent(asked, 'requested', [owner], {
    from: requester.id,
    to: owner,
    ...context,
    expires_at: new Date(expiresAt).toISOString(),
  })
  return pending({ thread: asked, effects: [...effects, requested] })
}

/** The owner did not answer a pending request in time. */
export const expireRequest = (thread: Thread): Progress => endRequest(thread, 'expired')

/** The owner does not want to give control away. */
export const declineRequest = (thread: Thread, sent?: string): Progress => endRequest(thread, 'declined', sent)

function endRequest(thread: Thread, subtype: 'expired' | 'declined', sent?: string): Progress {
  if (thread.pendingRequest === null) return { thread, effects: [] }
  const { from } = thread.pendingRequest
  const event = controlEvent(thread, subtype, [from], { from, to: thread.owner }, sent)
  return { thread: { ...thread, pendingRequest: null }, effects: [event] }
}
