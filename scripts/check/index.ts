/**
 * `npm test`: every check in its order, then the tests. A failure does not stop what follows; the exit code and the last
 * line tell. Arguments go to jest, and then only jest runs: `npm test -- packages/server/test/threads`.
 */
import { execute, ROOT } from './command.js'
import { STEPS } from './steps.js'
import { closingLine, failedLines, type Outcome, slowestLines, stepLine } from './summary.js'
import { runTests } from './tests.js'

const outcomes: Outcome[] = []

/** Runs a step, and tells its name, its time, and what it printed if it failed. */
async function timed<T extends { ok: boolean; output: string }>(name: string, run: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const result = await run()
  const outcome = { name, ok: result.ok, seconds: (performance.now() - started) / 1000 }
  outcomes.push(outcome)
  console.log(stepLine(outcome))
  if (!result.ok && result.output.trim()) console.log(result.output.trim().replace(/^/gm, '    '))
  return result
}

const args = process.argv.slice(2)
const isWhole = args.length === 0
if (isWhole) for (const group of STEPS) await Promise.all(group.map((step) => timed(step.name, () => execute(step))))
const { results } = await timed('tests', () => runTests(args, isWhole))

console.log()
for (const outcome of outcomes) console.log(stepLine(outcome))
if (results) console.log(`\nThe slowest tests:\n${slowestLines(results, ROOT).join('\n')}`)
if (results) console.log(['', ...failedLines(results, ROOT)].join('\n'))
console.log()
console.log(closingLine(outcomes, results))
if (outcomes.some(({ ok }) => !ok)) process.exitCode = 1
