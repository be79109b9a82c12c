import type { Loss, Receipt } from '../history/history.js'
import { LEASE_MS } from '../settings.js'

/** An acknowledgement is written within this time, on a busy machine. */
const WRITTEN_WITHIN_MS = 2_000
/**
 * … unless another process has the lane locked, for it was about to commit something new for it, and stands still or has lost its
 * connections. The database ends such a transaction after five seconds.
 */
const LOCKED_WITHIN_MS = 5_000
/** After the database is back, connections are made and results repeated with pauses up to two seconds. */
const SETTLED_WITHIN_MS = 3_000
/** A process that stood still sends what it was about to send, before it looks at its lease again. */
const LATE_WITHIN_MS = 2_000

interface Interval {
  from: number
  to: number
}

/** Tells which acknowledgements can have been lost, so that their deliveries may come again. */
export class Excuses {
  readonly #losing: Intervals
  readonly #frozen: Intervals
  readonly #holding: Intervals
  readonly #deaths: Intervals
  readonly #clocks: Intervals

  constructor(losses: readonly Loss[]) {
    const settled = losses.map((loss) => {
      if (loss.kind === 'database') return { ...loss, to: loss.to + SETTLED_WITHIN_MS }
      // leases that were taken under the wrong clock
      if (loss.kind === 'clock') return { ...loss, to: loss.to + LEASE_MS }
      return loss
    })
    this.#losing = new Intervals(settled)
    this.#frozen = new Intervals(losses.filter(({ kind, from, to }) => kind === 'process' && to > from))
    this.#holding = new Intervals(losses.flatMap(holding))
    this.#deaths = new Intervals(losses.filter(({ kind }) => kind === 'death'))
    this.#clocks = new Intervals(settled.filter(({ kind }) => kind === 'clock'))
  }

  /** Whether a fault of its own process, or of the database, can have lost what the receiver answered. */
  lost({ process, at, endedAt }: Receipt): boolean {
    const held = this.#holding.find(null, { from: at, to: endedAt + WRITTEN_WITHIN_MS })
    const locked = held ? Math.min(held.to, Math.max(held.from, at) + LOCKED_WITHIN_MS) : 0
    return this.#losing.find(process, { from: at, to: Math.max(endedAt, locked) + WRITTEN_WITHIN_MS }) !== undefined
  }

  /**
   * Whether it can come from a process that should not have sent it: one whose clock is wrong takes lanes that are leased, and one that
   * stood still right before sending does not know that its lease is gone.
   */
  intruded({ process, at }: Receipt): boolean {
    return this.mayBeLate(process, at) || this.#clocks.find(process, { from: at, to: at }) !== undefined
  }

  /** Whether the process stood still right before, or was dead already when what it had sent was read. */
  mayBeLate(process: number | null, at: number): boolean {
    return (
      this.#frozen.find(process, { from: at - LATE_WITHIN_MS, to: at }) !== undefined ||
      this.#deaths.find(process, { from: at, to: at }) !== undefined
    )
  }
}

/** While a process may hold locks without getting on: it stands still, or its connections are gone and the database does not know it yet. */
function holding(loss: Loss): Loss[] {
  const { kind, process, from, to } = loss
  if (kind === 'process' && to > from) return [loss]
  return kind === 'database' && process !== null ? [{ ...loss, to: to + LOCKED_WITHIN_MS }] : []
}

/** The losses of each process, merged, so that looking one up costs little however many there are. */
class Intervals {
  readonly #byProcess = new Map<number | null, Interval[]>()

  constructor(losses: readonly Loss[]) {
    const processes = new Set(losses.flatMap(({ process }) => (process === null ? [] : [process])))
    for (const one of processes) {
      const mine = losses.filter(({ process }) => process === null || process === one)
      this.#byProcess.set(one, merged(mine))
    }
    // of a receipt that nobody knows the process of, any may be the one
    this.#byProcess.set(null, merged(losses))
    this.#everybody = merged(losses.filter(({ process }) => process === null))
  }

  readonly #everybody: Interval[]

  /** The first of a process's that overlaps with this. */
  find(process: number | null, { from, to }: Interval): Interval | undefined {
    const intervals = this.#byProcess.get(process) ?? this.#everybody
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
