import { expect, test } from '@jest/globals'
import type { Delivery, DeliveryState } from '@tract/contract'
import { actOf, byHook, chosenOf, isBraked, proposedFor } from '../../../src/views/deliveries/bulk/bulk-acts.js'

const delivery = (user_id: string, sequence: number, state: DeliveryState, attempts = 0): Delivery => ({
  ...{ id: `${user_id}-${sequence}`, listener: 'desk', user_id, sequence, category: 'message', subcategory: 'receive' },
  ...{ state, attempts, created_at: `2026-11-30T01:00:0${sequence}.000Z` },
})
const idsOf = (act: string, found: readonly Delivery[]) => chosenOf(actOf(act), found).map(({ id }) => id)

test('what is proposed is what failed, unless the list is of another state', () => {
  expect(['', 'undeliverable', 'pending', 'cancelled', 'delivered'].map((state) => proposedFor(state).value)).toEqual([
    ...['failed', 'failed', 'retry', 'cancelled', 'delivered'],
  ])
})

test('a replay is of what has ended, the oldest first', () => {
  const found = [delivery('b', 3, 'pending'), delivery('b', 2, 'undeliverable'), delivery('a', 1, 'delivered')]
  expect(idsOf('ended', found)).toEqual(['a-1', 'b-2'])
})

test('a retry is of the first of each lane, if it was tried', () => {
  const found = [
    ...[delivery('a', 2, 'pending', 1), delivery('a', 1, 'pending', 4)],
    ...[delivery('b', 5, 'pending'), delivery('c', 7, 'pending', 1)],
  ]
  expect(idsOf('retry', found)).toEqual(['a-1', 'c-7'])
  expect(idsOf('skip', found)).toHaveLength(4)
})

test('many, and what may do harm, ask for the number', () => {
  expect([0, 20, 21].map((count) => isBraked(actOf('failed'), count))).toEqual([false, false, true])
  for (const act of ['skip', 'delivered', 'ended']) expect(isBraked(actOf(act), 1)).toBe(true)
})

test('hooks are counted, the most first', () => {
  const other = { ...delivery('a', 1, 'pending'), category: 'thread_control', subcategory: 'assigned' }
  expect(byHook([other, delivery('a', 2, 'pending'), delivery('a', 3, 'pending')])).toEqual([
    ['message/receive', 2],
    ['thread_control/assigned', 1],
  ])
})
