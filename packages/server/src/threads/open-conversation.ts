import { hasAgents } from './roles.js'
import { freshConversation } from './thread.js'
import type { Listener, Thread } from './types.js'

/** The state in which a conversation with `owner` starts: a bot answers, at a desk an agent is awaited. */
export const begin = (thread: Thread, owner: Listener, now: number): Thread => ({
  ...thread,
  conversationState: owner.kind === 'iva' ? 'bot' : 'incomplete',
  memory: { ...thread.memory, unallocatedSince: hasAgents(owner) ? now : null },
})

/** A new conversation with `owner`, who is in control. */
export const openConversation = (thread: Thread, owner: Listener, now: number): Thread => {
  const conversationNumber = thread.conversationNumber + 1
  return begin({ ...thread, conversationNumber, memory: { ...thread.memory, ...freshConversation } }, owner, now)
}
