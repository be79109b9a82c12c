/** The last words of `npm test`. */
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

export interface Outcome {
  name: string
  ok: boolean
  seconds: number
}

/** Of jest's `--json` output, what is read here. */
export interface JestResults {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: {
    /** The path of the file. */
    name: string
    /** Why the file could not be run. */
    message?: string
    assertionResults: {
      fullName: string
      status: string
      failureMessages?: string[] | null
      /** Milliseconds; none where the test was skipped. */
      duration?: number | null
    }[]
  }[]
}

/**
 * Every test of jest counts as one, and so does every step (jest's own among them, so that a suite which cannot even be
 * loaded fails something).
 * @returns `N passed, N failed`, with `, N skipped` where there are any
 */
export function closingLine(steps: readonly Outcome[], jest: Omit<JestResults, 'testResults'> | undefined): string {
  const passed = steps.filter(({ ok }) => ok).length + (jest?.numPassedTests ?? 0)
  const failed = steps.filter(({ ok }) => !ok).length + (jest?.numFailedTests ?? 0)
  const skipped = (jest?.numPendingTests ?? 0) + (jest?.numTodoTests ?? 0)
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`
}

export function stepLine({ name, ok, seconds }: Outcome): string {
  return `${ok ? '✓' : '✗'} ${name.padEnd(28)} ${seconds.toFixed(1).padStart(6)} s`
}

/** @returns for each test that failed `✗`, its file below `root`, its name, and the first line of why */
export function failedLines({ testResults }: JestResults, root: string): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(root, name)
    if (assertionResults.length === 0 && message) return `✗ ${file}: ${firstLine(message)}`
    return assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `✗ ${file}: ${fullName}: ${firstLine(failureMessages?.[0] ?? '')}`)
  })
}

const firstLine = (text: string): string => stripVTControlCharacters(text).trim().split('\n', 1).join()

const SLOWEST = 10

/** @returns a line for each of the slowest tests, the slowest first: its seconds, its file below `root`, and its name */
export function slowestLines({ testResults }: JestResults, root: string): string[] {
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, duration }) => ({ file: relative(root, name), fullName, ms: duration ?? 0 })),
  )
  return tests
    .sort((one, other) => other.ms - one.ms)
    .slice(0, SLOWEST)
    .map(({ file, fullName, ms }) => `${(ms / 1000).toFixed(1).padStart(6)} s  ${file}: ${fullName}`)
}
