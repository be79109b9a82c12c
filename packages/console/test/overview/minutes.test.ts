import { expect, test } from '@jest/globals'
import type { Overview } from '@tract/contract'
import { minutesOf, successRate } from '../../src/overview/minutes.js'

const minute = (at: string, accepted: number, lag_ms: number) => ({
  ...{ at: `2026-11-22T${at}:00.000Z`, accepted, delivered: accepted, failed: 1, lag_ms },
})
const figures = { accepted: 0, delivered: 0, failed: 0 }
const HOUR: Overview = {
  ...{ from: '2026-11-22T08:31:00.000Z', sampled: false, ...figures, backlog: 0 },
  listeners: [
    { listener_id: 'desk', ...figures, minutes: [minute('08:31', 1, 5), minute('09:30', 2, 7)] },
    { listener_id: 'iva', ...figures, minutes: [minute('09:30', 4, 3), minute('09:31', 8, 9)] },
  ],
}

test('an hour has sixty minutes, each the sum over its listeners and the longest of their lags', () => {
  const minutes = minutesOf(HOUR)
  expect(minutes).toHaveLength(60)
  expect(minutes[0]).toEqual({ at: '2026-11-22T08:31:00.000Z', accepted: 1, delivered: 1, failed: 1, lag_ms: 5 })
  expect(minutes[1]).toMatchObject({ accepted: 0, delivered: 0, failed: 0, lag_ms: 0 })
  expect(minutes[59]).toEqual({ at: '2026-11-22T09:30:00.000Z', accepted: 6, delivered: 6, failed: 2, lag_ms: 7 })
})

test('one listener has its own', () => {
  expect(minutesOf(HOUR, 'iva')[59]).toMatchObject({ accepted: 4, lag_ms: 3 })
})

test.each([
  [{ delivered: 0, failed: 0 }, undefined],
  [{ delivered: 3, failed: 0 }, '100 %'],
  [{ delivered: 0, failed: 3 }, '0.0 %'],
  [{ delivered: 2, failed: 1 }, '66.7 %'],
  [{ delivered: 1_000_000, failed: 1 }, '99.9 %'],
])('the success rate of %j is %s', (given, rate) => {
  expect(successRate(given)).toBe(rate)
})
