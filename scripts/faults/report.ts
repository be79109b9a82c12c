import { INVARIANTS } from './check/violation.js'
import type { Plan } from './plan/plan.js'
import type { RunResult } from './run/run.js'

const SHOWN = 30

const number = (value: number) => value.toLocaleString('en')
const percent = (part: number, whole: number) => `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`

/** Every SIGKILL that a process of ours got. */
const killsOf = ({ counts }: RunResult): number =>
  [...counts].filter(([name]) => name.includes('SIGKILL')).reduce((sum, [, count]) => sum + count, 0)

/** What went in, what came out, and what was wrong. */
export function textOf(plan: Plan, result: RunResult): string {
  const lines = ['', markdownOf(plan, result), '']
  const { violations, folder } = result
  for (const { invariant, text } of violations.slice(0, SHOWN)) lines.push(`✗ ${INVARIANTS[invariant]}: ${text}`)
  if (violations.length > SHOWN) lines.push(`… and ${violations.length - SHOWN} more`)
  if (folder) lines.push(`The logs of its processes are in ${folder}.`)
  lines.push(
    violations.length === 0
      ? `✓ Every promise was kept; seed ${plan.seed}.`
      : `${violations.length} violations; seed ${plan.seed}.`,
  )
  return lines.join('\n')
}

/** A block for docs/guarantees.md. */
function markdownOf(plan: Plan, result: RunResult): string {
  const { counts, refusals, failures } = result
  const facts: [string, string][] = [
    ['command', `\`npm run faults -- --minutes ${plan.forMs / 60_000} --seed ${plan.seed}\``],
    ['duration', `${number(Math.round(result.seconds))} s, the end included`],
    ['processes', `${plan.processes} services on one database`],
    ['lanes', number(result.lanes)],
    ['messages accepted', `${number(result.accepted)} (${number(result.replies)} of them replies)`],
    [
      'tries not answered',
      `${number([...failures.values()].reduce((sum, times) => sum + times, 0))} (${number(result.givenUp)} calls given up by their callers)`,
    ],
    ['deliveries', `${number(result.deliveries)}, ${number(result.undeliverable)} of them ended after five refusals`],
    ['requests at receivers', `${number(result.receipts)}, ${number(result.acknowledged)} of them acknowledged`],
    ['repeated', `${number(result.repeated)} deliveries, ${number(result.repetitions)} times`],
    [
      'acknowledged where nothing excused a repetition',
      `${number(result.unexcused)} (${percent(result.unexcused, result.acknowledged)})`,
    ],
    ['users erased', number(result.erased)],
    ['old messages removed', `${number(result.past)}, each with an event and a delivery`],
    ['SIGKILLs', number(killsOf(result))],
    ['**lost, reordered, or otherwise wrong**', `**${number(result.violations.length)}**`],
  ]
  const table = (head: [string, string], rows: [string, string][]) =>
    [head, ['---', '---'], ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
  const faults = [...counts].sort(([one], [other]) => one.localeCompare(other))
  const blocks = [
    table(['run', ''], facts),
    table(
      ['fault', 'times'],
      faults.map(([name, times]) => [name, number(times)]),
    ),
  ]
  for (const [head, facts] of [
    ['tries not answered', failures],
    ['calls refused', refusals],
  ] as const) {
    if (facts.size > 0)
      blocks.push(
        table(
          [head, 'times'],
          [...facts].sort().map(([name, times]) => [name, number(times)]),
        ),
      )
  }
  return blocks.join('\n\n')
}

export function jsonOf(plan: Plan, result: RunResult): string {
  const { counts, refusals, failures, ...rest } = result
  return JSON.stringify(
    {
      seed: plan.seed,
      minutes: plan.forMs / 60_000,
      kills: killsOf(result),
      ...rest,
      counts: Object.fromEntries(counts),
      refusals: Object.fromEntries(refusals),
      failures: Object.fromEntries(failures),
    },
    null,
    2,
  )
}
