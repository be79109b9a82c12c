import type { Refusal, ThreadResult } from '@tract/contract'

/** What came of a change of control: a refusal is a value, and `success` tells it. */
export type ThreadOutcome = ThreadGranted | ThreadRefused

/** Done; or, where `status` is `pending`, the listener in control was asked and has until `expires_at`. */
export type ThreadGranted = Omit<ThreadResult, 'success' | 'reason'> & { success: true; reason?: never }

export type ThreadRefused = Omit<ThreadResult, 'success' | 'reason'> & { success: false; reason: Refusal }
