/** A file from its upload to the hooks of the message that names it. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'
import { PNG, uploaded } from './files.js'

/** Files of a listener that wait for their message, at most, where they are small. */
const UNNAMED = 20
/** Bytes that each counts for. */
const LEAST_COUNTED = 65_536

let service: TestService
let world: World<'iva' | 'md' | 'desk' | 'other'>
const receivers = {} as Record<'iva' | 'desk', Receiver>

beforeAll(async () => {
  const most = UNNAMED * LEAST_COUNTED
  service = await TestService.start({
    environment: { TRACT_ATTACHMENT_LIMIT: String(most), TRACT_UNNAMED_ATTACHMENTS_LIMIT: String(most) },
  })
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect', other: 'ect' }, {}, { other: { standby: false } })
  for (const listener of ['iva', 'desk'] as const) {
    receivers[listener] = await world.receiver(listener, 'message.receive')
  }
})
afterAll(() => service.close())

const download = (by: 'iva' | 'md' | 'desk' | 'other', id: string, headers: Record<string, string> = {}) =>
  fetch(`${service.url}/tract/attachments/${id}`, {
    headers: { authorization: `Bearer ${world.listeners[by].token}`, ...headers },
  })

test('what is uploaded is described by its content', async () => {
  const answer = await world.listeners.md.upload(new Blob([PNG], { type: 'text/html' }), '../a/photo.html')
  expect(answer.body).toEqual({
    id: expect.any(String),
    name: 'photo.html',
    content_type: 'image/png',
    size: PNG.length,
    sha256: createHash('sha256').update(PNG).digest('hex'),
    url: `${service.url}/tract/attachments/${answer.body.id}`,
    width: 3,
    height: 2,
    expires_at: expect.any(String),
  })
})

test('a message carries its files to every hook, and they can be had there', async () => {
  const file = await uploaded(world.listeners.md, PNG, 'photo.png')
  const sent = { user_id: 'asha', message_body: 'See here', sender: 'ceu', user: {}, attachments: [{ id: file.id }] }
  // on a new thread, then on one that is remembered
  for (const count of [1, 2]) {
    await ok(world.listeners.md.post('/platform/message/send/', sent))
    const { expires_at, ...attachment } = file
    for (const [listener, receiver] of Object.entries(receivers)) {
      const { body } = await receiver.waitFor(
        (hook) => hook.body.message_id === count,
        `message ${count} at ${listener}`,
      )
      expect(body.attachments).toEqual([attachment])
      expect(body.message_type).toBe(1)
      expect(body.message_body.text).toBe('See here')
    }
  }
  for (const listener of ['md', 'iva', 'desk'] as const) {
    const answer = await download(listener, file.id)
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG)
  }
  expect((await download('other', file.id)).status).toBe(404)
})

test('files that no message names have a bounded room together, and a message that names one frees its part', async () => {
  const { listeners } = await service.world({ md: 'md', iva: 'iva', desk: 'ect' })
  const { md, desk } = listeners
  const first = await uploaded(md, 'named soon')
  for (let number = 2; number <= UNNAMED; number++) await uploaded(md, `waits ${number}`)
  const refused = await md.upload(new Blob(['one more']), 'more.txt')
  expect([refused.status, refused.body.code]).toEqual([507, 'unnamed_files_full'])
  // another listener has room of its own
  await uploaded(desk, 'of the desk')
  const message = { user_id: 'asha', message_body: 'See', sender: 'ceu', user: {}, attachments: [{ id: first.id }] }
  await ok(md.post('/platform/message/send/', message))
  await uploaded(md, 'one more')
  expect((await md.upload(new Blob(['and another']), 'more.txt')).status).toBe(507)
})
