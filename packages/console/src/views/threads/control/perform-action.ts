/** What the buttons do: the calls that the listener itself would make, with its access. */
import type { EventSend, PassContext, Refusal, ThreadAction } from '@tract/contract'
import { call } from '../../../api/call.js'

export const actionKey = ({ action, listener, receiver }: ThreadAction): string =>
  [action, listener, receiver].join(' ')

type Verb = ThreadAction['action']

const LABELS: Readonly<Record<Verb, string>> = {
  pass: 'pass to',
  offer: 'offer to',
  take: 'take control',
  request: 'ask for control',
  accepted: 'accept the offer',
  declined: 'decline',
  withdrawn: 'withdraw the offer',
  allocated: 'agent allocated',
  waiting: 'wait for the user',
  pinned: 'pin',
  complete: 'complete',
}

const NAMES_RECEIVER: readonly Verb[] = ['pass', 'offer']
const TAKES_CONTEXT: readonly Verb[] = ['pass', 'offer', 'request']
const OF_CONTROL = ['pass', 'offer', 'take', 'request'] as const

export const takesContext = ({ action }: ThreadAction): boolean => TAKES_CONTEXT.includes(action)

const isClosed = ({ reason }: ThreadAction): boolean => reason?.code === 'receiver_closed'

/** A closed receiver is refused unless the user is to wait there, which the dialog asks. */
export const mayBegin = (action: ThreadAction): boolean => action.allowed || isClosed(action)

export const buttonLabel = (action: ThreadAction): string =>
  `${actionLabel(action)}${isClosed(action) ? ' (closed)' : ''}${takesContext(action) ? '…' : ''}`

export const actionLabel = ({ action, listener, receiver }: ThreadAction): string =>
  `${listener}: ${LABELS[action]}${NAMES_RECEIVER.includes(action) ? ` ${receiver}` : ''}`

const TYPES: Readonly<Record<string, EventSend['type']>> = {
  accepted: 'thread_control',
  declined: 'thread_control',
  withdrawn: 'thread_control',
  allocated: 'aeu_events',
}

/** What goes along with a change of control. */
export interface Along {
  context?: PassContext
  when_closed?: 'wait'
}

/** What came of it, in a sentence. */
export interface Outcome {
  said: string
  /** Absent where it took effect. */
  refusal?: Refusal
}

/** @throws {CallError} where the call itself is refused */
export async function perform(
  { action, listener, receiver = listener }: ThreadAction,
  organisationId: string,
  userId: string,
  along: Along = {},
): Promise<Outcome> {
  const options = { actFor: `${organisationId}/${listener}` }
  if (isOfControl(action)) {
    const body = { user_id: userId, type: action, requester: listener, receiver, ...along }
    const { success, status, reason } = await call('requestThreadControl', { body }, options)
    if (!success)
      return { said: `Refused: ${reason?.message ?? 'no reason was given.'}`, ...(reason && { refusal: reason }) }
    if (status !== 'pending') return { said: 'Done.' }
    return { said: action === 'offer' ? `${receiver} was asked.` : 'The listener in control was asked.' }
  }
  const type = TYPES[action] ?? 'conversation_state'
  await call('sendEvent', { body: { user_id: userId, type, subtype: action } }, options)
  return { said: 'Done.' }
}

const isOfControl = (action: Verb): action is (typeof OF_CONTROL)[number] =>
  (OF_CONTROL as readonly Verb[]).includes(action)
