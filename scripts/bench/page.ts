/**
 * How figures are shown: a table in the terminal, JSON for programs, and the page
 * docs/benchmarks.md. The page has those of HEADLINES; docs/benchmarks.json beside it has all of them, by
 * set, each with the machine that it was measured on.
 */
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, totalmem, type } from 'node:os'
import { join } from 'node:path'
import type { BenchSet } from './bench.js'
import type { Figure } from './figure.js'
import { rounded } from './measure.js'
import { SUBJECT } from './turns.js'

/** A set as it was measured. */
export interface Measurement {
  set: string
  about: string
  /** The day, and the machine with the versions of what matters to the figures. */
  measured: string
  machine: string
  figures: Figure[]
  notes: string[]
}

/** The page's table: a figure, what it means, and what its limit is. */
export const HEADLINES: readonly [figure: string, means: string, limit: string][] = [
  ['call, against fastify', 'calls, with token, rate and body checked', 'Fastify, checking nothing'],
  ['accepts, 64 connections', 'messages answered 2xx and on disk, 64 callers', 'INSERTs of one row'],
  ['drain, against an undici loop', 'deliveries of a backlog, in order and signed', 'the same POSTs alone'],
  ['in and out: acknowledged, against accepts alone', 'deliveries while messages come in', 'accepts alone'],
  ['in and out: lag p99', 'from the call to the hook then, the slowest in 100', ''],
  ['healthy listeners, 5 of ten dead', 'deliveries to 5 listeners while 5 are dead', 'without those'],
  ['healthy listeners, 5 of ten slow', 'deliveries to 5 listeners while 5 take 5 s', 'without those'],
  ['a delivery with 1 M waiting, against an empty store', 'a delivery while a million wait', 'an empty store'],
  ['SDK, 64 calls in flight, against undici.request', 'calls of the SDK, 64 in flight', 'undici alone'],
  ['size of @tract/client', 'the SDK in a web page', ''],
]

const number = (value: number): string => rounded(value).toLocaleString('en', { maximumSignificantDigits: 3 })
const verdict = ({ met }: Figure): string => (met === null ? '' : met ? 'met' : 'missed')

const HEADINGS = ['figure', 'value', 'limit', 'ratio', 'rounds', 'bar', '']

function cells(figure: Figure): string[] {
  const { name, value, unit, limit, ratio, bar, spread } = figure
  const [lowest, highest] = spread.map((one) => (ratio === null ? number(one) : one.toFixed(2)))
  return [
    name,
    `${number(value)} ${unit}`,
    limit === null ? '' : `${number(limit)} ${unit}`,
    ratio === null ? '' : ratio.toFixed(2),
    `${lowest} … ${highest}`,
    bar ?? '',
    verdict(figure),
  ]
}

/** For the terminal. */
export function table(figures: readonly Figure[], notes: readonly string[]): string {
  const rows = [HEADINGS, ...figures.map(cells)]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  const padded = (cell: string, column: number) =>
    column === 0 || column > 4 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number)
  const lines = rows.map((row) => row.map(padded).join('  ').trimEnd())
  const missed = figures.filter(({ met }) => met === false).length
  const barred = figures.filter(({ met }) => met !== null).length
  return [...lines, '', ...notes, `${barred - missed} of ${barred} bars met.`].join('\n')
}

/** For a program: `{name, value, unit, limit, ratio, bar, met}` of each. */
export const json = (figures: readonly Figure[]): string =>
  JSON.stringify(
    figures.map(({ spread, ...figure }) => figure),
    null,
    2,
  )

