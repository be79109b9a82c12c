/** What a listener calls a user: where it is learned, from which delivery on it comes along, and what stays valid. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { DELIVERY_SETTINGS } from '../../src/deliver/settings.js'

const CREATE = 'user_events.create_user'

let service: TestService
let world: World<'iva' | 'md' | 'desk' | 'cases' | 'late'>
let receiver: Receiver

beforeAll(async () => {
  const retry = { ...DELIVERY_SETTINGS.retry, delays: [20] }
  const breaker = { ...DELIVERY_SETTINGS.breaker, failures: 1_000 }
  service = await TestService.start({ delivery: { retry, breaker } })
})
beforeEach(async () => {
  const kinds = { iva: 'iva', md: 'md', desk: 'ect', cases: 'ect', late: 'ect' } as const
  world = await service.world(kinds, {}, { cases: { create_user: 'per_conversation' } })
  receiver = await Receiver.start()
  await receiver.hear(world.listeners.iva, 'message.receive')
  await receiver.hear(world.listeners.md, 'message.receive')
})
afterEach(() => receiver.close())
afterAll(() => service.close())

const hearing = async (name: 'desk' | 'cases' | 'late', ...hooks: string[]) => {
  const ear = await Receiver.start()
  await ear.hear(world.listeners[name], ...hooks)
  return ear
}
const about = (ear: Receiver, user: string) =>
  ear.received.filter(({ body }) => body.user_id === user).sort((a, b) => a.sequence - b.sequence)
/** Of each delivery: its hook and the id that came along. */
const called = (ear: Receiver, user: string) =>
  about(ear, user).map(({ hook, body }) => [hook, body.ect_user_id ?? null])
const says = (ect_user_id: string, name: 'desk' | 'cases' | 'late', user_id: string) =>
  world.listeners[name].post('/tract/event/send', { user_id, ect_user_id, type: 'aeu_events', subtype: 'received' })
const link = (user_id: string, ect_user_id: string) =>
  world.listeners.desk.post('/tract/user/link/', { user_id, ect_user_id })
const restOf = (name: 'desk' | 'cases', user_id: string) =>
  until(async () => {
    const waiting = await ok(world.listeners[name].post('/tract/deliveries/list/', { user_id, state: 'pending' }))
    return waiting.deliveries.length === 0
  }, 'the end of what waits')

describe('an id that comes with create_user', () => {
  test('reaches every one of 1,000 hooks that waited behind it', async () => {
    const users = Array.from({ length: 20 }, (_, index) => `waiting-${index}`)
    const desk = await hearing('desk', CREATE, 'message.receive', 'conversation_state.bot')
    let isThere: (() => void) | undefined
    const all = new Promise<void>((resolve) => {
      isThere = resolve
    })
    desk.answer = async ({ hook, body }) => {
      if (hook !== CREATE) return {}
      await all
      return { body: { success: true, ect_user_id: `case of ${body.user_id}` } }
    }
    await Promise.all(
      users.map(async (user) => {
        for (let number = 0; number < 50; number++) await world.write(user, `message ${number}`)
      }),
    )
    isThere?.()
    const messages = () => desk.received.filter(({ hook }) => hook === 'message.receive')
    await until(() => new Set(messages().map(({ id }) => id)).size === 1_000, 'a thousand messages')
    const without = desk.received.filter(
      ({ hook, body }) => hook !== CREATE && body.ect_user_id !== `case of ${body.user_id}`,
    )
    expect(without.map(({ text }) => text)).toEqual([])
    await desk.close()
  })

  test('stays in a delivery at each of its attempts, whatever the user is called in between', async () => {
    const desk = await hearing('desk', CREATE, 'message.receive')
    let fails = true
    desk.answer = ({ hook }) =>
      hook === CREATE ? { body: { success: true, ect_user_id: 'case-1' } } : fails ? { status: 500 } : {}
    await world.write('again')
    const first = await desk.waitFor(({ hook }) => hook === 'message.receive')
    await ok(link('again', 'case-2'))
    await world.write('again', 'more')
    fails = false
    await restOf('desk', 'again')
    const texts = desk.received.filter(({ id }) => id === first.id).map(({ text }) => text)
    expect(texts.length).toBeGreaterThan(1)
    expect(new Set(texts)).toEqual(new Set([first.text]))
    expect([first.body.ect_user_id, about(desk, 'again').at(-1)?.body.ect_user_id]).toEqual(['case-1', 'case-2'])
    await desk.close()
  })

  test('is shown, and repeated, as it was posted', async () => {
    const desk = await hearing('desk', CREATE, 'message.receive')
    desk.answer = ({ hook }) => (hook === CREATE ? { body: { success: true, ect_user_id: 'a "case"\\' } } : {})
    await world.write('shown')
    const { id, text } = await desk.waitFor(({ hook }) => hook === 'message.receive')
    await restOf('desk', 'shown')
    await ok(link('shown', 'case-9'))
    const { request } = await ok(world.listeners.desk.post('/tract/deliveries/get/', { id }))
    expect(request.body).toBe(text)
    const { ids } = await ok(world.listeners.desk.post('/tract/deliveries/replay/', { ids: [id] }))
    expect((await desk.waitFor((request) => request.id === ids[0])).text).toBe(text)
    await desk.close()
  })
})

