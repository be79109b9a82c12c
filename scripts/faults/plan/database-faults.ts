import type { Random } from '../random.js'

/** What happens to the database, or on the way to it. `processes`: whose way; all where it is absent. */
export type DatabaseFault = {
  at: number
} /** SIGKILL, SIGQUIT, SIGINT to the server: crash, immediate and fast shutdown. Its owner starts it again. */ & (
  | { kind: 'crash' | 'immediate' | 'fast' }
  /** SIGKILL to one backend: the server throws out everybody and recovers. */
  | { kind: 'backend' }
  /** SIGKILL to the process that owns the server. */
  | { kind: 'owner' }
  /** pg_terminate_backend for every connection. */
  | { kind: 'terminate' }
  /** Connections are reset, and none is taken for a while. */
  | { kind: 'cut'; process: number | null; forMs: number }
  /** Nothing comes through, and then everything. */
  | { kind: 'stall'; process: number | null; forMs: number }
  /** Statements arrive, their answers don't; then the connections are reset: who asked does not know what was done. */
  | { kind: 'lose_answers'; process: number | null; forMs: number }
  /** The connections that there are come to nothing, and nobody says so. */
  | { kind: 'vanish'; process: number | null }
  /** Writes fail with 53100, at the statement or at the commit. */
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
  const kinds: (keyof typeof KINDS)[] = []
  let at = random.between(3_000, 6_000)
  for (; at < forMs; at += random.between(...PAUSE_MS)) {
    // the first few in a shuffled round, so that a short run sees more than its favourites
    if (kinds.length === 0 && faults.length === 0)
      kinds.push(...random.shuffled(Object.keys(KINDS) as (keyof typeof KINDS)[]))
    faults.push({ at: Math.round(at), ...fault(random, kinds.pop() ?? random.weighted(KINDS), processes) })
  }
  return faults
}

function fault(random: Random, kind: keyof typeof KINDS, processes: number) {
  const process = random.chance(0.6) ? random.integer(0, processes - 1) : null
  switch (kind) {
    case 'cut':
    case 'stall':
      // some longer than a lease
      return { kind, process, forMs: Math.round(random.between(200, random.chance(0.3) ? 9_000 : 2_500)) }
    case 'vanish':
      return { kind, process }
    case 'lose_answers':
      return { kind, process, forMs: Math.round(random.between(50, 1_500)) }
    case 'disk_full':
      return {
        kind,
        forMs: Math.round(random.between(500, 4_000)),
        share: random.pick([0.3, 1]),
        at_commit: random.chance(0.4),
      }
    default:
      return { kind }
  }
}
