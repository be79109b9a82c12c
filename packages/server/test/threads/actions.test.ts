/** What is said to be allowed is, and what is said to be refused is refused, for the reason given: each action is tried for real. */

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { ThreadAction, ThreadDetails } from '@tract/contract'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'

type Name = 'iva' | 'md' | 'desk' | 'second'

let service: TestService
let receiver: Receiver
let admin: Caller
let world: World<Name>
let users = 0

beforeAll(async () => {
  service = await TestService.start()
  receiver = await service.receiver()
  admin = await service.admin()
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect', second: 'ect' })
  // the second desk has no hook for messages, so that control cannot go there
  for (const name of ['iva', 'desk'] as const)
    for (const hook of ['message.receive', 'thread_control.offered']) await receiver.hear(world.listeners[name], hook)
})
afterAll(() => service.close())

const control = async (userId: string, type: string, requester: Name, receiver: string) =>
  ok(world.listeners[requester].post('/tract/thread_control/request', { user_id: userId, type, requester, receiver }))

const event = (userId: string, from: Name, type: string, subtype: string) =>
  world.listeners[from].post('/tract/event/send', { user_id: userId, type, subtype })

/** What brings a new thread into each state. */
const STATES: Record<string, (userId: string) => Promise<unknown>> = {
  'with the IVA': async () => undefined,
  'at the desk, without an agent': (userId) => control(userId, 'pass', 'iva', 'desk'),
  'with an agent': async (userId) => {
    await control(userId, 'pass', 'iva', 'desk')
    await ok(event(userId, 'desk', 'aeu_events', 'allocated'))
  },
  'asked for': (userId) => control(userId, 'request', 'desk', 'iva'),
  offered: (userId) => control(userId, 'offer', 'iva', 'desk'),
  complete: (userId) => ok(event(userId, 'iva', 'conversation_state', 'complete')),
}

async function threadIn(state: string): Promise<string> {
  const user_id = `user-${++users}`
  const body = { user_id, message_body: 'Hello', sender: 'ceu', user: {} }
  await ok(world.listeners.md.post('/platform/message/send/', body))
  await STATES[state]?.(user_id)
  return user_id
}

const look = (userId: string): Promise<ThreadDetails> =>
  ok(admin.get(`/platform/threads/get/?organisation_id=${world.organisation}&user_id=${userId}`))

const TYPES: Record<string, string> = {
  accepted: 'thread_control',
  declined: 'thread_control',
  withdrawn: 'thread_control',
  allocated: 'aeu_events',
}

/** @returns the code of the refusal, or what came of it */
async function carryOut({ action, listener, receiver = '' }: ThreadAction, userId: string): Promise<string> {
  const before = await look(userId)
  if (action === 'pass' || action === 'offer' || action === 'take' || action === 'request') {
    const { success, reason } = await control(userId, action, listener as Name, receiver)
    if (!success) return reason.code
  } else {
    const answer = await event(userId, listener as Name, TYPES[action] ?? 'conversation_state', action)
    if (answer.status !== 200) return answer.body.code
  }
  const after = await look(userId)
  const same = [before, after].map(({ owner, state, epoch, pending_request, offer }) => ({
    owner,
    state,
    epoch,
    pending_request,
    offer: offer?.offer_number,
  }))
  return JSON.stringify(same[0]) === JSON.stringify(same[1]) ? 'unchanged' : 'changed'
}

test.each(Object.keys(STATES))('in a conversation that is %s', async (state) => {
  const { actions } = await look(await threadIn(state))
  expect(actions.length).toBeGreaterThan(10)
  expect(actions.some(({ allowed }) => !allowed)).toBe(true)
  for (const action of actions) {
    const came = await carryOut(action, await threadIn(state))
    const told = action.allowed ? ['changed', 'unchanged'] : [action.reason?.code]
    expect({ ...action, came }).toEqual({ ...action, came: expect.stringMatching(`^(${told.join('|')})$`) })
  }
})