test('a tool that opens a case per conversation gets create_user in each, and its answer replaces the id before', async () => {
  const cases = await hearing('cases', CREATE, 'message.receive')
  let count = 0
  cases.answer = ({ hook }) => (hook === CREATE ? { body: { success: true, ect_user_id: `case-${++count}` } } : {})
  await world.write('twice', 'one')
  await world.write('twice', 'two')
  await restOf('cases', 'twice')
  const complete = { user_id: 'twice', type: 'conversation_state', subtype: 'complete' }
  await ok(world.listeners.iva.post('/tract/event/send', complete))
  await world.write('twice', 'three')
  await world.write('twice', 'four')
  await restOf('cases', 'twice')
  expect(called(cases, 'twice')).toEqual([
    [CREATE, null],
    ['message.receive', 'case-1'],
    ['message.receive', 'case-1'],
    [CREATE, null],
    ['message.receive', 'case-2'],
    ['message.receive', 'case-2'],
  ])
  // an answer that was on its way stays valid, and changes nothing
  await ok(says('case-1', 'cases', 'twice'))
  await world.write('twice', 'five')
  await restOf('cases', 'twice')
  expect(called(cases, 'twice').at(-1)).toEqual(['message.receive', 'case-2'])
  await cases.close()
})

test('a listener that registers create_user late gets it before the next delivery of each user', async () => {
  const late = await hearing('late', 'message.receive')
  await world.write('early', 'one')
  await late.waitFor(({ hook }) => hook === 'message.receive')
  await late.hear(world.listeners.late, CREATE)
  late.answer = ({ hook }) => (hook === CREATE ? { body: { success: true, ect_user_id: 'case-7' } } : {})
  await world.write('early', 'two')
  await world.write('early', 'three')
  await until(() => about(late, 'early').length === 4, 'four deliveries')
  expect(called(late, 'early')).toEqual([
    ['message.receive', null],
    [CREATE, null],
    ['message.receive', 'case-7'],
    ['message.receive', 'case-7'],
  ])
  await late.close()
})

describe('a listener replaces its own id', () => {
  test('by a link, and goes on using the one before for what was under way', async () => {
    const desk = await hearing('desk', CREATE, 'message.receive')
    desk.answer = ({ hook }) => (hook === CREATE ? { body: { success: true, ect_user_id: 'case-1' } } : {})
    await world.write('linked')
    await restOf('desk', 'linked')
    expect((await says('case-2', 'desk', 'linked')).body.code).toBe('user_mismatch')
    expect(await ok(link('linked', 'case-2'))).toEqual({ user_id: 'linked', ect_user_id: 'case-2' })
    await ok(link('linked', 'case-2'))
    for (const id of ['case-1', 'case-2']) await ok(says(id, 'desk', 'linked'))
    expect((await says('case-3', 'desk', 'linked')).body.code).toBe('user_mismatch')
    await world.write('linked', 'more')
    await restOf('desk', 'linked')
    expect(called(desk, 'linked').at(-1)).toEqual(['message.receive', 'case-2'])
    // what one calls it is nothing to another
    await ok(says('case-x', 'cases', 'linked'))
    expect((await says('case-1', 'cases', 'linked')).body.code).toBe('user_mismatch')
    expect((await link('nobody', 'case-1')).body.code).toBe('user_not_found')
    await desk.close()
  })

  test('by an entity_update', async () => {
    const desk = await hearing('desk', CREATE, 'message.receive')
    desk.answer = ({ hook }) => (hook === CREATE ? { body: { success: true, ect_user_id: 'case-1' } } : {})
    await world.write('updated')
    await restOf('desk', 'updated')
    const entity = { type: 'case', id: 'case-2' }
    await ok(
      world.listeners.desk.post('/tract/event/send', {
        user_id: 'updated',
        ect_user_id: 'case-2',
        type: 'aeu_events',
        subtype: 'entity_update',
        metadata: JSON.stringify({ entity }),
      }),
    )
    await ok(says('case-1', 'desk', 'updated'))
    await world.write('updated', 'more')
    await restOf('desk', 'updated')
    expect(called(desk, 'updated').at(-1)).toEqual(['message.receive', 'case-2'])
    await desk.close()
  })
})
