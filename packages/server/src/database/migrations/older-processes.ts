/**
 * Processes of two versions work side by side during a deploy, on the database of the newer one. After some migrations
 * the newer one writes rows that the older one reads wrongly: it would send what no receiver understands. Such a
 * migration waits until no older process serves a bucket. A process that was killed counts for one lease more.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

/** Bodies of deliveries are in parts since the first, and have a mark for an id since the second. */
const NO_OLDER_BESIDE = new Set(['20261129181000_delivery_parts', '20261129193900_ect_user_ids'])
/** Milliseconds between two looks. */
const LOOK_MS = 200

/** Those that serve buckets. */
export async function processesAlive(client: pg.Client): Promise<number> {
  const { rows } = await client.query('SELECT count(*)::int AS processes FROM dispatchers WHERE alive_until > now()')
  return rows[0].processes
}

/** @param pending what is about to be applied @param onWaiting told how many processes have to stop first */
export async function olderProcessesGone(
  client: pg.Client,
  pending: readonly string[],
  onWaiting: (processes: number) => void,
): Promise<void> {
  if (!pending.some((name) => NO_OLDER_BESIDE.has(name))) return
  const { rows } = await client.query("SELECT to_regclass('dispatchers') IS NOT NULL AS known")
  if (!rows[0].known) return
  for (let told = 0; ; await sleep(LOOK_MS)) {
    const processes = await processesAlive(client)
    if (processes === 0) return
    if (processes !== told) onWaiting(processes)
    told = processes
  }
}
