import { setTimeout as sleep } from 'node:timers/promises'
import { pruneKeys } from '../accept/idempotency.js'
import type { Transactions } from '../accept/work.js'
import type { Organisations } from '../accounts/organisations.js'
import { runDue } from './run-due.js'

const TICK_MS = 1_000
const PRUNE_EVERY_TICKS = 60

/**
 * Runs what is due, once a second. Several processes may: the first to lock a thread runs its timer, and the others
 * find nothing to do.
 */
export class Timers {
  readonly #transactions: Transactions
  readonly #organisations: Organisations
  readonly #onError: (error: unknown) => void
  readonly #stopping = new AbortController()
  #loop: Promise<void> | undefined

  constructor(transactions: Transactions, organisations: Organisations, onError: (error: unknown) => void) {
    this.#transactions = transactions
    this.#organisations = organisations
    this.#onError = onError
  }

  start(): void {
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    for (let tick = 1; !signal.aborted; tick++) {
      try {
        while (await runDue(this.#transactions, this.#organisations, this.#onError)) if (signal.aborted) break
        if (tick % PRUNE_EVERY_TICKS === 0) await pruneKeys(this.#transactions.pool, new Date())
      } catch (error) {
        this.#onError(error)
      }
      await sleep(TICK_MS, undefined, { signal }).catch(() => {})
    }
  }
}
