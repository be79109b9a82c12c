/** Times in milliseconds. */
export interface BreakerPolicy {
  /** Failures in a row, with no success, that open it. */
  failures: number
  /** The pause before the first probe; each failed probe doubles it. */
  firstProbe: number
  longestProbe: number
  /** A probe that has not reported back after this long counts as lost, and another may go. */
  probeLost: number
}

export const BREAKER_POLICY: BreakerPolicy = {
  failures: 10,
  firstProbe: 1_000,
  longestProbe: 60_000,
  probeLost: 10_000,
}

/** Whether a head may be sent: `probe` is the one attempt while the breaker is open. */
export type Permit = 'go' | 'probe' | 'wait'

/**
 * The breaker of one endpoint: a listener and an origin.
 *   closed  every attempt goes; ten failures in a row open it
 *   open    attempts wait, and one probe at a time goes after 1 s, 2 s, … 60 s; the first success closes it
 */
export class Breaker {
  readonly #policy: BreakerPolicy
  #failures = 0
  #pause = 0
  #probeAt = 0
  #openedAt = 0

  constructor(policy: BreakerPolicy) {
    this.#policy = policy
  }

  get isOpen(): boolean {
    return this.#pause > 0
  }

  /** When the next probe may go; only while open. */
  get probeAt(): number {
    return this.#probeAt
  }

  /** Only while open. */
  get openedAt(): number {
    return this.#openedAt
  }

  admit(now: number): Permit {
    if (!this.isOpen) return 'go'
    if (now < this.#probeAt) return 'wait'
    this.#probeAt = now + this.#policy.probeLost
    return 'probe'
  }

  /** The next attempt is the probe. */
  probeNow(now: number): void {
    if (this.isOpen) this.#probeAt = now
  }

  failed(permit: Permit, now: number): void {
    this.#failures++
    if (!this.isOpen) {
      if (this.#failures < this.#policy.failures) return
      this.#pause = this.#policy.firstProbe
      this.#openedAt = now
    } else if (permit === 'probe') {
      this.#pause = Math.min(this.#pause * 2, this.#policy.longestProbe)
    } else {
      return // it was under way when the breaker opened, and says nothing new
    }
    this.#probeAt = now + this.#pause
  }
}

/** The breakers that have something to remember: an endpoint that is not here had a success since its last failure. */
export class Breakers {
  readonly #policy: BreakerPolicy
  readonly #breakers = new Map<string, Breaker>()

  constructor(policy: BreakerPolicy) {
    this.#policy = policy
  }

  find(key: string): Breaker | undefined {
    return this.#breakers.get(key)
  }

  admit(key: string, now: number): Permit {
    return this.#breakers.get(key)?.admit(now) ?? 'go'
  }

  /** @returns the breaker, if it is open now */
  failed(key: string, permit: Permit, now: number): Breaker | undefined {
    let breaker = this.#breakers.get(key)
    if (breaker === undefined) {
      breaker = new Breaker(this.#policy)
      this.#breakers.set(key, breaker)
    }
    breaker.failed(permit, now)
    return breaker.isOpen ? breaker : undefined
  }

  /** @returns whether this closed an open breaker */
  succeeded(key: string): boolean {
    const breaker = this.#breakers.get(key)
    if (breaker === undefined) return false
    this.#breakers.delete(key)
    return breaker.isOpen
  }

  /** The keys of open breakers that begin with `prefix`. */
  open(prefix: string): string[] {
    return [...this.#breakers].filter(([key, breaker]) => breaker.isOpen && key.startsWith(prefix)).map(([key]) => key)
  }
}
