import { afterAll, beforeAll, expect } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { QUICK } from '../deliver/quick-settings.js'
import { PublishedContract } from '../support/contract.js'

export const SETTINGS = {
  ...QUICK,
  breaker: { failures: 3, firstProbe: 20, longestProbe: 100, probeLost: 1_000 },
  faultReport: 50,
}
export const QUIET = {
  waiting_lanes: 0,
  delivering_lanes: 0,
  failing_lanes: 0,
  pending_deliveries: 0,
  lag_ms: 0,
  open_breakers: [],
  disabled_hooks: 0,
}
const contract = new PublishedContract('platform')

export let service: TestService
let admin: Caller

export type Item = Answer['body']

/** The answer of a listing, as the document says. */
export async function list(operation: 'health' | 'faults', query: Record<string, string> = {}): Promise<Item> {
  const answer = await admin.get(`/platform/deliveries/${operation}/?${new URLSearchParams(query)}`)
  const name = operation === 'health' ? 'listDeliveryHealth' : 'listDeliveryFaults'
  expect([answer.status, contract.problems(name, answer)]).toEqual([200, []])
  return answer.body
}

export async function healthOf(organisation_id: string, listener: string): Promise<Item> {
  const { listeners } = await list('health', { organisation_id })
  return listeners.find(({ listener_id }: Item) => listener_id === listener)
}

export const write = (md: Caller, user_id: string) =>
  ok(md.post('/platform/message/send/', { user_id, message_body: 'Hello', sender: 'ceu', user: {} }))

export function useService(): void {
  beforeAll(async () => {
    service = await TestService.start({ delivery: SETTINGS })
    admin = await service.admin()
  })
  afterAll(() => service.close())
}
