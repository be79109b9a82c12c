import type { Random } from '../random.js'

/**
 * What happens to the database, or on the ways to it.
 * - `crash`, `immediate`, `fast`: SIGKILL, SIGQUIT or SIGINT to the server, which its owner starts
 *   again.
 * - `backend`: SIGKILL to one backend. The server ends all the others and recovers.
 * - `owner`: SIGKILL to the process that owns the server.
 * - `terminate`: pg_terminate_backend for every connection.
 * - `cut`, `stall`, `lose_answers`, `vanish`: world/proxy.ts has them. `process`: whose way; null:
 *   all ways.
 * - `disk_full`: writes fail with 53100, at the statement or at the commit.
 */
export type DatabaseFault = { at: number } & (
  | { kind: 'crash' | 'immediate' | 'fast' | 'backend' | 'owner' | 'terminate' }
  | { kind: 'cut' | 'stall' | 'lose_answers'; process: number | null; forMs: number }
  | { kind: 'vanish'; process: number | null }
  | { kind: 'disk_full'; forMs: number; share: number; at_commit: boolean }
)

const PAUSE_MS = [5_000, 14_000] as const
const KINDS = {
  crash: 1.5,
  immediate: 1,
  fast: 1,
  backend: 1,
  owner: 0.7,
  terminate: 1.5,
  cut: 1.5,
  stall: 1.5,
  lose_answers: 2,
  vanish: 1,
  disk_full: 1.5,
}

export function databaseFaults(random: Random, processes: number, forMs: number): DatabaseFault[] {
  const faults: DatabaseFault[] = []
  let at = random.between(3_000, 6_000)
  // The first are a shuffled round of all kinds, so that a short run has many of them.
  const kinds = random.shuffled(Object.keys(KINDS) as (keyof typeof KINDS)[])
  for (; at < forMs; at += random.between(...PAUSE_MS))
    faults.push({ at: Math.round(at), ...fault(random, kinds.pop() ?? random.weighted(KINDS), processes) })
  return faults
}

function fault(random: Random, kind: keyof typeof KINDS, processes: number) {
  const process = random.chance(0.6) ? random.integer(0, processes - 1) : null
  const forMs = (least: number, most: number) => Math.round(random.between(least, most))
  switch (kind) {
    case 'cut':
    case 'stall':
      // Some are longer than a lease.
      return { kind, process, forMs: forMs(200, random.chance(0.3) ? 9_000 : 2_500) }
    case 'vanish':
      return { kind, process }
    case 'lose_answers':
      return { kind, process, forMs: forMs(50, 1_500) }
    case 'disk_full':
      return { kind, forMs: forMs(500, 4_000), share: random.pick([0.3, 1]), at_commit: random.chance(0.4) }
    default:
      return { kind }
  }
}
