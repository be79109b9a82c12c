/** That an author types passes, and is not kept. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'

let service: TestService
let world: World<'iva' | 'md' | 'desk' | 'salon'>
let channel: Receiver
let desk: Receiver

beforeAll(async () => {
  service = await TestService.start()
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect', salon: 'ect' })
  channel = await service.receiver()
  desk = await service.receiver()
  await channel.hear(world.listeners.md, 'message.receive', 'message.typing')
  await desk.hear(world.listeners.desk, 'user_events.create_user', 'message.receive', 'message.typing')
  desk.answer = ({ hook }) =>
    hook === 'user_events.create_user' ? { body: { success: true, ect_user_id: 'c-1' } } : {}
})
afterAll(() => service.close())

const types = (who: 'md' | 'desk' | 'salon', user_id: string, more: object = {}) =>
  world.listeners[who].post('/tract/typing/', { user_id, on: true, ...more })
const typing = (user_id: string) => ({
  ...{ conversation_number: '1', user_id, on: true },
  ...{ type: 'message', subtype: 'typing' },
})
const told = async (who: 'md' | 'desk', user_id: string) => (await ok(types(who, user_id))).told
const atRest = (who: 'md' | 'desk', user_id: string) =>
  until(async () => {
    const waiting = await ok(world.listeners[who].post('/tract/deliveries/list/', { user_id, state: 'pending' }))
    return waiting.deliveries.length === 0
  }, 'a lane at rest')
async function withDesk(user: string): Promise<string> {
  await world.write(user)
  await world.pass(user, 'iva', 'desk')
  await ok(world.listeners.desk.post('/tract/message/send/', { user_id: user, sender: 'aeu', message_body: 'Hello' }))
  await atRest('md', user)
  await atRest('desk', user)
  return user
}

test('everyone who hears the thread is told, without a number, and nothing of it is kept', async () => {
  const user = await withDesk('asha')
  const agent = { id: 'a-17', name: 'Ravi' }
  expect(await ok(types('desk', user, { agent }))).toEqual({ told: 1 })
  const toChannel = await channel.waitFor(({ hook }) => hook === 'message.typing')
  expect(toChannel.body).toEqual({ ...typing(user), sender: 'aeu', agent })
  expect(toChannel.headers).not.toHaveProperty('tract-sequence')
  expect(toChannel.attempt).toBe(1)
  expect(await ok(types('md', user))).toEqual({ told: 1 })
  const toDesk = await desk.waitFor(({ hook }) => hook === 'message.typing')
  expect(toDesk.body).toEqual({ ...typing(user), sender: 'ceu', ect_user_id: 'c-1' })
  const { deliveries } = await ok(world.listeners.desk.post('/tract/deliveries/list/', { user_id: user }))
  expect(deliveries.map(({ subcategory }: { subcategory: string }) => subcategory)).not.toContain('typing')
})

test('an author is told of once a second at most', async () => {
  const user = await withDesk('ravi')
  // however slow the machine, some second has two of them
  await until(async () => {
    const answers = await Promise.all([told('desk', user), told('desk', user)])
    return answers.includes(0) && answers.includes(1)
  }, 'one of two that is told of')
  await until(async () => (await told('desk', user)) === 1, 'the next second')
})

test('it goes to no listener that has something left to acknowledge, and is tried once', async () => {
  const user = await withDesk('noor')
  let release: (() => void) | undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  desk.answer = async ({ hook, body }) => {
    if (hook === 'message.receive' && body.user_id === user) await held
    return hook === 'message.typing' ? { status: 500 } : {}
  }
  await world.write(user, 'and more')
  expect(await told('md', user)).toBe(0)
  release?.()
  await atRest('desk', user)
  await until(async () => (await told('md', user)) === 1, 'a lane at rest, and the next second')
  const typed = () => desk.received.filter(({ hook, body }) => hook === 'message.typing' && body.user_id === user)
  await until(() => typed().length > 0, 'the attempt')
  // what fails is not tried again: what comes later is another one
  await world.write(user, 'and on')
  await desk.waitFor(({ body }) => body.message_body?.text === 'and on')
  await atRest('desk', user)
  expect(new Set(typed().map(({ id }) => id)).size).toBe(typed().length)
})

test('only the listener in control types to the user', async () => {
  const user = await withDesk('mira')
  expect((await types('salon', user)).body.code).toBe('not_in_control')
  const wrong = await types('desk', user, { on: 'yes' })
  expect(wrong.body.issues).toEqual([expect.objectContaining({ path: '/on' })])
})
