import { expect, test } from '@jest/globals'
import type { Attempt, Delivery, DeliveryHealth, Hook, RetrySchedule } from '@tract/contract'
import { type WaitKnown, waitsFor } from '../../../src/views/deliveries/waits/waits.js'

const AT = '2026-11-30T01:00:00.000Z'
const delivery = (sequence: number): Delivery => ({
  ...{ id: `d${sequence}`, listener: 'desk', user_id: 'asha', sequence, category: 'message', subcategory: 'receive' },
  ...{ state: 'pending', attempts: 0, created_at: AT },
})
const attempt = (number: number, error: string): Attempt => ({ number, started_at: AT, duration_ms: 500, error })
const hook = (changes: Partial<Hook> = {}): Hook => ({
  ...{ id: 'h', category: 'message', subcategory: 'receive', url: 'https://desk.example/h', status: 'active' },
  ...{ created_at: AT, updated_at: AT },
  ...changes,
})
const breaker = { origin: 'https://desk.example', opened_at: AT, processes: 1 }
const known = (changes: Partial<WaitKnown> = {}): WaitKnown => ({
  ...{ delivery: delivery(3), attempts: [], pending: [delivery(3)], hooks: [hook()], health: undefined },
  retry: { pauses: [1, 5, 60], refused_pauses: [2, 4] } as RetrySchedule,
  ...changes,
})

test('a delivery waits for its turn before anything else', () => {
  const waits = waitsFor(known({ pending: [delivery(3), delivery(2), delivery(1), delivery(4)], hooks: [] }))
  expect(waits.text).toMatch(/^Its turn\. 2 deliveries/)
  expect(waits.behind?.id).toBe('d1')
})

test('the first of its lane waits for its hook, its receiver or its breaker', () => {
  const paused = hook({ status: 'disabled', disabled_reason: 'It moves.' })
  expect(waitsFor(known({ hooks: [paused] })).text).toBe('Its hook, which is paused (It moves.).')
  expect(waitsFor(known({ hooks: [hook({ url: 'tract:stream' })] })).text).toMatch(/^Its receiver/)
  const open = { open_breakers: [breaker] } as unknown as DeliveryHealth
  expect(waitsFor(known({ health: open }))).toMatchObject({ since: AT })
  // another endpoint's is not its own
  expect(waitsFor(known({ health: open, hooks: [hook({ url: 'https://other.example/h' })] })).since).toBeUndefined()
})

test('after an attempt it waits for as long as the schedule says', () => {
  expect(waitsFor(known()).text).toBe('Nothing: it is on its way.')
  const until = (...attempts: Attempt[]) => waitsFor(known({ attempts })).until
  expect(until(attempt(1, 'timeout'), attempt(2, 'timeout'))).toBe('2026-11-30T01:00:05.500Z')
  expect(until(attempt(9, 'timeout'))).toBe('2026-11-30T01:01:00.500Z')
  expect(until(attempt(1, 'status_4xx'))).toBe('2026-11-30T01:00:02.500Z')
})
