import type { Accepted, Effect, Listener, Policy, RefusalCode, Refused, Thread } from './types.js'

/** What a decision is made from besides the thread and the command. */
export interface Situation {
  readonly listeners: readonly Listener[]
  readonly policy: Policy
  readonly now: number
  /** When the owner got the CEU's last message, `now` if it has not; null if that is not known. */
  readonly heardAt: number | null
}

/** A thread on its way through a decision, with the effects so far. */
export interface Progress {
  readonly thread: Thread
  readonly effects: readonly Effect[]
}

export const done = ({ thread, effects }: Progress): Accepted => ({ ok: true, thread, effects, outcome: 'done' })

export const unchanged = (thread: Thread, why = 'There is nothing to do.'): Accepted => ({
  ok: true,
  thread,
  effects: [],
  outcome: 'unchanged',
  why,
})

export const pending = ({ thread, effects }: Progress): Accepted => ({ ok: true, thread, effects, outcome: 'pending' })

/** For what may find nothing to do: timers and reports. */
export const settled = (progress: Progress, why?: string): Accepted =>
  progress.effects.length > 0 ? done(progress) : unchanged(progress.thread, why)

/** `waitMs`: when it is worth trying again. */
export function refuse(thread: Thread, code: RefusalCode, message: string, waitMs?: number): Refused {
  const { owner, conversationNumber, epoch } = thread
  const retryAfter = waitMs === undefined ? {} : { retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) }
  return { ok: false, refusal: { code, message, owner, conversationNumber, epoch, ...retryAfter } }
}
