import { setTimeout as sleep } from 'node:timers/promises'
import {
  AbortError,
  ApiError,
  ConnectionError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnexpectedResponseError,
} from '@tract/client/platform'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** What goes on until it is interrupted does not end with the connection, or with a restart of the service: it waits, longer each time. */
export class Outage {
  #pause = FIRST_PAUSE_MS
  #isOn = false

  constructor(
    private readonly onLost: (error: Error) => void,
    private readonly onBack: () => void,
  ) {}

  get isOn(): boolean {
    return this.#isOn
  }

  /** A call has failed. @throws the error, if it does not pass */
  async wait(error: unknown, signal: AbortSignal): Promise<void> {
    if (!passes(error)) throw error
    if (!this.#isOn) this.onLost(error as Error)
    this.#isOn = true
    const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1_000 : 0
    await sleep(Math.max(asked, this.#pause), undefined, { signal }).catch(() => {})
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS)
  }

  /** What calls need that come before anything else: it waits for a service that is not there yet. @throws AbortError once interrupted */
  async through<T>(work: () => PromiseLike<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        const result = await work()
        this.over()
        return result
      } catch (error) {
        if (!signal.aborted) await this.wait(error, signal)
        if (signal.aborted) throw error instanceof AbortError ? error : new AbortError('waiting', 'Interrupted.', error)
      }
    }
  }

  /** A call has come through. */
  over(): void {
    if (this.#isOn) this.onBack()
    this.#isOn = false
    this.#pause = FIRST_PAUSE_MS
  }
}

function passes(error: unknown): boolean {
  // a proxy's own page, while what is behind it restarts
  if (error instanceof UnexpectedResponseError) return error.response.status >= 500 || error.response.status === 429
  return [ConnectionError, TimeoutError, ServerError, RateLimitError].some((kind) => error instanceof kind)
}
