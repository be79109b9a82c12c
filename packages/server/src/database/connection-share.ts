/**
 * How many of the database's connections a process may have. The processes that deliver know of each other, so each takes
 * its part, and ten of them work on a server that gives a hundred connections. A tenth is left to starts and to people.
 */
import type { ServiceClient } from './connections.js'

/** One that finds out whether anything can be written; and one that listens, for each slice. */
const besideThePools = (slices: number): number => 1 + slices
/** Of each pool, of which each slice has two. A write of results and a claim go side by side, and so do a call and what its transaction waits for. */
const LEAST = 2
/** What a process needs at least. */
export const leastOfAProcess = (slices: number): number => besideThePools(slices) + 2 * LEAST * slices
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

/** What each of the processes may have of `most`, for all slices together. */
export function sizesFor(most: PoolSizes, capacity: number, processes: number, slices = 1): PoolSizes {
  const each = Math.floor((capacity * PART_FOR_PROCESSES) / processes) - besideThePools(slices)
  if (each >= most.api + most.delivery) return most
  const least = LEAST * slices
  const delivery = Math.min(most.delivery, Math.max(least, Math.floor(each * PART_FOR_DELIVERIES)))
  return { delivery, api: Math.min(most.api, Math.max(least, each - delivery)) }
}

/** A slice's part of them. */
export const ofSlice = (most: number, slices: number): number => Math.max(LEAST, Math.floor(most / slices))
