import type { Verdict } from './acknowledgement.js'

/** When a delivery that was not acknowledged is tried again, and when it is given up. Times in milliseconds. */
export interface RetryPolicy {
  /** The pause after the first, second, … failed attempt; the last one repeats. */
  delays: readonly number[]
  /** Each pause is longer or shorter by up to this part of it. */
  jitter: number
  /** How long a delivery at the head of its lane may fail before it ends as undeliverable. */
  deadline: number
  /** How often a payload may be refused before it ends as undeliverable. */
  refusals: number
  /** The longest Retry-After that is obeyed. */
  longestRetryAfter: number
}

const SECOND = 1_000
const MINUTE = 60 * SECOND

export const RETRY_POLICY: RetryPolicy = {
  delays: [250, 1 * SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, 60 * SECOND, 5 * MINUTE],
  jitter: 0.2,
  deadline: 24 * 60 * MINUTE,
  refusals: 5,
  longestRetryAfter: 5 * MINUTE,
}

export interface Failure {
  verdict: Exclude<Verdict, { kind: 'acknowledged' }>
  /** Failed attempts of this head so far, this one included. */
  attempt: number
  /** How often this payload was refused so far, this time included. */
  refusals: number
  /** When this head began to fail. */
  failingSince: number
  now: number
}

export type NextStep = { end: 'undeliverable' } | { retryInMs: number }

export function nextStep(policy: RetryPolicy, failure: Failure, random: () => number = Math.random): NextStep {
  const { verdict, attempt, refusals, failingSince, now } = failure
  if (verdict.kind === 'refused' && refusals >= policy.refusals) return { end: 'undeliverable' }
  if (isPastDeadline(policy, failingSince, now)) return { end: 'undeliverable' }
  if (verdict.kind === 'retry' && verdict.afterMs !== undefined) {
    // Never sooner than the schedule's first pause: `Retry-After: 0` from an endpoint in trouble would be a tight loop.
    return { retryInMs: Math.max(policy.delays[0] ?? 0, Math.min(verdict.afterMs, policy.longestRetryAfter)) }
  }
  return { retryInMs: pauseAfter(policy, attempt, random) }
}

export function isPastDeadline(policy: RetryPolicy, failingSince: number, now: number): boolean {
  return now - failingSince >= policy.deadline
}

/** The pause after the given number of failed attempts (from 1), with jitter. */
export function pauseAfter(policy: RetryPolicy, attempt: number, random: () => number = Math.random): number {
  const delay = policy.delays[Math.min(attempt, policy.delays.length) - 1] ?? 0
  return delay * (1 + policy.jitter * (2 * random() - 1))
}
