/** The processor time that PostgreSQL takes, all its processes together. */
import { readdirSync, readFileSync } from 'node:fs'
import type { BenchDatabase } from './database.js'

/** Microseconds of one tick: the kernel counts 100 a second (`getconf CLK_TCK`). */
const TICK = 10_000

/** Microseconds of all of PostgreSQL's processes so far; 0 where there is no /proc. */
export async function postgresCpu({ client }: BenchDatabase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = statOf(rows[0]?.pid ?? 0)?.parent
  if (postmaster === undefined) return 0
  let ticks = statOf(postmaster)?.withEnded ?? 0
  for (const pid of readdirSync('/proc').map(Number)) {
    const stat = pid > 0 ? statOf(pid) : undefined
    if (stat?.parent === postmaster) ticks += stat.own
  }
  return ticks * TICK
}

/** See proc_pid_stat(5): what a process has used itself, and with its children that have ended. */
function statOf(pid: number): { parent: number; own: number; withEnded: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name stands in brackets, and can hold brackets itself.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15) as [number, number, number, number]
    return { parent: fields[1] as number, own: user + system, withEnded: user + system + endedUser + endedSystem }
  } catch {
    return undefined
  }
}
