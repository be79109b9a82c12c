import { expect, test } from '@jest/globals'
import { closingLine } from '../summary.js'

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
