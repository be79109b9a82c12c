import { expect, test } from '@jest/globals'
import { checkControl } from '../check/control.js'
import { Excuses } from '../check/excuses.js'
import type { Receipt } from '../history/history.js'

const acknowledged = (endedAt: number) =>
  ({ listener: 'desk', user: 'asha', process: 0, outcome: 'acknowledged', at: endedAt - 20, endedAt }) as Receipt
const returned = (at: number) =>
  ({ listener: 'iva', user: 'asha', hook: 'thread_control/returned', id: 'r', at }) as Receipt

/** How many returns of control are wrong, with no process running from the second 10 to the second 50. */
const wrongs = (receipts: Receipt[]) => {
  const history = { outages: [{ from: 10_000, to: 50_000 }], losses: [] }
  return checkControl(receipts, history, new Excuses(history.losses)).length
}

test.each([
  ['after it was tried in vain for long enough', [1_000], 53_000, 0],
  ['for time in which no process ran', [8_000], 53_000, 1],
  ['while its first answer is on its way', [1_000, 52_990], 53_000, 0],
  ['though it answers all the time', [1_000, 50_500, 52_990], 53_000, 1],
])('control returns from a desk %s', (_what, answers, at, expected) => {
  expect(wrongs([...answers.map(acknowledged), returned(at)])).toBe(expected)
})
