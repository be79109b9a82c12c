/** A desk that was down answers, and completes, what is over by then: what names its conversation never lands in another one. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { DELIVERY_SETTINGS } from '../../src/deliver/settings.js'

/** What was down is tried again as soon as it is up. */
const DELIVERY = {
  retry: { ...DELIVERY_SETTINGS.retry, delays: [20, 40] },
  breaker: { ...DELIVERY_SETTINGS.breaker, failures: 1_000_000 },
}

let service: TestService
let organisation_id: string
let listeners: Record<'iva' | 'md' | 'desk', Caller>
const receivers = {} as Record<'iva' | 'md' | 'desk', Receiver>
let isDown = false
let users = 0

beforeAll(async () => {
  service = await TestService.start({ delivery: DELIVERY })
  // no listener takes control from a desk that is down for a while
  const world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' }, { unreachable_after: 3_600 })
  listeners = world.listeners
  organisation_id = world.organisation
  for (const name of ['iva', 'md', 'desk'] as const) {
    receivers[name] = await world.receiver(name, 'message.receive', 'conversation_state.complete')
  }
  receivers.desk.answer = () => (isDown ? { status: 503 } : {})
})
afterEach(() => {
  isDown = false
})
afterAll(() => service.close())

const write = (user_id: string, message_body: string) =>
  ok(listeners.md.post('/platform/message/send/', { user_id, message_body, sender: 'ceu', user: {} }))
const control = (by: 'iva' | 'desk', user_id: string, body: object): Promise<Answer> =>
  listeners[by].post('/tract/thread_control/request', { user_id, ...body })
const pass = async (by: 'iva' | 'desk', user_id: string, receiver: string) =>
  expect(await ok(control(by, user_id, { type: 'pass', receiver }))).toMatchObject({ success: true })

/** As the desk saw it last: conversation 1, with a question that it had not answered when it went down. */
async function deskGoesDown(): Promise<string> {
  const user_id = `u${++users}`
  await write(user_id, 'My bill is wrong')
  await pass('iva', user_id, 'desk')
  const asked = await receivers.desk.waitFor(({ body }) => body.user_id === user_id && body.message_body)
  expect(asked.body.conversation_number).toBe('1')
  isDown = true
  return user_id
}

/** What the desk wanted to say in conversation 1, by the names that it has here. */
const LATE = {
  answer: (user_id: string, tie: object) =>
    listeners.desk.post('/tract/message/send/', {
      user_id,
      sender: 'aeu',
      message_body: 'The money comes back',
      ...tie,
    }),
  completion: (user_id: string, tie: object) =>
    listeners.desk.post('/tract/event/send', { user_id, type: 'conversation_state', subtype: 'complete', ...tie }),
  'pass back': (user_id: string, tie: object) =>
    control('desk', user_id, { type: 'pass', receiver: 'default', ...tie }),
  'agent event': (user_id: string, tie: object) =>
    listeners.desk.post('/tract/events/send', { user_id, type: 'aeu_events', subtype: 'allocated', ...tie }),
}
type Late = keyof typeof LATE
const EVERY_LATE = Object.keys(LATE) as Late[]

const pending = async (user_id: string) =>
  (await ok(listeners.desk.post('/tract/deliveries/list/', { user_id, state: 'pending' }))).deliveries

const listed = async (user_id: string) => {
  const admin = await service.admin()
  const query = new URLSearchParams({ organisation_id, user_id })
  const { state, owner, epoch, conversation_number } = await ok(admin.get(`/platform/threads/get/?${query}`))
  const { entries } = await ok(admin.get(`/platform/threads/timeline/?${query}`))
  return { state, owner, epoch, conversation_number, entries: entries.length }
}
/** Each case: what has become of conversation 1 while the desk was down. */
const BY_THEN: Record<string, { happen: (user_id: string) => Promise<unknown>; owner: string | null; open: boolean }> =
  {
    'conversation 2 is open with the assistant': {
      happen: (user_id) => ok(control('iva', user_id, { type: 'take', receiver: 'iva' })),
      owner: 'iva',
      open: true,
    },
    'conversation 2 is open with the desk itself': {
      happen: async (user_id) => {
        await ok(control('iva', user_id, { type: 'take', receiver: 'iva' }))
        await write(user_id, 'And my address is wrong')
        await pass('iva', user_id, 'desk')
      },
      owner: 'desk',
      open: true,
    },
    'conversation 1 is complete, and none is open': {
      // said before it went down, and what it says now was written before that
      happen: (user_id) => ok(LATE.completion(user_id, { conversation_number: '1' })),
      owner: null,
      open: false,
    },
  }

