import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { ChangeFeed } from '../../src/views/change-feed.js'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

test.each([
  ['soon after one that was quick', 1, 300],
  ['later after one that was not', 100, 2_000],
  ['within five seconds, however busy the database', 3_000, 5_000],
  ['for no more than half the time', 8_000, 8_000],
])('a look follows %s', async (_when, took, expected) => {
  const looks: number[] = []
  const source = async () => {
    looks.push(Date.now())
    if (looks.length > 1) await new Promise((resolve) => setTimeout(resolve, took))
    return []
  }
  const feed = new ChangeFeed({ source, pause: 300, lingerMs: 60_000, onError: () => {}, onEnd: () => {} })
  await feed.begun()
  const unsubscribe = feed.subscribe(() => {})
  while (looks.length < 3) await jest.advanceTimersToNextTimerAsync()
  expect((looks[2] ?? 0) - (looks[1] ?? 0) - took).toBe(expected)
  unsubscribe()
  feed.end()
})
