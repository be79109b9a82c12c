/** Which process keeps the processors busy, and for how long: the explanation of a ratio. */
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { BenchDatabase } from './database.js'
import { median, rounded } from './measure.js'

/** By the names under which they are shown; `cpu` returns microseconds so far. */
type Parties = Record<string, { cpu(): Promise<number> }>

export const withPostgres = (database: BenchDatabase, parties: Parties): Parties => ({
  ...parties,
  PostgreSQL: { cpu: () => postgresCpu(database) },
})

/** Microseconds of processor time that one piece of work takes of each process. */
export class ProcessorTime {
  readonly #perPiece = new Map<string, number[]>()

  /** Runs the work of a round; `pieces` returns how many there were in it. */
  async during<Result>(
    round: number,
    parties: Parties,
    work: () => Promise<Result>,
    pieces: (result: Result) => number,
  ): Promise<Result> {
    const before = await now(parties)
    const result = await work()
    const after = await now(parties)
    if (round > 0)
      for (const [name, time] of Object.entries(after))
        this.#perPiece.set(name, [
          ...(this.#perPiece.get(name) ?? []),
          (time - (before[name] as number)) / pieces(result),
        ])
    return result
  }

  /** `service 100 µs, PostgreSQL 80 µs; 2 processors have time for 10,000 a second`. */
  toString(): string {
    const medians = [...this.#perPiece].map(([name, times]) => [name, rounded(median(times))] as const)
    const processors = availableParallelism()
    const most = (processors * 1_000_000) / medians.reduce((sum, [, time]) => sum + time, 0)
    return `${medians.map(([name, time]) => `${name} ${time} µs`).join(', ')}; ${processors} processors have time for ${rounded(most).toLocaleString('en')} a second`
  }
}

async function now(parties: Parties): Promise<Record<string, number>> {
  const times: Record<string, number> = {}
  for (const [name, party] of Object.entries(parties)) times[name] = await party.cpu()
  return times
}

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
