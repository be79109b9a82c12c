/** Stores deliveries that follow from nothing on a thread. */
import type { Queryable } from '../database/queryable.js'
import { statement } from '../database/statement.js'
import { type EnqueueItem, type Lane, lockLanes } from '../lanes/lanes.js'
import type { UserKey } from '../lanes/user-key.js'
import { ANSWER, STORED, store, stored } from './store.js'

/** What one transaction has to say to the listeners of one user, in the order in which each of them is to hear it. */
export interface Outbox extends UserKey {
  items: readonly EnqueueItem[]
}

const ENQUEUE = statement({
  name: 'lanes_enqueue',
  parameters: STORED,
  text: (rows) => `${stored(rows, 'saved as (select distinct place from lane)')} ${ANSWER}`,
})

/**
 * Appends deliveries to lanes, in the transaction that accepts what they carry and with the lanes locked. A transaction
 * calls this once, and after its commit wakes the buckets (see `Wakeups`).
 */
export async function enqueue(db: Queryable, now: Date, outboxes: readonly Outbox[]): Promise<void> {
  const keys = outboxes.flatMap(({ items, ...key }) =>
    [...new Set(items.map(({ listener }) => listener))].map((listener) => ({ ...key, listener })),
  )
  if (keys.length === 0) return
  const locked = await lockLanes(db, keys)
  const users = outboxes.map(({ items: outbox, ...key }) => {
    const own = locked.filter((lane) => lane.organisationId === key.organisationId && lane.userId === key.userId)
    return { key, messages: [], outbox, lanes: new Map<string, Lane>(own.map((lane) => [lane.listener, lane])) }
  })
  await store(db, { now, users }, ENQUEUE)
}
