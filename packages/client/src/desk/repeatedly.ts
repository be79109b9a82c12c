/** What a bridge does again and again: it follows the desk's events, and says whether the desk is open. */
import { pause } from '../calls/waiting.js'
import { tell } from '../observation/tell.js'
import { pauseAfter } from './patiently.js'

export interface RepeatOptions {
  /** Milliseconds from the end of one time to the next; 0 where the work waits by itself, such as for a long poll. */
  everyMs: number
  /** Ends it when it is aborted, also while it waits; `new AbortController().signal` where only the end of the process does. */
  signal: AbortSignal
  /** Told of each failure, and of the milliseconds until the next time; `console.error` if absent. */
  onFailure?: (error: unknown, pauseMs: number) => void
  /** Milliseconds to which the pauses after failures grow; a minute if absent. What TRACT asks for, or an error's `retryAfterMs`, may be longer. */
  longestPauseMs?: number
}

/**
 * Does the work again and again, until the signal is aborted. After a failure it is done again with pauses that grow, or are as long as TRACT
 * asks for, or the error's `retryAfterMs`. Never rejects; what it is done for has to be kept by the work.
 */
export async function repeatedly(
  work: () => unknown,
  { everyMs, signal, longestPauseMs, onFailure = (error) => console.error(error) }: RepeatOptions,
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    let pauseMs = everyMs
    try {
      await work()
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      pauseMs = pauseAfter(error, ++failures, longestPauseMs)
      tell(() => onFailure(error, pauseMs))
    }
    await pause(pauseMs, signal).catch(() => {})
  }
}
