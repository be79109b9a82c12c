import { eventCatalogue } from '@tract/contract'
import { complete } from './complete.js'
import { done, type Progress, refuse, type Situation, settled, unchanged } from './decision.js'
import { acceptOffer, declineOffer, isAsked, namedOffer, refuseAnswer, withdrawnBy } from './offers/offer.js'
import { declineRequest } from './request.js'
import { holderOf, inControlAlready, isOpen } from './thread.js'
import { stateEvent } from './thread-events.js'
import type { Decision, EventEffect, ListenerEvent, Thread, ThreadEvent } from './types.js'

/** Narrows an event to those of the thread that a listener may send. Receipts and ratings are no such events. */
export const isThreadEvent = (event: { readonly type: string; readonly subtype: string }): event is ThreadEvent =>
  eventCatalogue.some(
    ({ type, subtype, senders }) =>
      type === event.type &&
      subtype === event.subtype &&
      type !== 'message' &&
      subtype !== 'feedback' &&
      senders.some((kind) => kind !== 'tract'),
  )

/** What an agent desk reports of its own affairs may come from any of them; what changes the thread, from the owner. */
const needsControl = ({ type, subtype }: ThreadEvent): boolean =>
  type !== 'aeu_events' || subtype === 'allocated' || subtype === 'user_timeout'

export function listenerEvent(thread: Thread, event: ListenerEvent, situation: Situation): Decision {
  if (thread.conversationNumber === 0) {
    return refuse(
      thread,
      'no_conversation',
      `This user has not had a conversation yet; ${holderOf(thread)} in control.`,
    )
  }
  const answered = offerAnswer(thread, event, situation)
  if (answered) return answered
  if (needsControl(event) && event.from !== thread.owner) {
    return refuse(
      thread,
      'not_in_control',
      `Only who is in control may send ${event.type}/${event.subtype}; ${holderOf(thread)}.`,
    )
  }
  switch (event.type) {
    case 'aeu_events':
      return done(agentEvent(thread, event))
    case 'conversation_state':
      return reportedState(thread, event.subtype, event)
    case 'thread_control':
      return reportedControl(thread, event.subtype, event)
  }
}

/** Undefined for an event that is no answer to an offer. An agent who is allocated by who is asked accepts as well. */
function offerAnswer(thread: Thread, event: ListenerEvent, situation: Situation): Decision | undefined {
  const { type, subtype, from } = event
  const isAllocated = type === 'aeu_events' && subtype === 'allocated' && isAsked(thread, event)
  if (isAllocated || (type === 'thread_control' && subtype === 'accepted')) {
    // said again
    if (from === thread.owner) return unchanged(thread, inControlAlready(from))
    const accepted = acceptOffer(thread, event, situation)
    if ('ok' in accepted) return accepted
    if (event.type !== 'aeu_events') return done(accepted)
    const { thread: next, effects } = agentEvent(accepted.thread, event)
    return done({ thread: next, effects: [...accepted.effects, ...effects] })
  }
  if (type !== 'thread_control' || subtype !== 'declined') return undefined
  if (isAsked(thread, event)) return declineOffer(thread, event, situation)
  return namedOffer(event.metadata) === undefined ? undefined : refuseAnswer(thread, from)
}

function agentEvent(thread: Thread, event: ListenerEvent): Progress {
  const passedOn: EventEffect = {
    kind: 'event',
    type: event.type,
    subtype: event.subtype,
    conversationNumber: thread.conversationNumber,
    metadata: event.metadata ?? null,
    to: 'all',
    except: event.from,
  }
  const { thread: next, effects } = consequence(thread, event.subtype)
  return { thread: next, effects: [passedOn, ...effects] }
}

function consequence(thread: Thread, subtype: string): Progress {
  if (subtype === 'user_timeout') return complete(thread, { reason: 'user_timeout' })
  if (subtype === 'allocated' && isOpen(thread)) return moveTo(thread, 'pinned')
  return { thread, effects: [] }
}

function reportedState(thread: Thread, state: 'waiting' | 'pinned' | 'complete', event: ListenerEvent): Decision {
  const { from, metadata } = event
  const details = { except: from, sent: metadata }
  if (state === 'complete') return done(complete(thread, details))
  if (!isOpen(thread))
    return refuse(thread, 'no_conversation', `The conversation is complete; ${holderOf(thread)} in control.`)
  return settled(moveTo(thread, state, details), `The conversation is ${state} already.`)
}

function reportedControl(
  thread: Thread,
  subtype: Extract<ThreadEvent, { type: 'thread_control' }>['subtype'],
  event: ListenerEvent,
): Decision {
  switch (subtype) {
    case 'accepted':
      return refuseAnswer(thread, event.from)
    case 'declined':
      return settled(declineRequest(thread, event.metadata), 'There is no request to decline.')
    case 'withdrawn':
      return settled(withdrawnBy(thread, event), 'There is no offer to withdraw.')
  }
}

/** Either state means that an agent is there. Said again it is news only for what is said along. */
function moveTo(
  thread: Thread,
  conversationState: 'waiting' | 'pinned',
  details: Parameters<typeof stateEvent>[1] = {},
): Progress {
  if (thread.conversationState === conversationState && details.sent === undefined) return { thread, effects: [] }
  const moved: Thread = { ...thread, conversationState, memory: { ...thread.memory, unallocatedSince: null } }
  return { thread: moved, effects: [stateEvent(moved, details)] }
}
