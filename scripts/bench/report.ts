/** How figures are shown: in a terminal, to a program, and in the documentation. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../check/command.js'
import type { BenchSet } from './bench.js'
import type { Figure } from './figure.js'
import { rounded } from './measure.js'

export function json(figures: readonly Figure[]): string {
  const shown = figures.map(({ name, value, unit, limit, ratio, bar, met }) => ({
    name,
    value,
    unit,
    limit,
    ratio,
    bar,
    met,
  }))
  return JSON.stringify(shown, null, 2)
}

const HEADINGS = ['figure', 'value', 'limit', 'ratio', 'rounds', 'bar', '']

function cells({ name, value, unit, limit, ratio, bar, met, spread: [lowest, highest] }: Figure): string[] {
  return [
    name,
    `${number(value)} ${unit}`,
    limit === null ? '' : `${number(limit)} ${unit}`,
    ratio === null ? '' : ratio.toFixed(2),
    ratio === null ? `${number(lowest)} … ${number(highest)}` : `${lowest.toFixed(2)} … ${highest.toFixed(2)}`,
    bar ?? '',
    met === null ? '' : met ? 'met' : 'missed',
  ]
}

const number = (value: number): string => rounded(value).toLocaleString('en', { maximumSignificantDigits: 3 })

export function table(figures: readonly Figure[], notes: readonly string[]): string {
  const rows = [HEADINGS, ...figures.map(cells)]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column > 4 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number),
      )
      .join('  ')
      .trimEnd(),
  )
  const missed = figures.filter(({ met }) => met === false).length
  const barred = figures.filter(({ met }) => met !== null).length
  return [...lines, '', ...notes, `${barred - missed} of ${barred} bars met.`].join('\n')
}

export function page(
  sets: readonly BenchSet[],
  figures: readonly Figure[],
  notes: readonly string[],
  postgres: string,
): string {
  const rows = [HEADINGS, HEADINGS.map(() => '---'), ...figures.map(cells)]
  return `# Benchmarks

Written by \`npm run bench\`, which measures all of it again. A figure is the median of five rounds in which the contenders take turns on one machine, and it is worth as much as
its ratio to the limit beside it, which was measured in the same rounds: absolute figures are this machine's, ratios hold roughly elsewhere. *rounds* are the lowest and the highest
ratio of a single round. Everything runs on one machine: the service, PostgreSQL, the callers and the receivers, each in a process of its own, share its cores.

${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}

${notes.map((note) => `- ${note}\n`).join('')}
## What the limits are

A bar says how near to its limit a figure should come, and no limit does what TRACT does beside it. What keeps the processors busy stands in the notes above; where they have no time
for more, that is how far it goes on this machine.

- **A call** is held against routes that check nothing (Fastify, \`node:http\`), and against libraries that check the schema, and the token by the same code as TRACT. TRACT also
  limits rates, numbers and measures calls, looks for characters that cannot be stored, and answers with the headers that belong to it. The notes say whose code a call
  of each spends its time in: mostly Node's own, for reading a request and writing an answer.
- **An accept** is a call with a token and a checked body, and one statement for all that come together: a thread and a lane move on, a message and a delivery are added, each under
  its keys. The limit is one row, in a table with one key, with no call before it.
- **A drain** claims lanes, reads, signs, sends, judges the answers and writes every attempt. The limit is the sending alone, by the same library. Queue libraries do keep jobs in the
  database; what the notes say of their order was tried in the same run.
- **In and out** is an accept and its delivery on the processors that accepts alone have to themselves: nine tenths of those would leave a delivery a ninth of what an accept takes.
- **Isolation** is held against the same healthy listeners without the others. The attempts that the sick are owed, at most as many at once as their shares, are made on the same
  processors: what they take is the difference between the notes.
- **Retention** removes on the same processors, too, and in the same database.

${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()}, Node ${process.versions.node}, PostgreSQL ${postgres} (embedded), ${versions().join(', ')}.

## What is measured

${sets.map(({ name, about }) => `- \`npm run bench -- ${name}\`: ${about}`).join('\n')}

\`--quick\` does a part of it, for a look; \`--json\` prints an array of \`{name, value, unit, limit, ratio, bar, met}\`; \`--profile <folder>\` leaves CPU profiles of the
processes that are measured there, and what PostgreSQL says of its statements.
`
}

/** Of what matters to the figures. */
function versions(): string[] {
  const ofServer = createRequire(join(ROOT, 'packages/server/package.json'))
  const used = ['fastify', 'undici', 'pg'].map((name) => `${name} ${ofServer(`${name}/package.json`).version}`)
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'scripts/bench/package.json'), 'utf8'))
  return [
    ...used,
    ...Object.entries(dependencies)
      .filter(([name]) => name !== 'pg')
      .map(([name, version]) => `${name} ${version}`),
  ]
}
