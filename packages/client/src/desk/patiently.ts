/** Calls that are not given up: what an outbox makes. */
import { randomId } from '../authentication/private-key.js'
import { growingPause, retryAfter } from '../calls/retry.js'
import { pause } from '../calls/waiting.js'
import { AbortError, ApiError, TractError, UnexpectedResponseError } from '../errors.js'
import type { CallOptions } from '../options.js'
import { isTemporary } from './is-temporary.js'

export interface PatientOptions {
  /** The key of every attempt. Give one that is kept with what is to be sent, and the call stays the same over a restart; random if absent. */
  idempotencyKey?: string
  /** Ends the call when it is aborted, also while it waits. */
  signal?: AbortSignal
  /** Told of each failure, and of the milliseconds until the next attempt. */
  onFailure?: (error: TractError, pauseMs: number) => void
}

/** Beside what the service asks for, in milliseconds: a service that comes back is found within a minute. */
const LONGEST_PAUSE = 60_000

/**
 * Makes a call until it is done or refused for good: `patiently((options) => tract.messages.send(message, options), { idempotencyKey })`. The pauses
 * grow to a minute, or are as long as `Retry-After` asks for. The options have to be passed on: with their key, TRACT does it once. It remembers a
 * key for 24 hours.
 */
export async function patiently<T>(
  call: (options: CallOptions & { idempotencyKey: string }) => PromiseLike<T>,
  { idempotencyKey = randomId(), signal, onFailure }: PatientOptions = {},
): Promise<T> {
  const options = { idempotencyKey, ...(signal && { signal }) }
  for (let failures = 1; ; failures++) {
    try {
      return await call(options)
    } catch (error) {
      if (!(error instanceof TractError) || !isTemporary(error)) throw error
      const pauseMs = pauseAfter(error, failures)
      onFailure?.(error, pauseMs)
      await pause(pauseMs, signal).catch(({ cause }) => {
        throw new AbortError(error.operation, 'The call was aborted.', cause)
      })
    }
  }
}

/**
 * Milliseconds before the next attempt: what the service asked for with the last, or an error of the desk's own API in its `retryAfterMs`, or a growing
 * pause.
 */
export function pauseAfter(error: unknown, failures: number, longest = LONGEST_PAUSE): number {
  const hasAnswer = error instanceof ApiError || error instanceof UnexpectedResponseError
  const asked = hasAnswer ? retryAfter(error.response.headers) : retryAfterMsOf(error)
  return Math.max(asked ?? 0, growingPause(failures, longest))
}

function retryAfterMsOf(error: unknown): number | undefined {
  const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: unknown }
  return typeof retryAfterMs === 'number' && !Number.isNaN(retryAfterMs) ? retryAfterMs : undefined
}
