/**
 * The named steps at which a process can be stopped to see what becomes of its work (scripts/faults). Each stands where something is done
 * and its consequence is not yet: between the two is where a process that dies, or stands still, could lose or repeat something.
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
  /** A hook was changed, and nobody was told. */
  'hook.after-commit',
  /** Buckets are taken, and nobody serves them. */
  'buckets.after-share',
  /** Lanes are leased, and nobody works on them. */
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
  /** A part of a bucket's history was removed; the rest was not, and nobody has noted how far it went. */
  'retention.after-step',
] as const

export type FaultPoint = (typeof FAULT_POINTS)[number]

let reached: ((point: FaultPoint) => void) | undefined

/** Nothing, unless a harness has asked for it. */
export function faultPoint(point: FaultPoint): void {
  reached?.(point)
}

/** For the processes of a harness only: calls `handler` whenever a step is reached. */
export function onFaultPoint(handler: (point: FaultPoint) => void): void {
  reached = handler
}
