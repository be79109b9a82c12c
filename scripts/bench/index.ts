/** `npm run bench [-- name …] [--quick] [--json] [--profile <folder>]`: see docs/benchmarks.md. */
import { accept } from './accept.js'
import type { Bench, BenchSet } from './bench.js'
import { BenchPostgres } from './database.js'
import { drain } from './drain.js'
import type { Figure } from './figure.js'

const SETS: readonly BenchSet[] = [accept, drain]

const names = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const quick = process.argv.includes('--quick')
const postgres = await BenchPostgres.start()
const bench: Bench = { postgres, quick, rounds: quick ? 3 : 5, note: (text) => process.stderr.write(`${text}\n`) }
const figures: Figure[] = []
try {
  for (const set of SETS) {
    if (names.length > 0 && !names.includes(set.name)) continue
    figures.push(...(await set.run(bench)))
  }
} finally {
  await postgres.stop()
}
console.table(figures)
