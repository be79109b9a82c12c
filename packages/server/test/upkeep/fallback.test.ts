/** The assistant is dead: its conversations go to the fallback desk, which reads them from the beginning. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'

let service: TestService
beforeAll(async () => {
  service = await TestService.start()
})
afterAll(() => service.close())

const world = (settings: object) =>
  service.world({ iva: 'iva', md: 'md', desk: 'ect' }, { unreachable_after: 1, ...settings })

test('a conversation leaves a dead assistant for the fallback, and the user is told', async () => {
  const { organisation, listeners } = await world({ returned_message: 'A person will answer.' })
  const admin = await service.admin()
  const set = (fallback_listener: string | null) =>
    admin.post('/platform/organisations/update/', { organisation_id: organisation, fallback_listener })
  for (const wrong of ['iva', 'md', 'nobody']) expect((await set(wrong)).body.code).toBe('listener_not_found')
  expect((await ok(set('desk'))).fallback_listener).toBe('desk')

  const [assistant, channel, desk] = await Promise.all([Receiver.start(), Receiver.start(), Receiver.start()])
  assistant.answer = () => ({ status: 503 })
  await assistant.hear(listeners.iva, 'message.receive')
  await channel.hear(listeners.md, 'message.receive')
  await desk.hear(listeners.desk, 'message.receive', 'thread_control.returned')
  const write = (message_body: string) =>
    ok(listeners.md.post('/platform/message/send/', { user_id: 'u', message_body, sender: 'ceu', user: {} }))
  await write('Hello?')

  const returned = await desk.waitFor(({ hook }) => hook === 'thread_control.returned', 'the return')
  expect(JSON.parse(returned.body.metadata)).toMatchObject({ from: 'iva', to: 'desk', reason: 'unreachable' })
  const told = await channel.waitFor(({ body }) => body.sender === 'haptik', 'what the user is told')
  expect(told.body.message_body.text).toBe('A person will answer.')
  await write('Is anybody there?')
  await until(() => desk.messages().some(({ message_id, in_control }) => message_id === 3 && in_control), 'the next')
  expect(desk.messages().some(({ message_id }) => message_id === 1)).toBe(true)
  await Promise.all([assistant.close(), channel.close(), desk.close()])
})
