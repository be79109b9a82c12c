/** Who keeps the processors busy, and for how long: the profile behind a ratio. */
import { availableParallelism } from 'node:os'
import type { BenchDatabase } from './database.js'
import { median, rounded } from './measure.js'
import { postgresCpu } from './postgres-cpu.js'

interface Busy {
  /** Microseconds so far. */
  cpu(): Promise<number>
}

/** By the names under which they are shown. */
type Parties = Record<string, Busy>

export const withPostgres = (database: BenchDatabase, parties: Parties): Parties => ({
  ...parties,
  PostgreSQL: { cpu: () => postgresCpu(database) },
})

/** Microseconds of processor time that one piece of work takes of each process, over the rounds that count. */
export class ProcessorTime {
  readonly #perPiece = new Map<string, number[]>()

  /** Runs the work of a round; `pieces` says how many there were in it. */
  async during<Result>(
    round: number,
    parties: Parties,
    work: () => Promise<Result>,
    pieces: (result: Result) => number,
  ): Promise<Result> {
    const before = await now(parties)
    const result = await work()
    const after = await now(parties)
    if (round > 0) {
      for (const [index, name] of Object.keys(parties).entries())
        this.#of(name).push(((after[index] as number) - (before[index] as number)) / pieces(result))
    }
    return result
  }

  #of(name: string): number[] {
    const times = this.#perPiece.get(name) ?? []
    this.#perPiece.set(name, times)
    return times
  }

  /** `service 100 µs, callers 20 µs, PostgreSQL 80 µs; 2 processors have time for 10,000 a second`, by the medians. */
  toString(): string {
    const medians = [...this.#perPiece].map(([name, times]) => [name, rounded(median(times))] as const)
    const processors = availableParallelism()
    const most = (processors * 1_000_000) / medians.reduce((sum, [, time]) => sum + time, 0)
    return `${medians.map(([name, time]) => `${name} ${time} µs`).join(', ')}; ${processors} processors have time for ${rounded(most).toLocaleString('en')} a second`
  }
}

async function now(parties: Parties): Promise<number[]> {
  const times: number[] = []
  for (const party of Object.values(parties)) times.push(await party.cpu())
  return times
}
