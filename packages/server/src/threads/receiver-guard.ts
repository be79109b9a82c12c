import { refuse, type Situation } from './decision.js'
import { find, mayHoldControl } from './roles.js'
import { holderOf } from './thread.js'
import type { ControlCommand, Listener, Refused, Thread } from './types.js'

/** Whether `listener` can be given control now, apart from who asks for it. */
export function refuseReceiver(thread: Thread, listener: Listener): Refused | undefined {
  const { id } = listener
  if (!listener.enabled) return refuse(thread, 'receiver_disabled', `'${id}' is disabled.`)
  if (!mayHoldControl(listener)) {
    return refuse(thread, 'receiver_not_allowed', `'${id}' is of kind ${listener.kind}, which never holds control.`)
  }
  if (!listener.hooks.has('message.receive')) {
    return refuse(
      thread,
      'receiver_not_allowed',
      `'${id}' has no active hook for message/receive, so it hears nothing.`,
    )
  }
  if (!listener.reachable) {
    return refuse(thread, 'receiver_unreachable', `Deliveries to '${id}' are failing.`)
  }
  return undefined
}

/** The checks that pass, take and request share. */
export function refuseControl(thread: Thread, command: ControlCommand, { listeners }: Situation): Refused | undefined {
  const { caller, requester, receiver } = command
  if (caller !== undefined && caller !== requester) {
    return refuse(thread, 'requester_mismatch', `The token belongs to '${caller}', the requester is '${requester}'.`)
  }
  if (thread.conversationNumber === 0) {
    return refuse(thread, 'no_conversation', 'This user has not had a conversation yet.')
  }
  if (!find(listeners, receiver)) return refuse(thread, 'unknown_receiver', `There is no listener '${receiver}'.`)
  return undefined
}

/**
 * In a take or a request the receiver is the requester, or the owner that control is wanted from: then it is a guard.
 */
export function refuseFrom(thread: Thread, { requester, receiver }: ControlCommand): Refused | undefined {
  if (receiver === requester || receiver === thread.owner) return undefined
  return refuse(thread, 'conflict', `'${receiver}' is not in control, ${holderOf(thread)}.`)
}
