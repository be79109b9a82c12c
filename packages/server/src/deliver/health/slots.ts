export interface SlotLimits {
  /** Attempts under way together, over all listeners. */
  overall: number
  /** Attempts under way together for one listener. */
  perListener: number
}

interface Share {
  running: number
  /** `perListener`, or less after timeouts and 429. */
  limit: number
  /** Since it last shrank or grew. */
  successes: number
  shrunkAt: number
  waiting: Array<(granted: boolean) => void>
}

/**
 * Which lanes may send now. A listener has at most its limit of slots, and at most half of what is free: with any number of
 * slow listeners, the next one still finds room. A timeout or 429 halves its limit, which grows by one for each round of
 * successes.
 */
export class Slots {
  readonly #limits: SlotLimits
  readonly #shares = new Map<string, Share>()
  /** Listeners with something waiting, in the order of their turns. */
  readonly #queue = new Map<string, Share>()
  #running = 0
  #closed = false

  constructor(limits: SlotLimits) {
    this.#limits = limits
  }

  /** Resolves to false if the slots were closed before the turn came. */
  acquire(listener: string): boolean | Promise<boolean> {
    if (this.#closed) return false
    const share = this.#share(listener)
    if (share.waiting.length === 0 && this.#admits(share)) {
      this.#occupy(share)
      return true
    }
    this.#queue.set(listener, share)
    return new Promise((resolve) => share.waiting.push(resolve))
  }

  release(listener: string): void {
    const share = this.#share(listener)
    share.running--
    this.#running--
    this.#grant()
    if (share.running === 0 && share.waiting.length === 0 && share.limit === this.#limits.perListener) {
      this.#shares.delete(listener)
    }
  }

  /** The listeners that have as much waiting as they may run, or `most`: claiming more for them would only fill memory. */
  saturated(most = Number.POSITIVE_INFINITY): string[] {
    return [...this.#queue.keys()].filter((listener) => this.isSaturated(listener, most))
  }

  isSaturated(listener: string, most = Number.POSITIVE_INFINITY): boolean {
    const share = this.#queue.get(listener)
    return share !== undefined && share.waiting.length >= Math.min(this.#allowance(share), most)
  }

  /** How many of the listener's lanes wait for a slot. */
  waiting(listener: string): number {
    return this.#shares.get(listener)?.waiting.length ?? 0
  }

  /** Whether lanes wait for slots that this listener's lanes hold. */
  isWanted(listener: string): boolean {
    return this.#running >= this.#limits.overall || this.waiting(listener) > 0
  }

  /** The endpoint is overwhelmed: a timeout, or 429. */
  slowDown(listener: string, startedAt: number, now: number): void {
    const share = this.#share(listener)
    // Attempts that were under way together fail together: that is one reason, not thirty-two.
    if (startedAt <= share.shrunkAt) return
    share.limit = Math.max(1, Math.floor(share.limit / 2))
    share.shrunkAt = now
    share.successes = 0
  }

  speedUp(listener: string): void {
    const share = this.#share(listener)
    if (share.limit === this.#limits.perListener || ++share.successes < share.limit) return
    share.limit++
    share.successes = 0
  }

  /** Lanes that wait get no slot any more. */
  close(): void {
    this.#closed = true
    for (const { waiting } of this.#queue.values()) for (const resolve of waiting.splice(0)) resolve(false)
    this.#queue.clear()
  }

  #share(listener: string): Share {
    let share = this.#shares.get(listener)
    if (share === undefined) {
      share = { running: 0, limit: this.#limits.perListener, successes: 0, shrunkAt: 0, waiting: [] }
      this.#shares.set(listener, share)
    }
    return share
  }

  #admits(share: Share): boolean {
    return this.#running < this.#limits.overall && share.running < this.#allowance(share)
  }

  /** At least one: a listener that has nothing under way is never passed over for one that has. */
  #allowance({ limit }: Share): number {
    return Math.min(limit, Math.max(1, Math.floor((this.#limits.overall - this.#running) / 2)))
  }

  #occupy(share: Share): void {
    share.running++
    this.#running++
  }

  #grant(): void {
    for (const [listener, share] of this.#queue) {
      if (this.#running >= this.#limits.overall) return
      if (!this.#admits(share)) continue
      this.#occupy(share)
      share.waiting.shift()?.(true)
      // Behind the others, if more is waiting: the loop comes by again.
      this.#queue.delete(listener)
      if (share.waiting.length > 0) this.#queue.set(listener, share)
    }
  }
}
