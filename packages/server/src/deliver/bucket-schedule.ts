import { BUCKETS } from '../lanes/bucket.js'

/** Longer than any pause; the poll comes round before. */
const LONGEST_WAIT_MS = 60_000

/** When each bucket that this process serves is next worth looking at, as far as it knows. */
export class BucketSchedule {
  readonly #dueAt = new Float64Array(BUCKETS).fill(Number.POSITIVE_INFINITY)
  #served = new Set<number>()
  #turn = 0
  #ring: (() => void) | undefined

  get served(): ReadonlySet<number> {
    return this.#served
  }

  /** From now on it is these buckets. @returns whether some are new: nobody has looked at them yet */
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
      this.ring()
    }
    return true
  }

  /** Takes the next buckets that are due, at most so many, each in its turn. */
  take(limit: number): number[] {
    const now = Date.now()
    const taken: number[] = []
    for (let step = 0; step < BUCKETS && taken.length < limit; step++) {
      const bucket = (this.#turn + step) % BUCKETS
      if ((this.#dueAt[bucket] as number) > now) continue
      this.#dueAt[bucket] = Number.POSITIVE_INFINITY
      taken.push(bucket)
    }
    this.#turn = (taken.at(-1) ?? this.#turn) + 1
    return taken
  }

  /** Resolves when a bucket is due, or somebody rings. */
  async wait(): Promise<void> {
    const pause = Math.min(Math.max(Math.min(...this.#dueAt) - Date.now(), 0), LONGEST_WAIT_MS)
    if (pause === 0) return
    await this.#rung(pause)
  }

  /** Resolves when somebody rings, however much is due. */
  async waitForRing(): Promise<void> {
    await this.#rung(LONGEST_WAIT_MS)
  }

  ring(): void {
    this.#ring?.()
  }

  #rung(pause: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#ring?.(), pause)
      this.#ring = () => {
        clearTimeout(timer)
        this.#ring = undefined
        resolve()
      }
    })
  }
}
