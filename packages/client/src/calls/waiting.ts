/** Waiting that ends early. */
import { TransportFailure } from '../transport/transport.js'

/** What `promise` comes to, unless the time is up or the signal is aborted before. */
export function waitFor<T>(promise: Promise<T>, milliseconds: number, signal: AbortSignal | undefined): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const aborted = () => end(() => reject(new TransportFailure('abort', false, signal?.reason)))
    const timer = setTimeout(() => end(() => reject(new TransportFailure('timeout', false))), Math.max(0, milliseconds))
    const end = (settle: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      settle()
    }
    if (signal?.aborted) return aborted()
    signal?.addEventListener('abort', aborted, { once: true })
    promise.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    )
  })
}

/** Waits so long, unless the signal is aborted before. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await waitFor(passed, milliseconds + 1000, signal).finally(() => clearTimeout(timer))
}
