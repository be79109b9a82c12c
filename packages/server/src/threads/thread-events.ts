import type { PassContext } from '@tract/contract'
import { hasAgents } from './roles.js'
import { withSent } from './sent-metadata.js'
import type { Effect, EventEffect, Listener, Thread } from './types.js'

type StateDetails = Pick<EventEffect, 'except' | 'formerOwner'> & {
  readonly reason?: string | undefined
  /** What the listener that sent the event said with it. */
  readonly sent?: string | undefined
}

/** The `conversation_state` event that tells all listeners the thread's present state. */
export function stateEvent(thread: Thread, { reason, sent, ...audience }: StateDetails = {}): EventEffect {
  const { conversationNumber, conversationState, owner, epoch } = thread
  const context = conversationState === 'incomplete' ? thread.memory.context : null
  return {
    kind: 'event',
    type: 'conversation_state',
    subtype: conversationState,
    conversationNumber,
    metadata: withSent(sent, {
      conversation_number: String(conversationNumber),
      owner,
      epoch,
      ...(reason === undefined ? {} : { reason }),
      ...(context && { context }),
    }),
    to: 'all',
    ...audience,
  }
}

export type ControlSubtype =
  | 'assigned'
  | 'released'
  | 'taken'
  | 'requested'
  | 'granted'
  | 'declined'
  | 'expired'
  | 'returned'
  | 'offered'
  | 'accepted'
  | 'withdrawn'

export interface ControlDetails {
  /** The owner before; for a request that did not succeed yet, the requester; of an offer, who made it. */
  readonly from: string | null
  /** The owner now; for a request that did not succeed yet, the owner that was asked; of an offer, who was asked. */
  readonly to: string | null
  readonly reason?: string
  readonly context?: PassContext
  readonly expires_at?: string
  readonly offer_number?: number
  /** Who is asked after `to`. */
  readonly next?: string
}

export const controlEvent = (
  { conversationNumber, epoch }: Thread,
  subtype: ControlSubtype,
  to: readonly string[],
  details: ControlDetails,
  sent?: string,
): EventEffect => ({
  kind: 'event',
  type: 'thread_control',
  subtype,
  conversationNumber,
  metadata: withSent(sent, { ...details, epoch }),
  to,
})

/** What a listener missed before it got control: an IVA keeps its own memory, agents need to read. */
export const historyFor = (listener: Listener): readonly Effect[] =>
  hasAgents(listener) ? [{ kind: 'history', to: listener.id }] : []
