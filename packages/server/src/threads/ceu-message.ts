import { changeOwner } from './change-owner.js'
import { done, type Progress, refuse, type Situation } from './decision.js'
import { openConversation } from './open-conversation.js'
import { returnToDefault } from './return-to-default.js'
import { defaultListener, find, hears } from './roles.js'
import { isOpen } from './thread.js'
import { controlEvent, stateEvent } from './thread-events.js'
import type { Decision, Thread } from './types.js'

/** The CEU spoke. Before the message goes out, a conversation is open and has an owner. */
export function ceuMessage(thread: Thread, situation: Situation): Decision {
  return isOpen(thread) ? done(continueConversation(thread, situation)) : startConversation(thread, situation)
}

function startConversation(thread: Thread, situation: Situation): Decision {
  const { listeners, now } = situation
  const left = find(listeners, thread.owner)
  const owner = left?.enabled && hears(left) ? left : defaultListener(situation)
  if (!owner) {
    return refuse(thread, 'no_default_receiver', 'No listener of the organisation can be given a new conversation.')
  }
  if (owner.id === thread.owner) {
    const opened = openConversation(thread, owner, now)
    return done({ thread: opened, effects: [stateEvent(opened)] })
  }
  // A pending request can only stand here if the owner it was put to has been disabled since.
  const { thread: owned, effects: answers } = changeOwner(thread, owner.id, 'disabled')
  const opened = openConversation(owned, owner, now)
  const assigned = controlEvent(opened, 'assigned', [owner.id], { from: thread.owner, to: owner.id })
  return done({ thread: opened, effects: [...answers, assigned, stateEvent(opened)] })
}

function continueConversation(thread: Thread, situation: Situation): Progress {
  const { thread: held, effects } = fromUnfitOwner(thread, situation)
  if (held.conversationState !== 'waiting') return { thread: held, effects }
  const pinned: Thread = { ...held, conversationState: 'pinned' }
  return { thread: pinned, effects: [...effects, stateEvent(pinned)] }
}

/** Control leaves an owner that was disabled, or that has removed its hook for messages: it would hear none. */
function fromUnfitOwner(thread: Thread, situation: Situation): Progress {
  const owner = find(situation.listeners, thread.owner)
  if (!owner?.enabled) return returnToDefault(thread, 'disabled', situation)
  return hears(owner) ? { thread, effects: [] } : returnToDefault(thread, 'unreachable', situation)
}
