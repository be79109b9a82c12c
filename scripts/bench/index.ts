/** `npm run bench [-- name …] [options]`: docs/benchmarks.md has the names and the options. */
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ROOT } from '../check/command.js'
import { given } from '../ci/options.mjs'
import { accept } from './accept.js'
import { answers } from './answers.js'
import type { BenchSet } from './bench.js'
import { call } from './call.js'
import { BenchPostgres } from './database.js'
import { drain } from './drain.js'
import { growth } from './growth.js'
import { hearers } from './hearers.js'
import { inAndOut } from './in-and-out.js'
import { isolation } from './isolation.js'
import { latency } from './latency/latency.js'
import { pooler } from './latency/pooler.js'
import { memory } from './memory.js'
import { overload } from './overload.js'
import { json, type Measurement, machine, publish, table } from './page.js'
import { peers } from './peers/peers.js'
import { profileTo } from './processes.js'
import { sdk } from './sdk.js'
import { search } from './search.js'
import { start } from './start.js'
import { byTurns, SUBJECT } from './turns.js'

/** Measured by a run without names. */
const OWN: readonly BenchSet[] = [
  call,
  accept,
  drain,
  inAndOut,
  isolation,
  growth,
  sdk,
  latency,
  pooler,
  overload,
  answers,
  hearers,
  search,
  start,
  memory,
]
const SETS = [...OWN, peers]

const { positionals: names, values: options } = given({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    to: { type: 'string' },
    profile: { type: 'string' },
    before: { type: 'string' },
    own: { type: 'boolean', default: false },
  },
})
const unknown = names.filter((name) => !SETS.some((set) => set.name === name))
if (unknown.length > 0) {
  const about = SETS.map((set) => `  ${set.name}: ${set.about}`)
  console.error([`There is no benchmark ${unknown.join(', ')}; there are`, ...about].join('\n'))
  process.exit(2)
}
if (!existsSync(join(SUBJECT, 'packages/server/dist/service.js'))) {
  console.error('The benchmark measures the server as it is built: `npm run build` first.')
  process.exit(2)
}
if (options.before) {
  const run = [...names, ...(options.quick ? ['--quick'] : []), '--json']
  const figures = await byTurns(resolve(options.before), ROOT, (checkout) => {
    const from = options.own ? checkout : ROOT
    return [join(from, 'node_modules/.bin/tsx'), join(from, 'scripts/bench/index.ts'), ...run]
  })
  const note = `limit: the same in ${options.before}, by turns. ratio: the median of the turns' ratios.`
  console.log(options.json ? json(figures) : table(figures, [note]))
  process.exit()
}
const { quick } = options
const to = options.to ?? (names.length === 0 && !quick ? join(ROOT, 'docs') : undefined)
const profiles = options.profile && resolve(options.profile)
for (const folder of [to, profiles]) if (folder) mkdirSync(folder, { recursive: true })
if (profiles) profileTo(profiles)

const postgres = await BenchPostgres.start(profiles)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => postgres.stop().finally(() => process.exit(1)))
}
try {
  const about = { measured: new Date().toISOString().slice(0, 10), machine: machine(await postgres.version()) }
  const measured: Measurement[] = []
  for (const set of names.length === 0 ? OWN : SETS.filter(({ name }) => names.includes(name))) {
    process.stderr.write(`${set.name}: ${set.about}\n`)
    const notes: string[] = []
    const bench = { postgres, quick, rounds: quick ? 3 : 5, note: (text: string) => void notes.push(text) }
    measured.push({ set: set.name, about: set.about, ...about, figures: await set.run(bench), notes })
    // After each set, so that a run that is broken off leaves what it has.
    if (to) await publish(to, SETS, measured)
  }
  const figures = measured.flatMap((one) => one.figures)
  const notes = measured.flatMap((one) => one.notes)
  console.log(options.json ? json(figures) : table(figures, notes))
} finally {
  await postgres.stop()
}
