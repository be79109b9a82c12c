/**
 * Milliseconds for which this process has been trying to deliver. They pass from one heartbeat that the database accepted
 * to the next, a lease's at most: a process that stands still, or has lost its database, tries nothing.
 */
export class TryingClock {
  readonly #leaseMs: number
  #counted = 0
  #beatAt: number | null = null

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs
  }

  /** @param at by `performance.now()` */
  beat(at = performance.now()): void {
    this.#counted = this.read(at)
    this.#beatAt = at
  }

  read(at = performance.now()): number {
    return this.#beatAt === null ? this.#counted : this.#counted + Math.min(at - this.#beatAt, this.#leaseMs)
  }
}
