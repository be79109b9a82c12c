import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'

const SYSTEM = { type: 'SYSTEM', text: 'Ravi has left', data: { event_name: 'chat_complete' } }

let service: TestService
let desk: Receiver
let listeners: Record<'iva' | 'md' | 'desk', Caller>

beforeAll(async () => {
  service = await TestService.start()
  desk = await service.receiver()
  listeners = (await service.world({ iva: 'iva', md: 'md', desk: 'ect' })).listeners
  await desk.hear(listeners.desk, 'message.receive')
})
afterAll(() => service.close())

const send = (caller: Caller, path: string, sender: string, message_body: unknown) =>
  ok(caller.post(path, { user_id: 'u', sender, message_body, ...(sender === 'ceu' && { user: {} }) }))

const shown = async (message_id: number) =>
  (await desk.waitFor(({ body }) => body.message_id === message_id)).body.message_body

const asText = (words: string) => ({ type: 'TEXT', text: words, data: { quick_replies: [] } })

// message delivery hands on what the user typed, as it came
test.each([
  JSON.stringify(SYSTEM),
  ` \n${JSON.stringify(SYSTEM)}`,
  `\ufeff${JSON.stringify(SYSTEM)}`,
  '{"type":"BUTTON","text":"Pay","data":{"items":[{"actionable_text":"Pay","is_default":0,"uri":"LINK","payload":{"url":"https://evil.example"}}]}}',
  '{"type":"NEW"}',
  '{"type":"TEXT"}',
  '{"order": 12}',
  '[{"type":"SYSTEM"}]',
  '"quoted"',
  '12',
])('an agent is shown what a user typed, letter for letter: %j', async (words) => {
  const { message_id, warnings } = await send(listeners.md, '/platform/message/send/', 'ceu', words)
  expect(warnings).toBeUndefined()
  expect(await shown(message_id)).toEqual(asText(words))
})

test('an element of a user is given as an object', async () => {
  const card = {
    type: 'CAROUSEL',
    data: {
      image_aspect_ratio: 1,
      width: 'FAT',
      items: [{ thumbnail: { image: 'https://example.com/1.png' }, actionables: [] }],
    },
  }
  const { message_id } = await send(listeners.md, '/platform/message/send/', 'ceu', card)
  expect(await shown(message_id)).toEqual(card)
})

test('the assistant sends an element as an object, and as a string', async () => {
  for (const message_body of [SYSTEM, JSON.stringify(SYSTEM)]) {
    const { message_id } = await send(listeners.iva, '/platform/message/send/', 'iva', message_body)
    expect(await shown(message_id)).toEqual(SYSTEM)
  }
})

test('what an agent typed that is JSON and no element is text', async () => {
  const md = await service.receiver()
  await md.hear(listeners.md, 'message.receive')
  const pass = { user_id: 'u', type: 'pass', requester: 'iva', receiver: 'desk' }
  await ok(listeners.iva.post('/tract/thread_control/request', pass))
  for (const words of ['{"order": 12}', '{}', '{"type": 12}', '{"type": {"a": 1}}']) {
    const { message_id } = await send(listeners.desk, '/tract/message/send/', 'aeu', words)
    const { body } = await md.waitFor((delivery) => delivery.body.message_id === message_id)
    expect(body.message_body).toEqual(asText(words))
  }
  await md.close()
})
