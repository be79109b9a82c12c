import type { BrokenOff, Exchange } from './exchange.js'

/**
 * The exchanges under way, the oldest first. All have the same time limit, so that one timer serves all.
 *
 * A linked list, since a Set whose members come and go leaves outgrown tables behind, which live until the next full
 * garbage collection: that cost as much as a signature for each attempt.
 */
export class ExchangesUnderWay {
  readonly #timeoutMs: number
  #oldest: Exchange | null = null
  #newest: Exchange | null = null
  #size = 0
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  get size(): number {
    return this.#size
  }

  add(exchange: Exchange): void {
    exchange.older = this.#newest
    if (this.#newest === null) this.#oldest = exchange
    else this.#newest.newer = exchange
    this.#newest = exchange
    this.#size++
    this.#timer ??= this.#wakeIn(this.#timeoutMs)
  }

  /** It has ended. */
  remove(exchange: Exchange): void {
    const { older, newer } = exchange
    if (older === null) this.#oldest = newer
    else older.newer = newer
    if (newer === null) this.#newest = older
    else newer.older = older
    exchange.older = null
    exchange.newer = null
    this.#size--
  }

  /** @param kind why; each is removed as it ends */
  breakOffAll(kind: BrokenOff): void {
    while (this.#oldest !== null) this.#oldest.breakOff(kind)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #wakeIn(ms: number): NodeJS.Timeout {
    // Connections keep the process alive, this does not: most often it finds that everything has ended long ago.
    return setTimeout(() => this.#breakOffLate(), ms).unref()
  }

  #breakOffLate(): void {
    this.#timer = undefined
    while (this.#oldest !== null) {
      const left = this.#oldest.startedAt + this.#timeoutMs - performance.now()
      if (left > 0) {
        this.#timer = this.#wakeIn(Math.ceil(left))
        return
      }
      this.#oldest.breakOff('timeout')
    }
  }
}
