/** `npm run faults [-- options]`: docs/guarantees.md has the options. */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { makePlan } from './plan/plan.js'
import { jsonOf, textOf } from './report.js'
import { run } from './run/run.js'

const SHORT_MINUTES = 0.9
/** From here on there are users enough for ten thousand lanes. */
const LONG_MINUTES = 5

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes ?? SHORT_MINUTES)
if (!(minutes > 0)) throw new Error(`--minutes must be a number above 0, not '${values.minutes}'.`)
const plan = makePlan({
  seed: values.seed ?? randomBytes(4).toString('hex'),
  forMs: minutes * 60_000,
  processes: 3,
  users: minutes >= LONG_MINUTES ? 2_500 : 80,
  rate: 50,
})
const say = (text: string) => process.stderr.write(`${text}\n`)
say(`Seed ${plan.seed}: ${minutes} minutes of faults.`)
const result = await run(plan, values.verbose ? say : () => {})
console.log(values.json ? jsonOf(plan, result) : textOf(plan, result))
process.exitCode = result.violations.length === 0 ? 0 : 1
