import type { Queryable } from '../database/queryable.js'
import { listDisabledClients } from './client-credentials.js'
import { freshRun } from './fresh-run.js'
import { deleteExpired, listRevocations, parseRevocation, type Revocation } from './revocations.js'

/**
 * Which tokens do not count although they have not expired: revoked ones, and those of disabled clients and listeners. In
 * memory, since every call asks. Notifications bring changes; `refresh` brings those that were missed.
 */
export class AccessWatch {
  readonly #db: Queryable
  readonly #now: () => number
  readonly #revoked = new Map<string, number>()
  #disabled: ReadonlySet<string> = new Set()

  /** Reads from the database what has changed. */
  readonly refresh = freshRun(() => this.#load())

  constructor(db: Queryable, now: () => number) {
    this.#db = db
    this.#now = now
  }

  /** Why a token does not count, if it doesn't. */
  refusal(jti: string, clientId: string): 'revoked' | 'disabled' | undefined {
    if (this.#revoked.has(jti)) return 'revoked'
    return this.#disabled.has(clientId) ? 'disabled' : undefined
  }

  learn({ jti, expiresAt }: Revocation): void {
    this.#revoked.set(jti, expiresAt)
  }

  /** What to do with a notification. */
  async hear(payload: string): Promise<void> {
    const revocation = parseRevocation(payload)
    if (revocation) this.learn(revocation)
    else await this.refresh()
  }

  /** Removes what has expired from the database. */
  async prune(): Promise<void> {
    await deleteExpired(this.#db, this.#now())
  }

  async #load(): Promise<void> {
    const now = this.#now()
    const [revocations, disabled] = await Promise.all([listRevocations(this.#db, now), listDisabledClients(this.#db)])
    // Added to, not replaced: a notification may have come in since the database was asked. Nothing is ever unrevoked.
    for (const revocation of revocations) this.learn(revocation)
    for (const [jti, expiresAt] of this.#revoked) if (expiresAt <= now) this.#revoked.delete(jti)
    this.#disabled = new Set(disabled)
  }
}
