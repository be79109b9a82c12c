/**
 * Two checkouts are measured by turns: what a change did, on a machine that is not as fast at noon as in the morning. The benchmark is this
 * checkout's. A set that writes rows itself needs a data model that has not changed, or each checkout's own benchmark.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { json as jsonOf } from 'node:stream/consumers'
import { ROOT } from '../check/command.js'
import { type Figure, figure, measured } from './figure.js'

const { BENCH_SUBJECT } = process.env

/** The checkout whose build is measured: this one, unless it is another's turn. */
export const SUBJECT = BENCH_SUBJECT ?? ROOT

/** Even: each checkout is first as often as the other. */
const TURNS = 4

type Command = readonly [string, ...string[]]

/** As `--json` prints it. */
type Told = Pick<Figure, 'name' | 'value' | 'unit'>

/**
 * Each figure that both know, with the older checkout's as its limit.
 * @param commandOf runs a benchmark, with BENCH_SUBJECT naming the checkout, and prints figures as `--json` does
 */
export async function byTurns(
  before: string,
  now: string,
  commandOf: (checkout: string) => Command,
): Promise<Figure[]> {
  const told: Record<'before' | 'now', Told[][]> = { before: [], now: [] }
  for (let turn = 1; turn <= TURNS; turn++) {
    const order = turn % 2 === 1 ? (['before', 'now'] as const) : (['now', 'before'] as const)
    for (const which of order) {
      process.stderr.write(`turn ${turn} of ${TURNS}, ${which}\n`)
      told[which].push(await figuresOf(which === 'before' ? before : now, commandOf))
    }
  }
  const [first = []] = told.now
  return first.flatMap(({ name, unit }) => {
    const values = (turns: Told[][]) =>
      turns.flatMap((one) => one.find((other) => other.name === name && other.unit === unit)?.value ?? [])
    const [subject, limit] = [values(told.now), values(told.before)]
    if (subject.length < TURNS || limit.length < TURNS) return []
    const of = (list: readonly number[]) => measured(list, (value) => value)
    return [figure({ name, unit, subject: of(subject), limit: of(limit), isPaired: true })]
  })
}

async function figuresOf(checkout: string, commandOf: (checkout: string) => Command): Promise<Told[]> {
  const [file, ...args] = commandOf(checkout)
  const child = spawn(file, args, {
    env: { ...process.env, BENCH_SUBJECT: checkout },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [told, [code]] = await Promise.all([jsonOf(child.stdout).catch(() => null), once(child, 'close')])
  if (code !== 0 || told === null) throw new Error(`the benchmark of ${checkout} ended with ${code}`)
  return told as Told[]
}
