import { complete } from './complete.js'
import { done, type Progress, refuse, settled } from './decision.js'
import { declineRequest } from './request.js'
import { isOpen } from './thread.js'
import { stateEvent } from './thread-events.js'
import type { Decision, EventEffect, ListenerEvent, Thread, ThreadEvent } from './types.js'

/** Narrows an event of the catalogue to those that go through `decide`; receipts, for one, do not. */
export function isThreadEvent(event: { readonly type: string; readonly subtype: string }): event is ThreadEvent {
  const { type, subtype } = event
  if (type === 'aeu_events') return true
  if (type === 'thread_control') return subtype === 'declined'
  return type === 'conversation_state' && (subtype === 'waiting' || subtype === 'pinned' || subtype === 'complete')
}

/** What an agent desk reports of its own affairs may come from any of them; what changes the thread, from the owner. */
const needsControl = ({ type, subtype }: ThreadEvent): boolean =>
  type !== 'aeu_events' || subtype === 'allocated' || subtype === 'user_timeout'

export function listenerEvent(thread: Thread, event: ListenerEvent): Decision {
  if (thread.conversationNumber === 0) {
    return refuse(thread, 'no_conversation', 'This user has not had a conversation yet.')
  }
  if (needsControl(event) && event.from !== thread.owner) {
    return refuse(thread, 'not_in_control', `Only who is in control may send ${event.type}/${event.subtype}.`)
  }
  switch (event.type) {
    case 'aeu_events':
      return done(agentEvent(thread, event))
    case 'conversation_state':
      return reportedState(thread, event.subtype, event)
    case 'thread_control':
      return settled(declineRequest(thread, event.metadata))
  }
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
  if (!isOpen(thread)) return refuse(thread, 'no_conversation', 'The conversation is complete.')
  return settled(moveTo(thread, state, details))
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
