import type pg from 'pg'
import { transaction } from '../database/database.js'
import type { Queryable } from '../database/queryable.js'
import type { LaneTaker } from '../lanes/offer.js'

/** One transaction: its connection, its moment, and whom to wake once it is committed. */
export interface Work {
  readonly client: Queryable
  readonly now: Date
  /** W3C trace context of the call, which goes out with what it causes. */
  readonly traceparent: string | null
  /** Buckets that got deliveries. */
  readonly touched: Set<number>
}

export interface WorkOptions {
  pool: pg.Pool
  /** Tells the dispatcher of this process; those of others hear of it from the database. */
  wake: (bucket: number) => void
  /** That dispatcher, if there is one. */
  laneTaker?: () => LaneTaker | undefined
}

export class Transactions {
  readonly #options: WorkOptions

  constructor(options: WorkOptions) {
    this.#options = options
  }

  get pool(): pg.Pool {
    return this.#options.pool
  }

  get laneTaker(): LaneTaker | undefined {
    return this.#options.laneTaker?.()
  }

  async run<T>(work: (work: Work) => Promise<T>, traceparent: string | null = null): Promise<T> {
    const touched = new Set<number>()
    const result = await transaction(this.#options.pool, (client) => {
      touched.clear() // a repetition after a deadlock starts afresh
      return work({ client, now: new Date(), traceparent, touched })
    })
    this.wake(touched)
    return result
  }

  /** After a commit: these buckets got deliveries. */
  wake(buckets: Iterable<number>): void {
    for (const bucket of new Set(buckets)) this.#options.wake(bucket)
  }
}
