/** Stores deliveries that follow from nothing on a thread. */
import type { Queryable } from '../database/queryable.js'
import { statement } from '../database/statement.js'
import { type EnqueueItem, type Lane, lockLanes } from '../lanes/lanes.js'
import type { UserKey } from '../lanes/user-key.js'
import { ANSWER, ROW_PARAMETERS, storeRows, withRows } from './store.js'

/** What one transaction has to say to the listeners of one user, in the order in which each of them is to hear it. */
export interface UserItems extends UserKey {
  items: readonly EnqueueItem[]
}

const ENQUEUE = statement({
  name: 'lanes_enqueue',
  parameters: ROW_PARAMETERS,
  text: (rows) => `${withRows(rows, 'saved as (select distinct place from lane)')} ${ANSWER}`,
})

/**
 * Appends deliveries to lanes, in the transaction that accepts what they carry and with the lanes locked. A transaction
 * calls this once, and after its commit wakes the buckets (see `Wakeups`).
 */
export async function enqueue(db: Queryable, now: Date, users: readonly UserItems[]): Promise<void> {
  const keys = users.flatMap(({ items, ...key }) =>
    [...new Set(items.map(({ listener }) => listener))].map((listener) => ({ ...key, listener })),
  )
  if (keys.length === 0) return
  const locked = await lockLanes(db, keys)
  const rows = users.map(({ items: outbox, ...key }) => {
    const own = locked.filter((lane) => lane.organisationId === key.organisationId && lane.userId === key.userId)
    return { key, messages: [], outbox, lanes: new Map<string, Lane>(own.map((lane) => [lane.listener, lane])) }
  })
  await storeRows(db, { now, users: rows }, ENQUEUE)
}
