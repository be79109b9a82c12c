/** Who keeps the processors busy, and for how long: the profile behind a ratio. */
import { availableParallelism } from 'node:os'
import type { BenchDatabase } from './database.js'
import { median, rounded } from './measure.js'
import { postgresCpu } from './postgres-cpu.js'

interface Busy {
  /** Microseconds so far. */
  cpu(): Promise<number>
}

/** Microseconds of processor time that one piece of work takes of each process, over the rounds that count. */
export class ProcessorTime {
  readonly #parties: Record<string, Busy>
  readonly #perPiece: Record<string, number[]>

  /** @param parties by the names under which they are shown; PostgreSQL is added */
  constructor(database: BenchDatabase, parties: Record<string, Busy>) {
    this.#parties = { ...parties, PostgreSQL: { cpu: () => postgresCpu(database) } }
    this.#perPiece = Object.fromEntries(Object.keys(this.#parties).map((name) => [name, []]))
  }

  /** Runs the work of a round; `pieces` says how many there were in it. */
  async during<Result>(
    round: number,
    work: () => Promise<Result>,
    pieces: (result: Result) => number,
  ): Promise<Result> {
    const before = await this.#now()
    const result = await work()
    const after = await this.#now()
    if (round > 0) {
      for (const [name, times] of Object.entries(this.#perPiece))
        times.push(((after[name] as number) - (before[name] as number)) / pieces(result))
    }
    return result
  }

  async #now(): Promise<Record<string, number>> {
    const times: Record<string, number> = {}
    for (const [name, party] of Object.entries(this.#parties)) times[name] = await party.cpu()
    return times
  }

  /** `service 100 µs, callers 20 µs, PostgreSQL 80 µs; 2 processors have time for 10,000 a second`, by the medians. */
  toString(): string {
    const medians = Object.entries(this.#perPiece).map(([name, times]) => [name, rounded(median(times))] as const)
    const processors = availableParallelism()
    const most = (processors * 1_000_000) / medians.reduce((sum, [, time]) => sum + time, 0)
    return `${medians.map(([name, time]) => `${name} ${time} µs`).join(', ')}; ${processors} processors have time for ${rounded(most).toLocaleString('en')} a second`
  }
}
