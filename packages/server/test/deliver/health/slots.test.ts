import { expect, test } from '@jest/globals'
import { Slots } from '../../../src/deliver/health/slots.js'

/** Takes all slots that are free. */
function fill(slots: Slots, listener: string, wanted: number): number {
  let got = 0
  for (let each = 0; each < wanted; each++) if (slots.acquire(listener) === true) got++
  return got
}

test('a listener takes at most its limit', () => {
  expect(fill(new Slots({ overall: 512, perListener: 32 }), 'desk', 100)).toBe(32)
})

test('however many listeners are busy, the next one soon finds room at once', () => {
  const slots = new Slots({ overall: 64, perListener: 32 })
  const running: string[] = []
  const want = (listener: string) => {
    const granted = slots.acquire(listener)
    if (granted === true) running.push(listener)
    else if (granted !== false) void granted.then(() => running.push(listener))
  }
  const slow = Array.from({ length: 20 }, (_, index) => `slow ${index}`)
  for (const listener of slow) for (let each = 0; each < 100; each++) want(listener)
  // Each attempt that ends gives its slot back once; what was granted when all was free is not granted again.
  for (const listener of [...running]) slots.release(listener)
  expect(slots.acquire('newcomer')).toBe(true)
})

test('overall is a limit', () => {
  const slots = new Slots({ overall: 8, perListener: 32 })
  for (let index = 0; index < 20; index++) fill(slots, `listener ${index}`, 1)
  expect(fill(slots, 'late', 1)).toBe(0)
})

test('who waits gets its turn, each listener in its own', async () => {
  const slots = new Slots({ overall: 2, perListener: 1 })
  expect(slots.acquire('a')).toBe(true)
  const order: string[] = []
  const waiting = ['a', 'a', 'b'].map(async (listener, index) => {
    expect(await slots.acquire(listener)).toBe(true)
    order.push(`${listener}${index}`)
    slots.release(listener)
  })
  slots.release('a')
  await Promise.all(waiting)
  expect(order.indexOf('b2')).toBeLessThan(order.indexOf('a1'))
})

test('a listener with a queue as long as its limit is saturated', () => {
  const slots = new Slots({ overall: 64, perListener: 4 })
  for (let each = 0; each < 7; each++) void slots.acquire('desk')
  expect(slots.saturated()).toEqual([])
  void slots.acquire('desk')
  expect(slots.saturated()).toEqual(['desk'])
  slots.release('desk')
  expect(slots.saturated()).toEqual([])
})

test('a wave of timeouts halves the limit once, and successes bring it back', () => {
  const slots = new Slots({ overall: 512, perListener: 32 })
  fill(slots, 'desk', 32)
  for (let each = 0; each < 32; each++) {
    slots.slowDown('desk', 1_000, 6_000)
    slots.release('desk')
  }
  expect(fill(slots, 'desk', 16)).toBe(16)
  void slots.acquire('desk')
  expect(slots.saturated()).toEqual([])
  for (let success = 0; success < 1_000; success++) slots.speedUp('desk')
  slots.release('desk')
  expect(fill(slots, 'desk', 16)).toBe(16)
})

test('a listener that keeps timing out is left one slot', () => {
  const slots = new Slots({ overall: 512, perListener: 32 })
  for (let wave = 1; wave <= 10; wave++) slots.slowDown('desk', wave * 10_000, wave * 10_000 + 5_000)
  expect(fill(slots, 'desk', 32)).toBe(1)
})

test('closing lets nobody wait in vain', async () => {
  const slots = new Slots({ overall: 2, perListener: 1 })
  void slots.acquire('desk')
  const waiting = slots.acquire('desk')
  slots.close()
  expect(await waiting).toBe(false)
  expect(slots.acquire('desk')).toBe(false)
})
