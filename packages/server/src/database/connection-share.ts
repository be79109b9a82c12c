/**
 * How many of the database's connections a process may have. The processes that deliver know of each other, so each takes
 * its part, and ten of them work on a server that gives a hundred connections. A tenth is left to starts and to people.
 */
import type { ServiceClient } from './connections.js'

/** One that listens, and one that finds out whether anything can be written. */
const BESIDE_THE_POOLS = 2
/** Of each pool. A write of results and a claim go side by side, and so do a call and what its transaction waits for. */
const LEAST = 2
/** What a process needs at least. */
export const LEAST_OF_A_PROCESS = BESIDE_THE_POOLS + 2 * LEAST
const PART_FOR_PROCESSES = 0.9
/** A delivery costs the database less than a call. */
const PART_FOR_DELIVERIES = 1 / 3

export interface PoolSizes {
  api: number
  delivery: number
}

/** The connections that this user may have in this database, all processes together. */
export async function capacityOf(client: ServiceClient): Promise<number> {
  const { rows } = await client.query<{ capacity: number }>(`select least(
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true), '0')::int,
      nullif(d.datconnlimit, -1), nullif(r.rolconnlimit, -1)) as capacity
    from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user`)
  return rows[0]?.capacity as number
}

/** What each of the processes may have of `most`. */
export function sizesFor(most: PoolSizes, capacity: number, processes: number): PoolSizes {
  const each = Math.floor((capacity * PART_FOR_PROCESSES) / processes) - BESIDE_THE_POOLS
  if (each >= most.api + most.delivery) return most
  const delivery = Math.min(most.delivery, Math.max(LEAST, Math.floor(each * PART_FOR_DELIVERIES)))
  return { delivery, api: Math.min(most.api, Math.max(LEAST, each - delivery)) }
}
