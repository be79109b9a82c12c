import { INVARIANTS } from './check/violation.js'
import type { Plan } from './plan/plan.js'
import type { RunResult } from './run/run.js'

const SHOWN = 30

const number = (value: number) => value.toLocaleString('en')

const sumOf = (counts: Iterable<number>): number => [...counts].reduce((sum, count) => sum + count, 0)

/** Every SIGKILL that a process of the service or of the database got. */
const killsOf = ({ counts }: RunResult): number =>
  sumOf([...counts].flatMap(([name, times]) => (name.includes('SIGKILL') ? times : [])))

/** What went in, what came out, and what was wrong. */
export function textOf(plan: Plan, result: RunResult): string {
  const { violations, folder } = result
  return [
    '',
    ...factsOf(plan, result),
    ...table('fault', result.counts),
    ...table('offers ended', result.offers),
    ...table('tries not answered', result.failures),
    ...table('calls refused', result.refusals),
    '',
    ...violations.slice(0, SHOWN).map(({ invariant, text }) => `✗ ${INVARIANTS[invariant]}: ${text}`),
    ...(violations.length > SHOWN ? [`… and ${violations.length - SHOWN} more`] : []),
    ...(folder ? [`The logs of its processes are in ${folder}.`] : []),
    `${violations.length === 0 ? '✓ Every promise was kept' : `${violations.length} violations`}; seed ${plan.seed}.`,
  ].join('\n')
}

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`

function table(head: string, counts: ReadonlyMap<string, number>): string[] {
  if (counts.size === 0) return []
  const sorted = [...counts].sort(([one], [other]) => one.localeCompare(other))
  return ['', row(head, 'times'), row('---', '---'), ...sorted.map(([name, times]) => row(name, number(times)))]
}

function factsOf(plan: Plan, result: RunResult): string[] {
  const { acknowledged, unexcused } = result
  const percent = acknowledged === 0 ? 0 : Math.round((100 * unexcused) / acknowledged)
  const facts: Record<string, string> = {
    run: '',
    '---': '---',
    command: `\`npm run faults -- --minutes ${plan.forMs / 60_000} --seed ${plan.seed}\``,
    duration: `${number(Math.round(result.seconds))} s, the end included`,
    processes: `${plan.processes} services on one database`,
    lanes: number(result.lanes),
    'messages accepted': `${number(result.accepted)} (${number(result.replies)} of them replies)`,
    'tries not answered': `${number(sumOf(result.failures.values()))} (${number(result.givenUp)} calls given up by their callers)`,
    deliveries: `${number(result.deliveries)}, ${number(result.undeliverable)} of them ended after five refusals`,
    'requests at receivers': `${number(result.receipts)}, ${number(acknowledged)} of them acknowledged`,
    repeated: `${number(result.repeated)} deliveries, ${number(result.repetitions)} times`,
    'acknowledged where nothing excused a repetition': `${number(unexcused)} (${percent} %)`,
    'users erased': number(result.erased),
    'conversations ended by the desk': `${number(result.completed)}, ${number(result.ratings)} ratings`,
    'messages corrected': `${number(result.edits)} edits, ${number(result.deletions)} deletions`,
    files: `${number(result.files)} uploaded, fetched ${number(result.downloads)} times by those who heard of them`,
    'old messages removed': `${number(result.past)}, each with an event and a delivery`,
    SIGKILLs: number(killsOf(result)),
    '**lost, reordered, or otherwise wrong**': `**${number(result.violations.length)}**`,
  }
  return Object.entries(facts).map(([name, fact]) => row(name, fact))
}

export function jsonOf(plan: Plan, result: RunResult): string {
  const asObject = (_key: string, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value)
  const about = { seed: plan.seed, minutes: plan.forMs / 60_000, kills: killsOf(result) }
  return JSON.stringify({ ...about, ...result }, asObject, 2)
}
