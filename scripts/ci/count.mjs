/** Checks, printed as they end. The last line is `N passed, N failed[, N skipped]`. */
export const counts = { passed: 0, failed: 0, skipped: 0 }

/** A line for each failure, told again at the end: where a record is cut short, its end is what stays. */
const failures = new Set()

/** Keeps the line of a failure. */
export function noteFailure(line) {
  failures.add(line)
}

const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(1)} s`

/** @returns what the check returns, or else `true`; undefined where it failed */
export async function check(name, run) {
  const started = performance.now()
  try {
    const result = await run()
    counts.passed++
    console.log(`✓ ${name} (${seconds(started)})`)
    return result ?? true
  } catch (error) {
    counts.failed++
    noteFailure(`✗ ${name}`)
    console.log(`✗ ${name}\n${String(error.message ?? error).replace(/^/gm, '    ')}`)
    return undefined
  }
}

export function skip(name, reason) {
  counts.skipped++
  console.log(`- skipped: ${name} (${reason})`)
}

export function finish() {
  const { passed, failed, skipped } = counts
  if (failures.size > 0) console.log(`Failed:\n${[...failures].join('\n')}\n`)
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
  if (failed > 0) process.exitCode = 1
}