/** Writes the page and the JSON, which keeps what it has of sets that were not measured. */
export async function publish(folder: string, sets: readonly BenchSet[], measured: readonly Measurement[]) {
  const file = join(folder, 'benchmarks.json')
  const before: Measurement[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  const all = sets.flatMap(({ name }) => [...measured, ...before].find(({ set }) => set === name) ?? [])
  await writeFile(file, lines(all))
  await writeFile(join(folder, 'benchmarks.md'), page(sets, all))
}

/** One figure, and one note, a line. */
function lines(all: readonly Measurement[]): string {
  const list = (items: readonly unknown[]) =>
    items.length === 0 ? '[]' : `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`
  const sets = all.map(
    ({ figures, notes, ...about }) =>
      `{\n  ${JSON.stringify(about).slice(1, -1)},\n  "figures": ${list(figures)},\n  "notes": ${list(notes)}\n}`,
  )
  return `[${sets.join(', ')}]\n`
}

export function page(sets: readonly BenchSet[], all: readonly Measurement[]): string {
  const rows = HEADLINES.map(([name, means, against]) => {
    const measurement = all.find(({ figures }) => figures.some((one) => one.name === name))
    const figure = measurement?.figures.find((one) => one.name === name)
    if (figure === undefined) return [means, 'not measured', against, '', '', '']
    const { value, unit, limit, ratio, bar } = figure
    const [of, is, bound] = bar?.split(' ') ?? []
    const held = `${is === '>=' ? '≥' : '≤'} ${bound}${of === 'value' ? ` ${unit}` : ''}, ${verdict(figure)}`
    const [shown, shownLimit] = [value, limit].map((one) => (one === null ? '' : `${number(one)} ${unit}`))
    const limits = shownLimit && `${shownLimit}, ${against}`
    return [means, shown, limits, ratio?.toFixed(2) ?? '', bar === null ? '' : held, `\`${measurement?.set}\``]
  })
  const head = ['what it means', 'TRACT', 'limit', 'ratio', 'bar', 'set']
  const machines = [...new Set(all.map(({ measured, machine }) => `${machine}, on ${measured}`))]
  return `# Benchmarks

${[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}

A figure is the median of five rounds in which TRACT and its limit take turns on one machine. A bar says how near to the
limit a figure should come. Compare ratios, not values: values are those of this machine. All other figures, and the spread
of the rounds, are in [benchmarks.json](benchmarks.json).

Measured on ${machines.join('; ') || 'no machine'}.

## How to run it

\`npm run bench\` measures everything but the peers, and writes this page and the JSON. \`npm run bench -- drain accept\`
measures these sets and prints them. The sets:

${sets.map(({ name, about }) => `- \`${name}\`: ${about}`).join('\n')}

- \`--quick\` does a part of the work, for a look.
- \`--to <folder>\` writes the page and the JSON there; sets that are not measured keep their figures.
- \`--json\` prints \`{name, value, unit, limit, ratio, bar, met}\` of each figure.
- \`--profile <folder>\` leaves CPU profiles of the measured processes there, and PostgreSQL's account of its statements.
- \`--before <checkout>\` measures these sets by turns there and here, with the benchmark of this version, and prints what changed: the other
  version stands in a folder of its own, built (\`git worktree add ../before <commit>\`, and in it \`npm ci && npm run build\`). With \`--own\`, each is
  measured by its own benchmark: for sets that write rows themselves, such as \`drain\`, where the data model has changed.

\`npm run bench -- peers\` installs its libraries into \`scripts/bench/peers\`, and nothing else does. Webhook services it only calls, where you
run them on the same machine: \`TRACT_BENCH_SVIX_URL\`, \`TRACT_BENCH_OUTPOST_URL\` and \`TRACT_BENCH_CONVOY_URL\` (with the project,
\`…/api/v1/projects/<id>\`) say where, over plain http, and \`…_TOKEN\` in place of \`…_URL\` what opens them. They have to be allowed to call 127.0.0.1,
and Outpost has to know the topic \`message.receive\` (\`TOPICS\`).
It says which were skipped, and how many deliveries of the others came out of order.

## What the limits are

- **call**: routes of Fastify and of \`node:http\` that check nothing. TRACT checks the token, the body and the rate,
  numbers and measures each call, and sends the headers that belong to the answer.
- **accept**: one row in a table with one key, without a call. TRACT takes a call, and writes a thread, a lane, a message
  and a delivery, each with its keys, in one statement for all calls that come together.
- **drain**: the same POSTs by the same library. TRACT also claims lanes, reads, signs, judges the answers and writes
  every attempt.
- **in and out**: accepts without deliveries. Both share the processors, so nine tenths would leave a delivery a ninth
  of an accept's time.
- **isolation**: the same healthy listeners without the sick ones, in the same process and right before or after. Of ten
  such pairs, the ratio is the median. The attempts at the sick are made on the same processors.
- **growth**: the same work in a store that has next to nothing.
- **sdk**: the HTTP client that the SDK is built on.

## What the limits do not say

- Service, PostgreSQL, callers and receivers share the cores of one machine: with machines of their own, each has more.
- Receivers answer within a millisecond. A slower receiver lowers what one lane delivers, and not what the service can.
- No limit keeps what TRACT keeps. The peers that keep jobs in a database are the nearest comparison, and the JSON notes
  which of them keep a lane in order after a failure.
- A ratio says how far a figure is from its limit on this machine, and nothing of a network or of a disk that is slower.
`
}

/** The processors, the memory, the system, and the versions of what matters to the figures. */
export function machine(postgres: string): string {
  const ofServer = createRequire(join(SUBJECT, 'packages/server/package.json'))
  const used = ['fastify', 'undici', 'pg'].map((name) => `${name} ${ofServer(`${name}/package.json`).version}`)
  const memory = Math.round(totalmem() / 2 ** 30)
  const model = cpus()[0]?.model ?? 'unknown'
  return `${cpus().length} × ${model}, ${memory} GiB, ${type()}, Node ${process.versions.node}, PostgreSQL ${postgres} (embedded), ${used.join(', ')}`
}
