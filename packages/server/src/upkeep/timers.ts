import { pruneKeys } from '../accept/idempotency.js'
import type { Transactions } from '../accept/work.js'
import type { Organisations } from '../accounts/organisations.js'
import { Repeated } from './repeated.js'
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
  readonly #repeated = new Repeated()
  #ticks = 0

  constructor(transactions: Transactions, organisations: Organisations, onError: (error: unknown) => void) {
    this.#transactions = transactions
    this.#organisations = organisations
    this.#onError = onError
  }

  start(): void {
    this.#repeated.start({ every: TICK_MS, work: (signal) => this.#tick(signal), onError: this.#onError })
  }

  stop(): Promise<void> {
    return this.#repeated.stop()
  }

  async #tick(signal: AbortSignal): Promise<void> {
    while (await runDue(this.#transactions, this.#organisations, this.#onError)) if (signal.aborted) break
    if (++this.#ticks % PRUNE_EVERY_TICKS === 0) await pruneKeys(this.#transactions.pool, new Date())
  }
}
