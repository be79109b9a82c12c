import { expect, test } from '@jest/globals'
import { leastOfAProcess, sizesFor } from '../../src/database/connection-share.js'

const MOST = { api: 20, delivery: 8 }
/** Of `max_connections = 100`, three are the superuser's. */
const GIVES = 97

test.each([
  [1, 20, 8],
  [2, 20, 8],
  [3, 19, 8],
  [4, 13, 6],
  [10, 4, 2],
  [14, 2, 2],
])(
  'of %d processes on a server of a hundred connections, each has %d for calls and %d for deliveries',
  (count, api, delivery) => {
    expect(sizesFor(MOST, GIVES, count)).toEqual({ api, delivery })
  },
)

test('they never have more together than there are, while each can work', () => {
  for (let capacity = leastOfAProcess(1) * 2; capacity <= 500; capacity += 7)
    for (let count = 1; count * leastOfAProcess(1) <= capacity * 0.9; count++) {
      const { api, delivery } = sizesFor(MOST, capacity, count)
      expect((api + delivery + 2) * count).toBeLessThanOrEqual(capacity * 0.9)
      expect(Math.min(api, delivery)).toBeGreaterThanOrEqual(2)
    }
})

test('no process has more than is set', () => {
  expect(sizesFor({ api: 3, delivery: 2 }, 10_000, 1)).toEqual({ api: 3, delivery: 2 })
})
