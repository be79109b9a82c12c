/** What PostgreSQL has cost so far, all its processes together. */
import { readdirSync, readFileSync } from 'node:fs'
import type { BenchDatabase } from './database.js'

/** Of a tick that the kernel counts in, as `getconf CLK_TCK` says everywhere. */
const MICROSECONDS = 10_000

/** Microseconds; only where there is a /proc, else 0. */
export async function postgresCpu({ client }: BenchDatabase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = statOf(rows[0]?.pid ?? 0)?.parent
  if (postmaster === undefined) return 0
  let ticks = statOf(postmaster)?.withEnded ?? 0
  for (const pid of readdirSync('/proc').map(Number)) {
    const stat = pid > 0 ? statOf(pid) : undefined
    if (stat?.parent === postmaster) ticks += stat.own
  }
  return ticks * MICROSECONDS
}

/** See proc_pid_stat(5): what a process has used itself, and with its children that have ended. */
function statOf(pid: number): { parent: number; own: number; withEnded: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name, in brackets, may hold anything.
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
