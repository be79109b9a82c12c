/** What a receiver remembers of deliveries, so that one that comes twice is handled once. */

export interface DeliveryClaim {
  /** The delivery's id, the same at every attempt; where it tells of a gap, that is claimed apart, by an id made from it. */
  id: string
  /** Of this attempt alone: an attempt that lost its claim must not end the claim of another. */
  token: string
  /** After this many milliseconds the claim has lapsed: its process is taken for dead. */
  leaseMs: number
}

export type ClaimResult =
  /** To be handled now. */
  | { state: 'claimed' }
  /** Another attempt at it is being handled. */
  | { state: 'busy' }
  /** Handled before: it is answered the same again. */
  | { state: 'done'; answer: string }

/**
 * One instance for all processes that serve the same hooks. `claim` has to be atomic: of attempts at one delivery at the same time, one is
 * told `claimed`.
 */
export interface DeliveryStore {
  claim(claim: DeliveryClaim): Promise<ClaimResult>
  /** Remembers the answer, if the claim is still that of `token`. */
  complete(id: string, token: string, answer: string): Promise<void>
  /** Gives the claim up, if it is still that of `token`, so that the next attempt is handled. */
  release(id: string, token: string): Promise<void>
}

export interface MemoryStoreOptions {
  /** How many deliveries that were handled are remembered. 50,000 if absent. */
  limit?: number
}

/** What a store of one process holds in memory. None of its methods waits for anything, so each is atomic. */
export class Deliveries {
  /** By the delivery's id, oldest first. */
  readonly answers = new Map<string, string>()
  readonly #claims = new Map<string, DeliveryClaim & { until: number }>()

  constructor(readonly limit: number) {
    if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`limit is a whole number from 1, and not ${limit}`)
  }

  claim(claim: DeliveryClaim): ClaimResult {
    const answer = this.answers.get(claim.id)
    if (answer !== undefined) return { state: 'done', answer }
    const now = Date.now()
    const held = this.#claims.get(claim.id)
    if (held && held.until > now) return { state: 'busy' }
    this.#claims.set(claim.id, { ...claim, until: now + claim.leaseMs })
    return { state: 'claimed' }
  }

  /** @returns whether the claim was that of `token` */
  complete(id: string, token: string, answer: string): boolean {
    if (!this.release(id, token)) return false
    this.remember(id, answer)
    return true
  }

  release(id: string, token: string): boolean {
    return this.#claims.get(id)?.token === token && this.#claims.delete(id)
  }

  /** A Map keeps the order of insertion: its first key is the oldest. */
  remember(id: string, answer: string): void {
    this.answers.delete(id)
    this.answers.set(id, answer)
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= this.limit) break
      this.answers.delete(oldest)
    }
  }
}

/** Remembers in memory: enough for one process, and forgotten with it. */
export function memoryStore({ limit = 50_000 }: MemoryStoreOptions = {}): DeliveryStore {
  const deliveries = new Deliveries(limit)
  return {
    claim: async (claim) => deliveries.claim(claim),
    async complete(id, token, answer) {
      deliveries.complete(id, token, answer)
    },
    async release(id, token) {
      deliveries.release(id, token)
    },
  }
}
