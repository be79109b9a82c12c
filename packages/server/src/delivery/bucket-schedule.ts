import { BUCKETS } from '../store/bucket.js'

/** Longer than any pause; the poll comes round before. */
const LONGEST_WAIT_MS = 60_000

/** When each bucket is next worth looking at, as far as this process knows. */
export class BucketSchedule {
  readonly #dueAt = new Float64Array(BUCKETS).fill(Number.POSITIVE_INFINITY)
  #turn = 0
  #ring: (() => void) | undefined

  wake(bucket: number, at = 0): void {
    const before = this.#dueAt[bucket]
    if (before === undefined || at >= before) return
    this.#dueAt[bucket] = at
    this.ring()
  }

  /** Takes the next bucket that is due, each in its turn. */
  take(): number | null {
    const now = Date.now()
    for (let step = 0; step < BUCKETS; step++) {
      const bucket = (this.#turn + step) % BUCKETS
      if ((this.#dueAt[bucket] as number) > now) continue
      this.#dueAt[bucket] = Number.POSITIVE_INFINITY
      this.#turn = bucket + 1
      return bucket
    }
    return null
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
