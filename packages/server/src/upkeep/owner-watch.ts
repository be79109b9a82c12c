import type { Transactions } from '../accept/work.js'
import type { Organisations } from '../accounts/organisations.js'
import { faultPoint } from '../database/fault-points.js'
import type { UserKey } from '../lanes/user-key.js'
import { reportUnreachable } from './run-due.js'
import { bringForward, type OwnerDeadline } from './thread-deadlines.js'

/** A lane whose head fails. */
export interface FailingLane extends UserKey {
  listener: string
  failingSince: Date
}

/**
 * Sets the timer of a thread whose owner cannot be reached to the time at which control returns, and any process runs
 * it: the next attempt may come too late, and this process may be gone.
 */
export class OwnerWatch {
  readonly #transactions: Transactions
  readonly #organisations: Organisations
  #waiting = new Map<string, OwnerDeadline>()
  #writing: Promise<void> | undefined

  constructor(transactions: Transactions, organisations: Organisations) {
    this.#transactions = transactions
    this.#organisations = organisations
  }

  /** After every failed attempt. A deadline that could not be written is written after the next one. */
  async failing({ listener, failingSince, ...key }: FailingLane): Promise<void> {
    const { organisationId, userId } = key
    const { pool } = this.#transactions
    const organisation =
      this.#organisations.cached(organisationId) ?? (await this.#organisations.at(pool, organisationId, undefined))
    if (!organisation) return
    const at = failingSince.getTime() + organisation.unreachableAfter * 1000
    if (at <= Date.now()) {
      await reportUnreachable(this.#transactions, this.#organisations, key, listener)
      return
    }
    const { bucket } = key
    const deadline = { bucket, organisationId, userId, owner: listener, at: new Date(at) }
    this.#waiting.set(`${organisationId} ${listener} ${userId}`, deadline)
    this.#writing ??= this.#writeAll()
    await this.#writing
  }

  /** One statement at a time. What comes in during one goes with the next. */
  async #writeAll(): Promise<void> {
    await new Promise(setImmediate)
    try {
      while (this.#waiting.size > 0) {
        const deadlines = [...this.#waiting.values()]
        this.#waiting = new Map()
        faultPoint('owner.before-timer')
        await bringForward(this.#transactions.pool, deadlines)
      }
    } finally {
      // in the same turn as the last look, so that nothing comes in between
      this.#writing = undefined
    }
  }
}
