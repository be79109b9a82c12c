import type pg from 'pg'
import { transaction } from '../database/database.js'
import type { Queryable } from '../database/queryable.js'
import type { Wakeups } from '../lanes/wakeups.js'

/** One transaction: its connection, its time, and the buckets to wake once it is committed. */
export interface Work {
  readonly client: Queryable
  readonly now: Date
  /** W3C trace context of the call, which goes out with what it causes. */
  readonly traceparent: string | null
  /** Buckets that got deliveries. */
  readonly touched: Set<number>
}

/** Runs transactions, and says afterwards which buckets got deliveries. */
export class Transactions {
  readonly pool: pg.Pool
  readonly wakeups: Wakeups

  constructor(pool: pg.Pool, wakeups: Wakeups) {
    this.pool = pool
    this.wakeups = wakeups
  }

  async run<T>(carryOut: (work: Work) => Promise<T>, traceparent: string | null = null): Promise<T> {
    const touched = new Set<number>()
    const result = await transaction(this.pool, (client) => {
      touched.clear() // a repetition after a deadlock starts afresh
      return carryOut({ client, now: new Date(), traceparent, touched })
    })
    this.wake(touched)
    return result
  }

  /** After a commit: these buckets got deliveries. */
  wake(buckets: Iterable<number>): void {
    for (const bucket of new Set(buckets)) this.wakeups.wake(bucket)
  }
}
