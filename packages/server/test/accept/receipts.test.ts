/** Receipts of a desk: what became of a message of the user there reaches message delivery. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'

type Name = 'iva' | 'md' | 'desk' | 'salon'

let service: TestService
let world: World<Name>
let listeners: Record<Name, Caller>
let channel: Receiver
let desk: Receiver

beforeAll(async () => {
  service = await TestService.start()
  const kinds = { iva: 'iva', md: 'md', desk: 'ect', salon: 'ect' } as const
  world = await service.world<Name>(kinds, {}, { salon: { standby: false } })
  listeners = world.listeners
  channel = await service.receiver()
  desk = await service.receiver()
  await channel.hear(listeners.md, 'message.receive', 'message.delivered', 'message.read')
  await desk.hear(listeners.desk, 'message.receive')
  await desk.hear(listeners.salon, 'message.receive')
})
afterAll(() => service.close())

const report = (by: Name, user_id: string, message_id: number, subtype = 'read') =>
  listeners[by].post('/tract/event/send', {
    ...{ user_id, type: 'message', subtype },
    metadata: JSON.stringify({ message_id }),
  })

async function withDesk(user_id: string): Promise<void> {
  await world.write(user_id)
  await world.pass(user_id, 'iva', 'desk')
}

test.each(['delivered', 'read'])('%s reaches message delivery, and stands in the transcript', async (subtype) => {
  const user_id = `user-${subtype}`
  await withDesk(user_id)
  await ok(report('desk', user_id, 1, subtype))
  const { body } = await channel.waitFor((one) => one.hook === `message.${subtype}` && one.body.user_id === user_id)
  expect(body).toMatchObject({ listener: 'desk', metadata: '{"message_id":1}' })
  const { messages } = await ok(listeners.desk.post('/tract/messages/list/', { user_id }))
  expect(messages[0].receipts).toEqual([{ status: subtype, listener: 'desk', timestamp: expect.any(String) }])
})

test('of a message that is not the user’s is refused, and not kept', async () => {
  await withDesk('anna')
  await ok(listeners.desk.post('/tract/message/send/', { user_id: 'anna', sender: 'ect', message_body: 'Hi' }))
  const { status, body } = await report('desk', 'anna', 2)
  expect([status, body.code]).toEqual([403, 'event_not_allowed'])
  const { messages } = await ok(listeners.desk.post('/tract/messages/list/', { user_id: 'anna' }))
  expect(messages[1]).not.toHaveProperty('receipts')
})

test('of a desk that has held the conversation counts also once it is over, and of no other conversation', async () => {
  const user_id = 'dora'
  await world.write(user_id)
  await world.pass(user_id, 'iva', 'salon')
  await world.write(user_id)
  await ok(listeners.salon.post('/tract/event/send', { user_id, type: 'conversation_state', subtype: 'complete' }))
  await world.write(user_id)
  const { status, body } = await report('salon', user_id, 3)
  expect([status, body.code]).toEqual([404, 'message_not_found'])
  await ok(report('salon', user_id, 2))
  const { messages } = await ok(listeners.iva.post('/tract/messages/list/', { user_id }))
  expect(messages.map(({ receipts = [] }: { receipts?: object[] }) => receipts.length)).toEqual([0, 1, 0])
})

test('of a desk that does not hear the thread is of a message that is not there', async () => {
  await withDesk('ben')
  for (const message_id of [1, 99]) {
    const { status, body } = await report('salon', 'ben', message_id)
    expect([status, body.code]).toEqual([404, 'message_not_found'])
  }
})

test('sent and failed are said by message delivery alone', async () => {
  await withDesk('cy')
  for (const subtype of ['sent', 'failed'])
    expect((await report('desk', 'cy', 1, subtype)).body.code).toBe('event_not_allowed')
})
