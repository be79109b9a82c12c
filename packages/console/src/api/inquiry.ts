/**
 * What a view asks, again and again, while it is there. One question is under way at a time, so that no answer comes after a newer one: who asks
 * again while one is, gets one more after it. A question that failed, and may be answered later, is repeated with a growing pause; one that was
 * refused is not.
 */
import { CallError } from './call-error.js'

/** Milliseconds: what is over soon, such as a restart, is hardly seen; what lasts is not made worse by many pages that ask. */
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 30_000
/** Answers below 500 that are different later: too slow, too many. */
const PASSING = new Set([408, 429])

export class Inquiry {
  readonly #ask: (signal: AbortSignal) => Promise<void>
  readonly #onFailure: (error: unknown) => void
  readonly #left = new AbortController()
  #running: Promise<void> | undefined
  #again = false
  #failures = 0
  #repeat: ReturnType<typeof setTimeout> | undefined

  /** @param ask takes the answer in; rejects where there is none */
  constructor(ask: (signal: AbortSignal) => Promise<void>, onFailure: (error: unknown) => void) {
    this.#ask = ask
    this.#onFailure = onFailure
  }

  get busy(): boolean {
    return this.#running !== undefined
  }

  /**
   * Asks now, or once what is under way has been answered: given up for the next one, there would never be an answer where much happens.
   * Resolves once that was answered, or failed.
   */
  async ask(): Promise<void> {
    if (this.#left.signal.aborted) return
    this.#again = true
    this.#running ??= this.#run()
    await this.#running
  }

  /** The view is gone. */
  leave(): void {
    this.#left.abort()
    clearTimeout(this.#repeat)
  }

  async #run(): Promise<void> {
    const { signal } = this.#left
    while (this.#again && !signal.aborted) {
      this.#again = false
      clearTimeout(this.#repeat)
      try {
        await this.#ask(signal)
        this.#failures = 0
      } catch (error) {
        if (!signal.aborted) this.#failed(error)
      }
    }
    this.#running = undefined
  }

  #failed(error: unknown): void {
    this.#onFailure(error)
    const refusal = error instanceof CallError ? error : undefined
    const status = refusal?.status ?? 0
    if (status >= 400 && status < 500 && !PASSING.has(status)) return
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#failures++, LONGEST_PAUSE)
    this.#repeat = setTimeout(() => void this.ask(), Math.max(pause, (refusal?.retryAfter ?? 0) * 1_000))
  }
}
