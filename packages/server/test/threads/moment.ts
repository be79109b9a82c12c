import type { Accepted, Command, Decision, EventEffect, Listener, Policy, Thread } from '../../src/threads/types.js'

/** One decision and everything it was made from. */
export interface Moment {
  readonly before: Thread
  readonly listeners: readonly Listener[]
  readonly policy: Policy
  readonly command: Command
  readonly now: number
  readonly decision: Decision
}

export type Done = Moment & {
  readonly decision: Accepted
  readonly after: Thread
  readonly events: readonly EventEffect[]
}

export const isOpen = ({ conversationState }: Thread) => conversationState !== 'complete'
export const kindOf = ({ listeners }: Moment, id: string | null) => listeners.find((each) => each.id === id)?.kind
