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

/** Remembers in memory: enough for one process, and forgotten with it. */
export function memoryStore({ limit = 50_000 }: MemoryStoreOptions = {}): DeliveryStore {
  const claims = new Map<string, DeliveryClaim & { until: number }>()
  const answers = new Map<string, string>()

  // Without an await in it, each of these runs in one go: that makes it atomic.
  return {
    async claim(claim) {
      const answer = answers.get(claim.id)
      if (answer !== undefined) return { state: 'done', answer }
      const now = Date.now()
      const held = claims.get(claim.id)
      if (held && held.until > now) return { state: 'busy' }
      claims.set(claim.id, { ...claim, until: now + claim.leaseMs })
      return { state: 'claimed' }
    },

    async complete(id, token, answer) {
      const held = claims.get(id)
      if (held?.token !== token) return
      claims.delete(id)
      remember(answers, id, answer, limit)
    },

    async release(id, token) {
      if (claims.get(id)?.token === token) claims.delete(id)
    },
  }
}

/** A Map keeps the order of insertion: its first key is the oldest. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, limit: number): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= limit) break
    map.delete(oldest)
  }
}
