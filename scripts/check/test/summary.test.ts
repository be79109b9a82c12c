import { expect, test } from '@jest/globals'
import { closingLine, failedLines, slowestLines } from '../summary.js'

const step = (ok: boolean) => ({ name: 'a step', ok, seconds: 1 })
const jest = (numPassedTests: number, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0) => ({
  numPassedTests,
  numFailedTests,
  numPendingTests,
  numTodoTests,
})

test.each([
  ['all is well', [step(true), step(true)], jest(5), '7 passed, 0 failed'],
  ['a step fails', [step(true), step(false)], jest(5), '6 passed, 1 failed'],
  ['tests fail, and their step with them', [step(true), step(false)], jest(5, 2), '6 passed, 3 failed'],
  ['tests are skipped or to do', [step(true)], jest(5, 0, 2, 1), '6 passed, 0 failed, 3 skipped'],
  ['jest left no result', [step(true), step(false)], undefined, '1 passed, 1 failed'],
])('%s', (_given, steps, counts, want) => {
  expect(closingLine(steps, counts)).toBe(want)
})

test('the ten slowest tests of all files are named, the slowest first, with their seconds', () => {
  const file = (name: string, durations: (number | null)[]) => ({
    name: `/here/${name}`,
    assertionResults: durations.map((duration, at) => ({ fullName: `test ${at}`, status: 'passed', duration })),
  })
  const testResults = [file('a.test.ts', [40, 12_340, null]), file('b/c.test.ts', [...Array(9).fill(50), 2_000])]
  const lines = slowestLines({ ...jest(12), testResults }, '/here')
  expect(lines).toHaveLength(10)
  expect(lines.slice(0, 3)).toEqual([
    '  12.3 s  a.test.ts: test 1',
    '   2.0 s  b/c.test.ts: test 9',
    '   0.1 s  b/c.test.ts: test 0',
  ])
  expect(lines.join()).not.toContain('a.test.ts: test 0')
})

test('every test that failed is named, with the first line of why, and so is a file that could not be run', () => {
  const assertionResults = [
    { fullName: 'one', status: 'failed', failureMessages: ['\u001b[31mError: 2 is not 1\u001b[39m\n    at one'] },
    { fullName: 'two', status: 'passed', failureMessages: [] },
  ]
  const testResults = [
    { name: '/here/a.test.ts', assertionResults },
    { name: '/here/b.test.ts', message: 'Cannot find it\nat all', assertionResults: [] },
  ]
  expect(failedLines({ ...jest(1, 1), testResults }, '/here')).toEqual([
    '✗ a.test.ts: one: Error: 2 is not 1',
    '✗ b.test.ts: Cannot find it',
  ])
})
