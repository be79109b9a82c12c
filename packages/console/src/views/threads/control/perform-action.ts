/** What the buttons do: the calls that the listener itself would make, with its access. */
import type { EventSend, ThreadAction } from '@tract/contract'
import { call } from '../../../api/call.js'

export const actionKey = ({ action, listener, receiver }: ThreadAction): string =>
  [action, listener, receiver].join(' ')

const LABELS: Readonly<Record<ThreadAction['action'], string>> = {
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

export const actionLabel = ({ action, listener, receiver }: ThreadAction): string =>
  `${listener}: ${LABELS[action]}${action === 'pass' || action === 'offer' ? ` ${receiver}` : ''}`

const TYPES: Readonly<Record<string, EventSend['type']>> = {
  accepted: 'thread_control',
  declined: 'thread_control',
  withdrawn: 'thread_control',
  allocated: 'aeu_events',
}

/**
 * @returns what came of it, in a sentence
 * @throws {CallError} where the call itself is refused
 */
export async function perform(action: ThreadAction, organisationId: string, userId: string): Promise<string> {
  const { action: name, listener, receiver = listener } = action
  const options = { actFor: `${organisationId}/${listener}` }
  if (name === 'pass' || name === 'offer' || name === 'take' || name === 'request') {
    const body = { user_id: userId, type: name, requester: listener, receiver }
    const { success, status, reason } = await call('requestThreadControl', { body }, options)
    if (!success) return `Refused: ${reason?.message ?? 'no reason was given.'}`
    if (status !== 'pending') return 'Done.'
    return name === 'offer' ? `${receiver} was asked.` : 'The listener in control was asked.'
  }
  const type = TYPES[name] ?? 'conversation_state'
  await call('sendEvent', { body: { user_id: userId, type, subtype: name } }, options)
  return 'Done.'
}