describe.each(Object.entries(BY_THEN))('%s', (_, { happen, owner, open }) => {
  test.each([
    ...EVERY_LATE.map((first) => [first, ...EVERY_LATE.filter((other) => other !== first)]),
    ['what waited in the lane', ...EVERY_LATE],
  ])(
    'at its return %s comes first: what names conversation 1 is conversation_over, and nothing is stored',
    async (...order) => {
      const user_id = await deskGoesDown()
      await happen(user_id)
      const before = await listed(user_id)
      for (const what of order) {
        if (what === 'what waited in the lane') {
          isDown = false
          await until(async () => (await pending(user_id)).length === 0, 'the acknowledgement of what waited')
          continue
        }
        const { status, body } = await LATE[what as Late](user_id, { conversation_number: '1' })
        expect([what, status, body.code]).toEqual([what, 409, 'conversation_over'])
        expect(body).toMatchObject({ owner, conversation_number: before.conversation_number, epoch: before.epoch })
        expect(body.error).toMatch(open ? /^Conversation 1 is over: conversation 2 is open/ : /none is open/)
      }
      expect(await listed(user_id)).toEqual(before)
      isDown = false
      // the user hears nothing of it: what is written next is the first that comes
      await write(user_id, 'Hello?')
      await receivers.iva.waitFor(({ body }) => body.user_id === user_id && body.message_body?.text === 'Hello?')
      expect(receivers.md.messages().filter((message) => message.user_id === user_id)).toEqual([])
    },
  )
})

test('a message that crosses the end of its conversation is the desk’s alone, which asks for control to answer', async () => {
  const user_id = `u${++users}`
  await write(user_id, 'My bill is wrong')
  await pass('iva', user_id, 'desk')
  await write(user_id, 'One thing more')
  await ok(LATE.completion(user_id, { conversation_number: '1' }))
  const heard = async (name: 'iva' | 'desk') => {
    const text = 'One thing more'
    return (await receivers[name].waitFor(({ body }) => body.user_id === user_id && body.message_body?.text === text))
      .body
  }
  expect(await heard('desk')).toMatchObject({ in_control: true, conversation_number: '1' })
  expect(await heard('iva')).toMatchObject({ in_control: false, conversation_number: '1' })
  expect(await LATE.answer(user_id, { conversation_number: '1' })).toMatchObject({ status: 409 })
  const asked = await ok(control('desk', user_id, { type: 'request', receiver: 'desk' }))
  expect(asked).toMatchObject({ success: true, owner: 'desk' })
  expect(await ok(LATE.answer(user_id, {}))).toMatchObject({ conversation_number: '2' })
})

describe('without a number, it goes where it goes today', () => {
  test('with another listener in control it is refused as not in control', async () => {
    const user_id = await deskGoesDown()
    await BY_THEN['conversation 2 is open with the assistant']?.happen(user_id)
    for (const what of ['answer', 'completion'] as const) {
      const { status, body } = await LATE[what](user_id, {})
      expect([what, status, body.code, body.owner, body.conversation_number]).toEqual([
        what,
        409,
        'not_in_control',
        'iva',
        '2',
      ])
    }
  })

  test('with the desk in control of conversation 2 it lands there, and completes that', async () => {
    const user_id = await deskGoesDown()
    await BY_THEN['conversation 2 is open with the desk itself']?.happen(user_id)
    expect(await ok(LATE.answer(user_id, {}))).toMatchObject({ conversation_number: '2' })
    expect(await ok(LATE.completion(user_id, {}))).toEqual({ success: true })
    expect(await listed(user_id)).toMatchObject({ state: 'complete', owner: null, conversation_number: '2' })
  })
})

test('with the number of the open conversation all of it goes as without', async () => {
  const user_id = await deskGoesDown()
  isDown = false
  const tie = { conversation_number: '1' }
  expect(await ok(LATE['agent event'](user_id, tie))).toEqual({ success: true })
  expect(await ok(LATE.answer(user_id, tie))).toMatchObject({ conversation_number: '1' })
  expect(await ok(LATE['pass back'](user_id, tie))).toMatchObject({ success: true, owner: 'iva' })
})

test('a refusal is the same when it is repeated with its key', async () => {
  const user_id = await deskGoesDown()
  await BY_THEN['conversation 2 is open with the assistant']?.happen(user_id)
  const headers = { 'idempotency-key': `late-${user_id}` }
  const body = { user_id, sender: 'aeu', message_body: 'Late', conversation_number: '1' }
  const [first, second] = [
    await listeners.desk.post('/tract/message/send/', body, headers),
    await listeners.desk.post('/tract/message/send/', body, headers),
  ]
  const { request_id: _, ...answer } = first.body
  expect(second.body).toMatchObject(answer)
  expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([409, 'true'])
  expect(answer).toMatchObject({ code: 'conversation_over', owner: 'iva', conversation_number: '2' })
})

test('a number that is none is refused by name', async () => {
  const user_id = await deskGoesDown()
  for (const conversation_number of ['first', '-1', '12345678901', 1]) {
    const { status, body } = await LATE.answer(user_id, { conversation_number })
    expect([status, body.code, body.issues[0].path]).toEqual([400, 'invalid_request', '/conversation_number'])
  }
})
