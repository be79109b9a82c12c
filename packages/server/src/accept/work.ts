import type pg from 'pg'
import { transaction } from '../database/database.js'
import type { Queryable } from '../database/queryable.js'
import type { UserKey } from '../lanes/user-key.js'
import type { Wakeups } from '../lanes/wakeups.js'
import type { SaidOn } from './searched.js'

/** One transaction: its connection, its time, and the buckets to wake once it is committed. */
export interface Work {
  readonly client: Queryable
  readonly now: Date
  /** W3C trace context of the call, which goes out with what it causes. */
  readonly traceparent: string | null
  /** Buckets that got deliveries. */
  readonly touched: Set<number>
  /** Threads on which something was said. */
  readonly saidOn: UserKey[]
}

/** Runs transactions, and says afterwards which buckets got deliveries. */
export class Transactions {
  readonly pool: pg.Pool
  readonly wakeups: Wakeups
  /** Null: nothing is searched. */
  readonly said: SaidOn | null

  constructor(pool: pg.Pool, wakeups: Wakeups, said: SaidOn | null = null) {
    this.pool = pool
    this.wakeups = wakeups
    this.said = said
  }

  async run<T>(carryOut: (work: Work) => Promise<T>, traceparent: string | null = null): Promise<T> {
    const touched = new Set<number>()
    const saidOn: UserKey[] = []
    const result = await transaction(this.pool, (client) => {
      // a repetition after a deadlock starts afresh
      touched.clear()
      saidOn.length = 0
      return carryOut({ client, now: new Date(), traceparent, touched, saidOn })
    })
    this.wake(touched)
    for (const key of saidOn) this.said?.note(key)
    return result
  }

  /** After a commit: these buckets got deliveries. */
  wake(buckets: Iterable<number>): void {
    for (const bucket of new Set(buckets)) this.wakeups.wake(bucket)
  }
}
