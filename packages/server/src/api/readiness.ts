/** Milliseconds for which a result is kept, so that frequent probes cause no load. */
const FRESH_MS = 1_000
/** Milliseconds to wait for a write: a probe is answered within a second. */
const ANSWER_WITHIN_MS = 800
/** Milliseconds that the last write counts while the next is under way: longer than the pause between two probes. */
const HOLDS_MS = 15_000

export type NotReady = 'starting' | 'stopping' | 'nothing can be written'

export interface ReadinessOptions {
  /** Rejects if nothing can be written. */
  write: () => Promise<void>
  /** Called when readiness changes, with the error if nothing can be written. */
  onChange: (error: Error | null) => void
}

/**
 * Whether the process can do its work: not before its start is over, not once it stops, and not while nothing can be written.
 * A probe tries a write, at most once a second; the result of the last write counts while the next one is under way.
 */
export class Readiness {
  readonly #options: ReadinessOptions
  #phase: 'starting' | 'started' | 'stopping' = 'starting'
  #probe: Promise<void> | undefined
  #probedAt = Number.NEGATIVE_INFINITY
  #wroteAt = Number.NEGATIVE_INFINITY
  #failed = false

  constructor(options: ReadinessOptions) {
    this.#options = options
  }

  started(): void {
    this.#phase = 'started'
  }

  stopping(): void {
    this.#phase = 'stopping'
  }

  /** Null if it is ready. */
  async whyNot(): Promise<NotReady | null> {
    if (this.#phase !== 'started') return this.#phase
    if (this.#probe || performance.now() - this.#probedAt > FRESH_MS) await this.#look()
    const holds = !this.#failed && performance.now() - this.#wroteAt < HOLDS_MS
    return holds ? null : 'nothing can be written'
  }

  /** Waits for the probe under way, or a new one, but not for long. */
  async #look(): Promise<void> {
    this.#probe ??= this.#write().finally(() => {
      this.#probe = undefined
    })
    let timer: NodeJS.Timeout | undefined
    const longEnough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ANSWER_WITHIN_MS)
    })
    await Promise.race([this.#probe, longEnough])
    clearTimeout(timer)
  }

  async #write(): Promise<void> {
    const error = await this.#options.write().then(
      () => null,
      (failure: Error) => failure,
    )
    this.#probedAt = performance.now()
    if (error === null) this.#wroteAt = this.#probedAt
    if (this.#failed !== (error !== null)) this.#options.onChange(error)
    this.#failed = error !== null
  }
}
