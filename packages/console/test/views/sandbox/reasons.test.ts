import { expect, test } from '@jest/globals'
import type { DeliveryHealth, Hook, TimelineEntry } from '@tract/contract'
import { type Known, reasonsOf } from '../../../src/views/sandbox/reasons/reasons.js'

const AT = '2026-11-30T01:00:00.000Z'
const hook = (changes: Partial<Hook> = {}): Hook => ({
  ...{ id: 'h', category: 'message', subcategory: 'receive', url: 'https://desk.example/h', status: 'active' },
  ...{ created_at: AT, updated_at: AT },
  ...changes,
})
const pending = (sequence: number, attempts: number): TimelineEntry =>
  ({
    deliveries: [
      {
        ...{ id: `d${sequence}`, listener: 'desk', category: 'message', subcategory: 'receive' },
        state: 'pending',
        sequence,
        attempts,
      },
    ],
  }) as unknown as TimelineEntry
const WELL: Known = {
  listener: { listener_id: 'desk', kind: 'ect' },
  hooks: [hook()],
  health: undefined,
  availability: undefined,
  entries: [],
}
const said = (changes: Partial<Known>): string[] => reasonsOf({ ...WELL, ...changes }).map(({ text }) => text)

test('a listener that hears has no reason, and none is claimed before its hooks are known', () => {
  expect(said({})).toEqual([])
  expect(said({ hooks: undefined })).toEqual([])
  // it is on its way
  expect(said({ entries: [pending(1, 0)] })).toEqual([])
})

test('each thing that keeps a listener from hearing is a reason', () => {
  const elsewhere = [hook({ category: 'conversation_state', subcategory: 'bot' })]
  expect(said({ hooks: elsewhere }).join()).toMatch(/no hook for message\/receive: it hears nothing/)
  expect(said({ hooks: [], listener: { listener_id: 'md', kind: 'md' } }).join()).toMatch(/is missing here/)
  expect(said({ hooks: [hook({ status: 'disabled', disabled_reason: 'It answered 410.' })] }).join()).toMatch(
    /paused \(It answered 410\.\): what is for it waits/,
  )
  expect(said({ hooks: [hook({ url: 'tract:stream' })], entries: [pending(1, 0)] }).join()).toMatch(/fetches its hooks/)
  const breaker = { origin: 'https://desk.example', opened_at: AT, processes: 1 }
  expect(said({ health: { open_breakers: [breaker] } as unknown as DeliveryHealth }).join()).toMatch(/only a probe/)
})

test('what fails is the first that has not ended, with what comes after it', () => {
  const reasons = reasonsOf({ ...WELL, entries: [pending(3, 0), pending(2, 4)] })
  expect(reasons).toMatchObject([{ kind: 'failing', deliveryId: 'd2' }])
  expect(reasons[0]?.text).toMatch(/tried 4 times and not acknowledged/)
})

test('a closed listener is one until it opens', () => {
  const closed = { receiver: 'desk', status: 'closed' } as const
  expect(reasonsOf({ ...WELL, availability: { ...closed, reopens_at: AT } })).toMatchObject([
    { kind: 'closed', at: AT },
  ])
  expect(said({ availability: closed }).join()).toMatch(/is refused\.$/)
})
