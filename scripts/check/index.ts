/**
 * `npm test`: every check in its order, then the tests. A failure does not stop what follows; the exit code and the last
 * line tell. Arguments go to jest, and then only jest runs: `npm test -- packages/server/test/hooks`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, execute, ROOT } from './command.js'
import { STEPS } from './steps.js'
import { closingLine, type JestCounts, type Outcome, stepLine } from './summary.js'

const RESULTS = join(ROOT, '.artifacts', 'jest.json')

async function timed(name: string, command: Command, live = false): Promise<Outcome> {
  const started = performance.now()
  const { ok, output } = await execute(command, live)
  const outcome = { name, ok, seconds: (performance.now() - started) / 1000 }
  console.log(stepLine(outcome))
  if (!ok && output.trim()) console.log(output.trim().replace(/^/gm, '    '))
  return outcome
}

async function runJest(args: readonly string[]): Promise<{ outcome: Outcome; counts: JestCounts | undefined }> {
  await mkdir(join(ROOT, '.artifacts'), { recursive: true })
  await rm(RESULTS, { force: true })
  const outcome = await timed(
    'tests',
    {
      run: ['jest', '--json', `--outputFile=${RESULTS}`, ...args],
      env: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
    },
    true,
  )
  return { outcome, counts: existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : undefined }
}

const args = process.argv.slice(2)
const outcomes: Outcome[] = []
if (args.length === 0) for (const step of STEPS) outcomes.push(await timed(step.name, step))
const { outcome, counts } = await runJest(args)
outcomes.push(outcome)

console.log()
for (const one of outcomes) console.log(stepLine(one))
console.log()
console.log(closingLine(outcomes, counts))
if (outcomes.some(({ ok }) => !ok)) process.exitCode = 1
