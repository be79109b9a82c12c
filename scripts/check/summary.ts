/** The last words of `npm test`. */

export interface Outcome {
  name: string
  ok: boolean
  seconds: number
}

/** Of jest's `--json` output, what is counted here. */
export interface JestCounts {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
}

/**
 * Every test of jest counts as one, and so does every step (jest's own among them, so that a suite which cannot even be
 * loaded fails something).
 * @returns `N passed, N failed`, with `, N skipped` where there are any
 */
export function closingLine(steps: readonly Outcome[], jest: JestCounts | undefined): string {
  const passed = steps.filter(({ ok }) => ok).length + (jest?.numPassedTests ?? 0)
  const failed = steps.filter(({ ok }) => !ok).length + (jest?.numFailedTests ?? 0)
  const skipped = (jest?.numPendingTests ?? 0) + (jest?.numTodoTests ?? 0)
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`
}

export function stepLine({ name, ok, seconds }: Outcome): string {
  return `${ok ? '✓' : '✗'} ${name.padEnd(28)} ${seconds.toFixed(1).padStart(6)} s`
}
