/** `npm run faults [-- options]`: docs/guarantees.md has the options. */
import { randomBytes } from 'node:crypto'
import { given } from '../ci/options.mjs'
import { failover } from './failover/failover.js'
import { makePlan } from './plan/plan.js'
import { jsonOf, textOf } from './report.js'
import { run } from './run/run.js'

const SHORT_MINUTES = 0.9
/** From here on there are users enough for ten thousand lanes. */
const LONG_MINUTES = 5

const { values } = given({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    failover: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes ?? SHORT_MINUTES)
if (!(minutes > 0)) throw new Error(`--minutes must be a number above 0, not '${values.minutes}'.`)
const say = (text: string) => process.stderr.write(`${text}\n`)

/** @returns how many promises were broken */
async function planned(): Promise<number> {
  const plan = makePlan({
    seed: values.seed ?? randomBytes(4).toString('hex'),
    forMs: minutes * 60_000,
    processes: 3,
    users: minutes >= LONG_MINUTES ? 2_500 : 80,
    rate: 50,
  })
  say(`Seed ${plan.seed}: ${minutes} minutes of faults.`)
  const result = await run(plan, values.verbose ? say : () => {})
  console.log(values.json ? jsonOf(plan, result) : textOf(plan, result))
  return result.violations.length
}

/** A database that moves, where its programs are installed. @returns how much of it was wrong */
async function moved(): Promise<number> {
  say('A database that moves.')
  const result = await failover(say)
  if (result === null) {
    say('Skipped: postgresql and pgbouncer are not installed.')
    return 0
  }
  for (const fact of result.facts) say(`  ${fact}`)
  for (const text of result.wrong) console.log(`✗ a database that moves: ${text}`)
  return result.wrong.length
}

const ofMove = values.failover || minutes >= LONG_MINUTES ? await moved() : 0
const broken = values.failover ? 0 : await planned()
process.exitCode = ofMove + broken === 0 ? 0 : 1
