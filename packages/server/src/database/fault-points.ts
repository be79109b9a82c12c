/**
 * The named steps at which a process can be stopped to see what becomes of its work (scripts/faults). At each of them
 * something is done and its consequence is not: a process that dies or hangs there could lose or repeat something.
 */
export const FAULT_POINTS = [
  /** Messages are about to be appended to threads that are remembered. */
  'append.before-write',
  /** They are committed, and lanes leased with them; the dispatcher and the callers do not know. */
  'append.after-write',
  /** A batch of messages is written; its transaction is open. */
  'accept.before-commit',
  /** It is committed; the dispatcher and the callers do not know. */
  'accept.after-commit',
  /** A call with a transaction of its own (an event, thread control, erasure): written, not committed. */
  'call.before-commit',
  'call.after-commit',
  /** A user's data are deleted, not committed. */
  'erase.before-commit',
  /** A file has arrived; the store does not have it. */
  'attachment.before-keep',
  /** The store has a file; no row says so. */
  'attachment.after-keep',
  /** A file was removed from the store; it is still known as stray. */
  'attachment.after-remove',
  /** A hook was changed; other processes do not know. */
  'hook.after-commit',
  /** Buckets are leased, and not served yet. */
  'buckets.after-share',
  /** Lanes are leased, and not worked on yet. */
  'claim.after-commit',
  /** The hook was looked up and the lease checked: the delivery is about to go out. */
  'attempt.before-send',
  /** The receiver has answered; nothing of it is written. */
  'attempt.after-answer',
  'results.before-write',
  /** Written, and the lane's worker does not know. */
  'results.after-write',
  'lease.before-renewal',
  /** Other processes are about to be told of what is due. */
  'wakeup.before-notify',
  /** A timer or a report changed a thread, not committed. */
  'timer.before-commit',
  /** An owner cannot be reached, and its thread's timer does not know. */
  'owner.before-timer',
  /** A part of a bucket's history was removed, and how far is not recorded. */
  'retention.after-step',
] as const

export type FaultPoint = (typeof FAULT_POINTS)[number]

let reached: ((point: FaultPoint) => void) | undefined

/** Does nothing, unless a harness has set a handler. */
export function faultPoint(point: FaultPoint): void {
  reached?.(point)
}

/** For the processes of a harness only: calls `handler` whenever a step is reached. */
export function onFaultPoint(handler: (point: FaultPoint) => void): void {
  reached = handler
}
