import { setTimeout as sleep } from 'node:timers/promises'

export interface RepeatedWork {
  /** Milliseconds from the end of one time to the beginning of the next. */
  every: number
  /** Ends early when the signal is aborted. */
  work: (signal: AbortSignal) => Promise<void>
  /** Takes what `work` throws; it is done again all the same. */
  onError: (error: unknown) => void
}

/** Work that is done again and again until it is stopped. */
export class Repeated {
  readonly #stopping = new AbortController()
  #loop: Promise<void> | undefined

  start(parts: RepeatedWork): void {
    this.#loop = this.#run(parts)
  }

  /** Resolves when the work that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
  }

  async #run({ every, work, onError }: RepeatedWork): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await work(signal).catch(onError)
      await sleep(every, undefined, { signal }).catch(() => {})
    }
  }
}
