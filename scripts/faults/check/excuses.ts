import type { Loss, Receipt } from '../history/history.js'
import { LEASE_MS } from '../settings.js'

/** An acknowledgement is written within this time, on a busy machine. */
const WRITTEN_WITHIN_MS = 2_000
/**
 * It takes longer where another process holds the lane's lock, and stands still or has lost its
 * connections. The database ends such a transaction after five seconds.
 */
const LOCKED_WITHIN_MS = 5_000
/** Once the database is back, processes repeat results with pauses of up to two seconds. */
const SETTLED_WITHIN_MS = 3_000
/** A process that stood still sends one more delivery before it looks at its lease again. */
const LATE_WITHIN_MS = 2_000

interface Interval {
  from: number
  to: number
}

/** Decides which acknowledgements can have been lost, so that their deliveries may come again. */
export class Excuses {
  readonly #losing: Intervals
  readonly #frozen: Intervals
  readonly #holding: Intervals
  readonly #deaths: Intervals
  readonly #clocks: Intervals

  constructor(losses: readonly Loss[]) {
    // Leases that were taken by a wrong clock hold after it was set right.
    const after: Record<Loss['kind'], number> = { database: SETTLED_WITHIN_MS, clock: LEASE_MS, process: 0, death: 0 }
    const settled = losses.map((loss) => ({ ...loss, to: loss.to + after[loss.kind] }))
    this.#losing = new Intervals(settled)
    this.#frozen = new Intervals(losses.filter(standsStill))
    this.#holding = new Intervals(losses.flatMap(holding))
    this.#deaths = new Intervals(losses.filter(({ kind }) => kind === 'death'))
    this.#clocks = new Intervals(settled.filter(({ kind }) => kind === 'clock'))
  }

  /** Whether a fault of its process, or of the database, can have lost what was answered. */
  lost({ process, at, endedAt }: Receipt): boolean {
    const held = this.#holding.find(null, { from: at, to: endedAt + WRITTEN_WITHIN_MS })
    const locked = held ? Math.min(held.to, Math.max(held.from, at) + LOCKED_WITHIN_MS) : 0
    return this.#losing.find(process, { from: at, to: Math.max(endedAt, locked) + WRITTEN_WITHIN_MS }) !== undefined
  }

  /**
   * Whether it can come from a process that should not have sent it: one whose clock is wrong takes
   * lanes that are leased, and one that stood still right before sending does not know that its
   * lease is gone.
   */
  intruded({ process, at }: Receipt): boolean {
    return this.mayBeLate(process, at) || this.#clocks.find(process, { from: at, to: at }) !== undefined
  }

  /** Whether the process stood still right before, or was dead when what it had sent was read. */
  mayBeLate(process: number | null, at: number): boolean {
    return (
      this.#frozen.find(process, { from: at - LATE_WITHIN_MS, to: at }) !== undefined ||
      this.#deaths.find(process, { from: at, to: at }) !== undefined
    )
  }
}

const standsStill = ({ kind, from, to }: Loss) => kind === 'process' && to > from

/** While a process may hold locks: it stands still, or its lost connections are not noticed. */
function holding(loss: Loss): Loss[] {
  if (standsStill(loss)) return [loss]
  return loss.kind === 'database' && loss.process !== null ? [{ ...loss, to: loss.to + LOCKED_WITHIN_MS }] : []
}

/** The losses of each process, merged, so that a look-up costs little however many there are. */
class Intervals {
  readonly #byProcess = new Map<number | null, Interval[]>()
  /** Of a process that had no loss of its own. */
  readonly #everywhere: Interval[]

  constructor(losses: readonly Loss[]) {
    for (const one of new Set(losses.map(({ process }) => process)))
      this.#byProcess.set(one, merged(losses.filter(({ process }) => process === null || process === one)))
    // A receipt whose process is not known can be any process's.
    this.#byProcess.set(null, merged(losses))
    this.#everywhere = merged(losses.filter(({ process }) => process === null))
  }

  /** The first of a process's that overlaps with this. */
  find(process: number | null, { from, to }: Interval): Interval | undefined {
    const intervals = this.#byProcess.get(process) ?? this.#everywhere
    let low = 0
    let high = intervals.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((intervals[middle] as Interval).to < from) low = middle + 1
      else high = middle
    }
    const found = intervals[low]
    return found !== undefined && found.from <= to ? found : undefined
  }
}

function merged(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = []
  for (const { from, to } of [...intervals].sort((one, other) => one.from - other.from)) {
    const last = result.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else result.push({ from, to })
  }
  return result
}
