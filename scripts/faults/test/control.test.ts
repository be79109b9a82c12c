import { expect, test } from '@jest/globals'
import { checkControl } from '../check/control.js'
import { Excuses } from '../check/excuses.js'
import type { Loss, Receipt } from '../history/history.js'

const acknowledged = (endedAt: number) =>
  ({ listener: 'desk', user: 'asha', process: 0, outcome: 'acknowledged', at: endedAt - 20, endedAt }) as Receipt
const returned = (decidedAt: number, at = decidedAt) =>
  ({ listener: 'iva', user: 'asha', hook: 'thread_control/returned', id: 'r', at, decidedAt }) as Receipt

/** How many returns of control are wrong, with no process running from the second 10 to the second 50. */
const wrongs = (receipts: Receipt[], losses: Loss[] = []) =>
  checkControl(receipts, { outages: [{ from: 10_000, to: 50_000 }], losses }, new Excuses(losses)).length

test.each([
  ['after it was tried in vain for long enough', [1_000], 53_000, 0],
  ['for time in which no process ran', [8_000], 53_000, 1],
  ['while its first answer is on its way', [1_000, 52_990], 53_000, 0],
  ['though it answers all the time', [1_000, 50_500, 52_990], 53_000, 1],
])('control returns from a desk %s', (_what, answers, at, expected) => {
  expect(wrongs([...answers.map(acknowledged), returned(at)])).toBe(expected)
})

test.each([
  ['a desk that answers again', [1_000, 55_000], 53_000, 0],
  ['time in which no process ran', [8_000, 55_000], 53_000, 1],
])('a listener hears late that control returned, for %s', (_what, answers, decidedAt, expected) => {
  expect(wrongs([...answers.map(acknowledged), returned(decidedAt, 60_000)])).toBe(expected)
})

test.each([
  ['ahead', 9_000, 61_000],
  ['behind', -9_000, 43_000],
])('a process whose clock is %s decides by it', (_which, byMs, decidedAt) => {
  const clock: Loss = { kind: 'clock', process: 1, from: 50_500, to: 53_000, byMs }
  const receipts = [...[8_000, 54_000].map(acknowledged), returned(decidedAt, 62_000)]
  expect(wrongs(receipts, [clock])).toBe(0)
  expect(wrongs(receipts, [{ ...clock, byMs: -byMs, from: 53_500, to: 53_600 }])).toBe(1)
})
