/** Checks, printed as they end. The last line is `N passed, N failed[, N skipped]`. */
export const counts = { passed: 0, failed: 0, skipped: 0 }

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
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
  if (failed > 0) process.exitCode = 1
}
