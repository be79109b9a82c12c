import type { Verdict } from '../send/acknowledgement.js'

/** When a delivery that was not acknowledged is tried again, and when it is given up. Times in milliseconds. */
export interface RetryPolicy {
  /** The pause after the first, second, … failed attempt; the last one repeats. */
  delays: readonly number[]
  /** Each pause is longer or shorter by up to this part of it. */
  jitter: number
  /** How long a delivery at the head of its lane may fail before it ends as undeliverable. */
  deadline: number
  /** The pause after the first, second, … refusal of a payload. The refusal after the last one ends it as undeliverable. */
  refusalDelays: readonly number[]
  /** The same for a payload that the receiver may do without, which is over within `optionalWithin`. */
  optionalRefusalDelays: readonly number[]
  optionalWithin: number
  /** The longest Retry-After that is obeyed. */
  longestRetryAfter: number
}

const SECOND = 1_000
const MINUTE = 60 * SECOND

export const RETRY_POLICY: RetryPolicy = {
  delays: [250, 1 * SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, 60 * SECOND, 5 * MINUTE],
  jitter: 0.2,
  deadline: 24 * 60 * MINUTE,
  // five attempts, and half a minute with the jitter: a poisoned message must not hold a chat up for long
  refusalDelays: [1 * SECOND, 3 * SECOND, 7 * SECOND, 14 * SECOND],
  optionalRefusalDelays: [500, 1 * SECOND, 2 * SECOND, 4 * SECOND],
  optionalWithin: 10 * SECOND,
  longestRetryAfter: 5 * MINUTE,
}

export interface Failure {
  verdict: Exclude<Verdict, { kind: 'acknowledged' }>
  /** Failed attempts of this head so far, this one included. */
  failures: number
  /** How often this payload was refused so far, this time included. */
  refusals: number
  /** The receiver may do without this payload: the source calls it optional. */
  isOptional: boolean
  /** How long the attempt took. */
  durationMs: number
  /** When this head began to fail. */
  failingSince: number
  now: number
}

export type NextStep = { end: 'undeliverable' } | { retryInMs: number }

export function nextStep(policy: RetryPolicy, failure: Failure, random: () => number = Math.random): NextStep {
  const { verdict, failures, failingSince, now } = failure
  if (verdict.kind === 'refused') return afterRefusal(policy, failure, random)
  if (isPastDeadline(policy, failingSince, now)) return { end: 'undeliverable' }
  if (verdict.kind === 'retry' && verdict.afterMs !== undefined) {
    // Never sooner than the schedule's first pause: `Retry-After: 0` from an endpoint in trouble would be a tight loop.
    return { retryInMs: Math.max(policy.delays[0] ?? 0, Math.min(verdict.afterMs, policy.longestRetryAfter)) }
  }
  return { retryInMs: pauseAfter(policy, failures, random) }
}

/** What refuses works: only the refusals count, and no time. */
function afterRefusal(
  policy: RetryPolicy,
  { refusals, isOptional, durationMs }: Failure,
  random: () => number,
): NextStep {
  const delays = isOptional ? policy.optionalRefusalDelays : policy.refusalDelays
  const delay = delays[refusals - 1]
  if (delay === undefined) return { end: 'undeliverable' }
  // by then, if the next attempt takes as long as this one, and each pause was the longest
  const longest = delays.slice(0, refusals).reduce((sum, pause) => sum + pause * (1 + policy.jitter), 0)
  if (isOptional && longest + (refusals + 1) * durationMs > policy.optionalWithin) return { end: 'undeliverable' }
  return { retryInMs: withJitter(policy, delay, random) }
}

export function isPastDeadline(policy: RetryPolicy, failingSince: number, now: number): boolean {
  return now - failingSince >= policy.deadline
}

/** The pause after the given number of failed attempts (from 1), with jitter. */
export function pauseAfter(policy: RetryPolicy, failures: number, random: () => number = Math.random): number {
  const delay = policy.delays[Math.min(failures, policy.delays.length) - 1] ?? 0
  return withJitter(policy, delay, random)
}

function withJitter({ jitter }: RetryPolicy, delay: number, random: () => number): number {
  return delay * (1 + jitter * (2 * random() - 1))
}
