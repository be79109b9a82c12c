import { BUCKETS } from '../lanes/bucket.js'

/** Milliseconds, longer than any pause: the poll comes before. */
const LONGEST_WAIT_MS = 60_000

/** When each bucket that this process serves is next worth looking at, as far as it knows. */
export class BucketSchedule {
  readonly #dueAt = new Float64Array(BUCKETS).fill(Number.POSITIVE_INFINITY)
  #served = new Set<number>()
  #turn = 0
  #resume: (() => void) | undefined

  get served(): ReadonlySet<number> {
    return this.#served
  }

  /** From now on it is these buckets. @returns whether some are new: nothing is known of them yet */
  serve(buckets: Iterable<number>): boolean {
    const before = this.#served
    this.#served = new Set(buckets)
    for (const bucket of before) if (!this.#served.has(bucket)) this.#dueAt[bucket] = Number.POSITIVE_INFINITY
    return [...this.#served].some((bucket) => !before.has(bucket))
  }

  /** @returns whether this process serves it */
  wake(bucket: number, at = 0): boolean {
    if (!this.#served.has(bucket)) return false
    if (at < (this.#dueAt[bucket] as number)) {
      this.#dueAt[bucket] = at
      this.interrupt()
    }
    return true
  }

  /** The next buckets that are due, at most `limit`, each in its turn; they are due again when they are woken. */
  dequeue(limit: number): number[] {
    const now = Date.now()
    const due: number[] = []
    for (let step = 0; step < BUCKETS && due.length < limit; step++) {
      const bucket = (this.#turn + step) % BUCKETS
      if ((this.#dueAt[bucket] as number) > now) continue
      this.#dueAt[bucket] = Number.POSITIVE_INFINITY
      due.push(bucket)
    }
    this.#turn = (due.at(-1) ?? this.#turn) + 1
    return due
  }

  /** Resolves when a bucket is due, or at an interruption. */
  async wait(): Promise<void> {
    const pause = Math.min(Math.max(Math.min(...this.#dueAt) - Date.now(), 0), LONGEST_WAIT_MS)
    if (pause === 0) return
    await this.#sleep(pause)
  }

  /** Resolves at an interruption alone, however much is due. */
  async waitForInterrupt(): Promise<void> {
    await this.#sleep(LONGEST_WAIT_MS)
  }

  interrupt(): void {
    this.#resume?.()
  }

  #sleep(pause: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#resume?.(), pause)
      this.#resume = () => {
        clearTimeout(timer)
        this.#resume = undefined
        resolve()
      }
    })
  }
}
