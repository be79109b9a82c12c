import { refuse, type Situation } from './decision.js'
import { defaultListener, find, hears, isPrimary, mayHoldControl } from './roles.js'
import { holderOf } from './thread.js'
import type { Command, ControlCommand, Failure, Listener, Refused, Thread } from './types.js'

/**
 * Whether `receiver` can be given control that it did not ask for. One that is closed gets it only where the command
 * says so. Not asked are the default, so that no listener is left with a thread that it cannot give back, and a listener
 * that asked for control.
 */
function refuseReceiver(
  thread: Thread,
  receiver: Listener,
  { whenClosed = 'refuse' }: Pick<ControlCommand, 'whenClosed'>,
  situation: Situation,
): Refused | undefined {
  const refused = refuseHolder(thread, receiver)
  const { id, closed, reopensAt } = receiver
  const isAsked = thread.pendingRequest?.from !== id && receiver !== defaultListener(situation)
  if (refused || !closed || whenClosed === 'wait' || !isAsked) return refused
  const until = reopensAt === null ? '' : `; it opens again at ${new Date(reopensAt).toISOString()}`
  const { refusal } = refuse(thread, 'receiver_closed', `'${id}' is closed${until}.`)
  return { ok: false, refusal: { ...refusal, ...(reopensAt !== null && { reopensAt }) } }
}

/** Whether `listener` can hold control now, apart from who asks for it. */
export function refuseHolder(thread: Thread, listener: Listener): Refused | undefined {
  const { id } = listener
  if (!listener.enabled) return refuse(thread, 'receiver_disabled', `'${id}' is disabled.`)
  if (!mayHoldControl(listener)) {
    return refuse(thread, 'receiver_not_allowed', `'${id}' is of kind ${listener.kind}, which never holds control.`)
  }
  if (!hears(listener)) {
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

/**
 * Whether `requester` may give control to `receiver` now, by a pass or an offer. A listener that asked for control is
 * exempt from what this conversation bars: its request may be answered, and one that failed and asks works again.
 */
export function refuseGiving(
  thread: Thread,
  requester: Listener,
  receiver: Listener,
  terms: Pick<ControlCommand, 'whenClosed'>,
  situation: Situation,
): Refused | undefined {
  const unfit = refuseReceiver(thread, receiver, terms, situation)
  if (unfit || thread.pendingRequest?.from === receiver.id) return unfit
  const bound = requester.kind === 'ect' && requester.mayPassTo !== 'any'
  if (bound && !isPrimary(receiver) && receiver !== defaultListener(situation)) {
    return refuse(thread, 'receiver_not_allowed', `'${requester.id}' may pass only to a primary or the default.`)
  }
  if (thread.memory.failed.includes(receiver.id)) {
    return refuse(thread, 'receiver_unreachable', barredFor(receiver.id, thread.memory.failures?.[receiver.id]))
  }
  return undefined
}

/** Why a listener that had control of this conversation is not given it again. */
function barredFor(id: string, failure: Failure | undefined): string {
  const what = failure === undefined ? `'${id}' has failed` : FAILED[failure](id)
  return `In this conversation ${what}: it gets control again only if it asks for it.`
}

const FAILED: Readonly<Record<Failure, (id: string) => string>> = {
  unreachable: (id) => `'${id}' could not be reached`,
  disabled: (id) => `'${id}' was disabled while in control`,
  not_allocated: (id) => `no agent of '${id}' was there in time`,
}

/** The checks that all changes of control share. */
export function refuseControl(
  thread: Thread,
  command: Pick<ControlCommand, 'caller' | 'requester' | 'receiver'> & { readonly kind: Command['kind'] },
  { listeners }: Situation,
): Refused | undefined {
  const { kind, caller, requester, receiver } = command
  if (caller !== undefined && caller !== requester) {
    return refuse(thread, 'requester_mismatch', `The token belongs to '${caller}', the requester is '${requester}'.`)
  }
  // who asks may begin the first one
  if (thread.conversationNumber === 0 && kind !== 'request') {
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
