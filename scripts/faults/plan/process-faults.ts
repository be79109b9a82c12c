import { FAULT_POINTS, type FaultPoint } from '../../../packages/server/src/database/fault-points.js'
import type { Random } from '../random.js'
import { LEASE_MS } from '../settings.js'

/** What happens to one process. `at`: milliseconds, or later, when the one before is over. */
export type ProcessFault = { at: number } & (
  | { kind: 'kill' }
  /** SIGKILL at a named step, the `nth` time that the process reaches it. */
  | { kind: 'kill_at'; point: FaultPoint; nth: number }
  /** SIGSTOP, and SIGCONT after that time. */
  | { kind: 'freeze'; forMs: number }
  /** The process stands still at a named step. */
  | { kind: 'freeze_at'; point: FaultPoint; nth: number; forMs: number }
  /** Its clock is wrong by that much for that time. */
  | { kind: 'clock'; byMs: number; forMs: number }
  /** SIGTERM: an orderly end, which excuses nothing. */
  | { kind: 'restart' }
)

/** Between two faults of a process. */
const PAUSE_MS = [4_000, 10_000] as const
const KINDS = { kill: 2, kill_at: 5, freeze: 1, freeze_at: 1.5, clock: 1, restart: 0.7 }
/** Longer than a lease, and short enough for what was leased to come back before the end. */
const LONGEST_CLOCK_ERROR_MS = 30_000

/** Steps that a process does not reach often enough for an `nth` above 1. */
const RARE: ReadonlySet<FaultPoint> = new Set([
  'attachment.before-keep',
  'attachment.after-keep',
  'attachment.after-remove',
  'buckets.after-share',
  'call.before-commit',
  'call.after-commit',
  'erase.before-commit',
  'hook.after-commit',
  'lease.before-renewal',
  'owner.before-timer',
  'timer.before-commit',
])

/** The processes share shuffled rounds of all steps: each step comes as often as any other. */
export function processFaults(random: Random, processes: number, forMs: number): ProcessFault[][] {
  const rounds: FaultPoint[] = []
  const nextPoint = (): FaultPoint => {
    if (rounds.length === 0) rounds.push(...random.shuffled(FAULT_POINTS))
    return rounds.pop() as FaultPoint
  }
  const faults: ProcessFault[][] = Array.from({ length: processes }, () => [])
  const ats = faults.map((_, process) => (process + 1) * random.between(1_000, 3_000))
  for (;;) {
    const at = Math.min(...ats)
    if (at > forMs) return faults
    const process = ats.indexOf(at)
    faults[process]?.push({ at: Math.round(at), ...fault(random, nextPoint) })
    ats[process] = at + random.between(...PAUSE_MS)
  }
}

/** Longer than a lease, so that others take over what the process still claims. */
const beyondLease = (random: Random) => Math.round(LEASE_MS + random.between(500, 2_500))

const step = (random: Random, point: FaultPoint) => ({ point, nth: RARE.has(point) ? 1 : random.integer(1, 4) })

function fault(random: Random, nextPoint: () => FaultPoint) {
  const kind = random.weighted(KINDS)
  switch (kind) {
    case 'kill_at':
      return { kind, ...step(random, nextPoint()) }
    case 'freeze':
      return { kind, forMs: beyondLease(random) }
    case 'freeze_at':
      return { kind, ...step(random, nextPoint()), forMs: beyondLease(random) }
    case 'clock': {
      const byMs = Math.round(random.between(2_000, LONGEST_CLOCK_ERROR_MS)) * (random.chance(0.5) ? 1 : -1)
      return { kind, byMs, forMs: Math.round(random.between(2_000, 6_000)) }
    }
    default:
      return { kind }
  }
}
