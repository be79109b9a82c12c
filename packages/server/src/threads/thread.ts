import type { ConversationMemory, Memory, Tenure, Thread } from './types.js'

export const freshConversation: ConversationMemory = { failed: [], failures: {}, returned: false, fellBack: false }

export const freshTenure: Tenure = { unallocatedSince: null, passedBy: null, takenAt: null, context: null }

export const newMemory = (): Memory => ({ ...freshConversation, ...freshTenure })

/** The thread of a user without any conversation yet. */
export const newThread = (now: number): Thread => ({
  owner: null,
  epoch: 0,
  conversationNumber: 0,
  conversationState: 'complete',
  pendingRequest: null,
  offer: null,
  offerNumber: 0,
  lastActivityAt: now,
  deadlineAt: null,
  memory: newMemory(),
})

/** An open conversation always has an owner; a completed one has an owner only if control was given since. */
export const isOpen = (thread: Thread): boolean => thread.conversationState !== 'complete'

/** For a sentence. */
export const inControlAlready = (owner: string): string => `'${owner}' is in control already.`

/** For a part of one. */
export const holderOf = ({ owner }: Thread): string => (owner === null ? 'nobody is' : `'${owner}' is`)
