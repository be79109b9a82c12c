/** Runs jest and reads its results. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execute, ROOT } from './command.js'
import type { JestResults } from './summary.js'

const RESULTS = join(ROOT, '.artifacts', 'jest.json')
/** How long jest may take to exit once it has written its results. */
const GRACE_MS = 120_000

/**
 * @param isBuilt what tests run of the packages is built, and none of them builds it again under the others
 * @returns whether every test passed and jest exited; no results where it left none
 */
export async function runTests(
  args: readonly string[],
  isBuilt: boolean,
): Promise<{ ok: boolean; output: string; results?: JestResults }> {
  await mkdir(join(ROOT, '.artifacts'), { recursive: true })
  await rm(RESULTS, { force: true })
  const stop = new AbortController()
  const watch = stopAfterResults(stop)
  const { ok } = await execute(
    {
      run: ['jest', '--json', `--outputFile=${RESULTS}`, ...args],
      env: {
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        ...(isBuilt && { TRACT_TEST_BUILT: '1' }),
      },
    },
    { live: true, signal: stop.signal },
  )
  clearInterval(watch)
  const output = stop.signal.aborted ? 'jest did not exit after its last test: something was left open.' : ''
  if (!existsSync(RESULTS)) return { ok: false, output: output || 'jest left no results.' }
  return { ok: ok && !stop.signal.aborted, output, results: JSON.parse(readFileSync(RESULTS, 'utf8')) }
}

/** A test that leaves a server or a timer open would keep jest and this command running. */
function stopAfterResults(stop: AbortController): NodeJS.Timeout {
  let written: number | undefined
  return setInterval(() => {
    if (!existsSync(RESULTS)) return
    written ??= Date.now()
    if (Date.now() - written > GRACE_MS) stop.abort()
  }, 1000)
}
