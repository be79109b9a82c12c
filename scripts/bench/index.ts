/** `npm run bench [-- name …] [--quick] [--json] [--profile <folder>]`: measures, says how it went, and writes docs/benchmarks.md. */
import { existsSync, mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from '../check/command.js'
import { accept } from './accept.js'
import { answers } from './answers.js'
import type { BenchSet } from './bench.js'
import { call } from './call.js'
import { consoleSet } from './console.js'
import { BenchPostgres } from './database.js'
import { dispatchers } from './dispatchers.js'
import { drain } from './drain.js'
import type { Figure } from './figure.js'
import { growth } from './growth.js'
import { hotLane } from './hot-lane.js'
import { inAndOut } from './in-and-out.js'
import { isolation } from './isolation.js'
import { latency } from './latency.js'
import { overload } from './overload.js'
import { installPeers } from './peers.js'
import { profileTo } from './processes.js'
import { json, page, table } from './report.js'
import { retention } from './retention.js'
import { sdk } from './sdk.js'

const SETS: readonly BenchSet[] = [
  call,
  accept,
  answers,
  drain,
  inAndOut,
  hotLane,
  latency,
  isolation,
  overload,
  growth,
  retention,
  dispatchers,
  sdk,
  consoleSet,
]
const PAGE = join(ROOT, 'docs', 'benchmarks.md')

const { positionals: names, values: options } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, profile: { type: 'string' } },
})
const unknown = names.filter((name) => !SETS.some((set) => set.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(', ')}; there are\n${SETS.map(({ name, about }) => `  ${name}: ${about}`).join('\n')}`,
  )
  process.exit(2)
}
if (!existsSync(join(ROOT, 'packages/server/dist/service.js'))) {
  console.error('What is measured is the server as it is built: `npm run build` first.')
  process.exit(2)
}
if (options.profile !== undefined) {
  const folder = resolve(options.profile)
  mkdirSync(folder, { recursive: true })
  profileTo(folder)
}

const quick = options.quick === true
const chosen = SETS.filter(({ name }) => names.length === 0 || names.includes(name))
await installPeers()
const postgres = await BenchPostgres.start(options.profile && resolve(options.profile))
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => postgres.stop().finally(() => process.exit(1)))
}
const figures: Figure[] = []
const notes: string[] = []
try {
  const bench = { postgres, quick, rounds: quick ? 3 : 5, note: (text: string) => notes.push(text) }
  for (const set of chosen) {
    process.stderr.write(`${set.name}: ${set.about}\n`)
    figures.push(...(await set.run(bench)))
  }
  console.log(options.json ? json(figures) : table(figures, notes))
  if (!quick && names.length === 0) await writeFile(PAGE, page(SETS, figures, notes, await postgres.version()))
} finally {
  await postgres.stop()
}
