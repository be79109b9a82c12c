/** Waiting that ends early. */
import { onAbort } from '../transport/on-abort.js'
import { TransportFailure } from '../transport/transport.js'

/** The longest time of a timer, in milliseconds: a longer one ends immediately. */
const LONGEST_TIMER = 2 ** 31 - 1

/** For a timer: what is endless is very long. */
export function timerOf(milliseconds: number): number {
  return Math.min(Math.max(0, milliseconds), LONGEST_TIMER)
}

/** What `promise` comes to, unless the time is up or the signal is aborted before. */
export function waitFor<T>(promise: Promise<T>, milliseconds: number, signal: AbortSignal | undefined): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const aborted = () => end(() => reject(new TransportFailure('abort', false, signal?.reason)))
    const timer = setTimeout(() => end(() => reject(new TransportFailure('timeout', false))), timerOf(milliseconds))
    const end = (settle: () => void) => {
      clearTimeout(timer)
      letGo()
      settle()
    }
    const letGo = onAbort(signal, aborted)
    // also where nothing waits for it any more: a rejection that nothing takes ends the process
    promise.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    )
    if (signal?.aborted) aborted()
  })
}

/** Waits so long, unless the signal is aborted before. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const never = new Promise<void>(() => {})
  return waitFor(never, milliseconds, signal).catch((failure: TransportFailure) => {
    if (failure.kind !== 'timeout') throw failure
  })
}
