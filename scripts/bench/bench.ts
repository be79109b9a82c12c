/** What every set of benchmarks receives, and returns. */
import type { BenchPostgres } from './database.js'
import type { Figure } from './figure.js'

export interface Bench {
  postgres: BenchPostgres
  /** How often each contender has its turn. */
  rounds: number
  /** A part of the work: the figures are good for a look only. */
  quick: boolean
  /** Notes what was found beside the figures. */
  note(text: string): void
}

export interface BenchSet {
  name: string
  /** What it measures, in a sentence. */
  about: string
  run(bench: Bench): Promise<Figure[]>
}
