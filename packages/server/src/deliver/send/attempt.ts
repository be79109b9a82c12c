import type { AttemptError as AttemptErrorOnTheWire, Listed } from '@tract/contract'

/** Why an attempt failed, for a program: what the contract lists. A code is never reused for something else. */
export type AttemptError = Listed<AttemptErrorOnTheWire>

/** Whether an attempt that ended so acknowledged its delivery. */
export const isAcknowledged = (error: AttemptError | null): boolean => error === null || error === 'invalid_ect_user_id'

/** What one attempt did, as it is kept. */
export interface Attempt {
  startedAt: Date
  durationMs: number
  /** Null when no answer came. */
  status: number | null
  /** Null when it was acknowledged, and there is nothing to say of it. */
  error: AttemptError | null
  /** The beginning of the answer's body, at most 2,048 characters: as the receiver sent it, with what may not be storable. */
  answer: string | null
}
