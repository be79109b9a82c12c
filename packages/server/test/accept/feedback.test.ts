/** The user's rating of a conversation: kept with it, and told to those who held it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'

type Name = 'iva' | 'md' | 'desk' | 'salon' | 'watcher'

let service: TestService
let world: World<Name>
let listeners: Record<Name, Caller>
let hearers: Record<Exclude<Name, 'md'>, Receiver>
let users = 0

beforeAll(async () => {
  service = await TestService.start()
  world = await service.world<Name>({ iva: 'iva', md: 'md', desk: 'ect', salon: 'ect', watcher: 'analytics' })
  listeners = world.listeners
  const start = (name: Name) => world.receiver(name, 'message.receive', 'user_events.feedback')
  hearers = {
    iva: await start('iva'),
    desk: await start('desk'),
    salon: await start('salon'),
    watcher: await start('watcher'),
  }
})
afterAll(() => service.close())

const rate = (user_id: string, metadata: unknown, by: Name = 'md') =>
  listeners[by].post(by === 'md' ? '/platform/event/send/' : '/tract/event/send', {
    ...{ user_id, type: 'user_events', subtype: 'feedback' },
    metadata: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
  })

/** A user with a conversation that the desk has completed. */
async function served(): Promise<string> {
  const user_id = `u${++users}`
  await world.write(user_id)
  await world.pass(user_id, 'iva', 'desk')
  await ok(listeners.desk.post('/tract/event/send', { user_id, type: 'conversation_state', subtype: 'complete' }))
  return user_id
}

const ratings = async (user_id: string): Promise<unknown[]> => {
  const { conversations } = await ok(listeners.iva.post('/tract/conversations/list/', { user_id }))
  return conversations.map(({ rating }: Answer['body']) => rating)
}

test('it is kept with the conversation, and a later one takes its place', async () => {
  const user_id = await served()
  await ok(rate(user_id, { score: 2 }))
  expect(await ratings(user_id)).toEqual([{ score: 2, rated_at: expect.any(String) }])
  await ok(rate(user_id, { score: 5, resolved: true, comment: 'Quick and kind' }))
  const last = { score: 5, resolved: true, comment: 'Quick and kind', rated_at: expect.any(String) }
  expect(await ratings(user_id)).toEqual([last])
})

test('those who held the conversation and observers are told, and no other desk', async () => {
  const user_id = await served()
  const metadata = '{"score": 4, "comment": "☎", "survey": 12345678901234567890}'
  await ok(rate(user_id, metadata))
  for (const name of ['iva', 'desk', 'watcher'] as const) {
    const { body } = await hearers[name].waitFor(
      ({ hook, body }) => hook === 'user_events.feedback' && body.user_id === user_id,
      `the rating at ${name}`,
    )
    expect(body).toMatchObject({ metadata, conversation_number: '1', listener: 'md', type: 'user_events' })
  }
  // what comes after it in the lane has come
  await world.write(user_id, 'The end')
  await hearers.salon.waitFor(({ body }) => body.user_id === user_id && body.message_body?.text === 'The end')
  const told = hearers.salon.received.filter(
    ({ hook, body }) => hook === 'user_events.feedback' && body.user_id === user_id,
  )
  expect(told).toEqual([])
})

describe('without a number it is of', () => {
  test('the last conversation that is over, though the user has begun another', async () => {
    const user_id = await served()
    await world.write(user_id, 'One more thing')
    await ok(rate(user_id, { score: 3 }))
    expect(await ratings(user_id)).toEqual([undefined, { score: 3, rated_at: expect.any(String) }])
  })

  test('the open one, where none is over', async () => {
    const user_id = `u${++users}`
    await world.write(user_id)
    await ok(rate(user_id, { score: 3 }))
    expect(await ratings(user_id)).toEqual([{ score: 3, rated_at: expect.any(String) }])
  })
})

test('it may name a conversation', async () => {
  const user_id = await served()
  await world.write(user_id, 'One more thing')
  await ok(rate(user_id, { score: 1, conversation_number: '2' }))
  expect(await ratings(user_id)).toEqual([{ score: 1, rated_at: expect.any(String) }, undefined])
})

test.each([
  ['text', 'five stars'],
  ['nothing', '{}'],
  ['0', { score: 0 }],
  ['6', { score: 6 }],
  ['a half', { score: 4.5 }],
  ['a string', { score: '5' }],
  ['another resolved', { score: 5, resolved: 'yes' }],
  ['a long comment', { score: 5, comment: 'x'.repeat(4_097) }],
  ['a number that is none', { score: 5, conversation_number: 'first' }],
])('%s is refused, and nothing is kept', async (_, metadata) => {
  const user_id = await served()
  const { status, body } = await rate(user_id, metadata)
  expect([status, body.code]).toEqual([400, 'invalid_request'])
  expect(body.issues[0].path).toBe('/metadata')
  expect(await ratings(user_id)).toEqual([undefined])
})

test('a conversation that is not there is not found', async () => {
  await ok(listeners.md.post('/platform/user/', { user_id: 'silent' }))
  for (const [user_id, metadata] of [
    ['silent', { score: 5 }],
    [await served(), { score: 5, conversation_number: '7' }],
  ] as const) {
    const { status, body } = await rate(user_id, metadata)
    expect([status, body.code]).toEqual([404, 'conversation_not_found'])
  }
})

test('no desk sends one', async () => {
  const { status, body } = await rate(await served(), { score: 5 }, 'desk')
  expect([status, body.code]).toEqual([403, 'event_not_allowed'])
})
