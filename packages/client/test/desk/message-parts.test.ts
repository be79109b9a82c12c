/** A text that takes several messages of TRACT, said, changed and taken back at the real service. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type MessageOfParts, messageParts, splitText, writeParts } from '../../src/desk/index.js'
import type { Tract } from '../../src/index.node.js'
import { Desk } from '../support/desk.js'

let desk: Desk
let tract: Tract

beforeAll(async () => {
  desk = await Desk.open()
  tract = desk.tract()
})
afterAll(async () => {
  await tract.close()
  await desk.close()
})

test('each part has a message and a key of its own, and what is done again is the same', async () => {
  const user_id = await desk.user('asha')
  const { id } = await tract.attachments.upload(new Blob(['the bill']), { name: 'bill.txt' })
  const agent = { id: 'a-1', name: 'Ravi' }
  const message: MessageOfParts = { user_id, conversation_number: '1', sender: 'aeu', agent, attachments: [{ id }] }
  const to = (idempotencyKey: string) => messageParts(tract, message, { idempotencyKey })
  const long = (end: string) => `${'the bill of May\n'.repeat(10_000)}${end}`
  const said = async () => {
    const all = []
    for await (const one of tract.messages.list({ user_id, conversation_number: '1' })) all.push(one)
    return all.filter(({ sender, deleted_at }) => sender === 'aeu' && !deleted_at)
  }
  const words = async () => (await said()).map(({ message_body }) => message_body.text).join('')

  const first = await writeParts([], splitText(long('')), to('k-1'))
  expect(await writeParts([], splitText(long('')), to('k-1'))).toEqual(first)
  expect(first.length).toBeGreaterThan(2)
  const sent = await said()
  expect(sent.map(({ message_id }) => message_id)).toEqual(first.map((part) => part.id))
  expect(sent.map(({ attachments }) => attachments?.length ?? 0)).toEqual(
    first.map((_, index) => (index === 0 ? 1 : 0)),
  )
  expect(sent.every((one) => one.agent?.name === 'Ravi')).toBe(true)

  const second = await writeParts(first, splitText(long('another end')), to('k-2'))
  expect(await words()).toBe(long('another end'))
  const third = await writeParts(second, ['short'], to('k-3'))
  expect(await words()).toBe('short')
  expect(third.map((part) => part.id)).toEqual([first[0]?.id])
  await writeParts(third, [], to('k-4'))
  expect(await said()).toEqual([])
})
