/** Deliveries that are stored before they are acknowledged, and handled from the disk. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { type FileInbox, type FileInboxOptions, fileInbox, type InboxHandlers } from '../../src/node/index.js'
import { createHookReceiver, type HookName } from '../../src/webhooks/index.js'
import { type DeliveryOptions, signedDelivery } from '../../src/webhooks/testing.js'

const secret = 'whsec_c2VjcmV0'
let folder: string
let path: string
let inbox: FileInbox

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-inbox-'))
  path = join(folder, 'inbox.log')
})
afterEach(async () => {
  await inbox.close()
  await rm(folder, { recursive: true })
})

async function opened(handlers: InboxHandlers, options: Partial<FileInboxOptions> = {}): Promise<void> {
  inbox = await fileInbox(path, { handlers, onRefused: () => {}, onFailure: () => {}, ...options })
}
async function deliver<Name extends HookName>(name: Name, options: Omit<DeliveryOptions<Name>, 'secret'>) {
  const receiver = createHookReceiver({ secret, handlers: inbox.handlers })
  const response = await receiver.fetch(new Request('http://here/', await signedDelivery(name, { secret, ...options })))
  return { status: response.status, body: await response.json() }
}
const empty = () => until(() => inbox.size === 0, 'the inbox to be empty')
const message = (user_id: string, text: string) => ({
  payload: { user_id, message_body: { type: 'TEXT', text, data: {} } } as never,
  id: `${user_id}-${text.replace(' ', '-')}`,
})

test('a delivery is acknowledged while the desk is away, and handled by the next process, as it came', async () => {
  const failures: unknown[] = []
  const away = async () => {
    throw new Error('The desk is away.')
  }
  await opened(
    { 'message.receive': away },
    {
      onFailure: (error, { id, payload }, pauseMs) =>
        failures.push([error, id, 'user_id' in payload && payload.user_id, pauseMs > 0]),
    },
  )
  for (const text of ['one', 'two'])
    expect(await deliver('message.receive', message('asha', text))).toEqual({ status: 200, body: { success: true } })
  await until(() => failures.length > 0, 'a failure')
  expect(failures[0]).toEqual([new Error('The desk is away.'), 'asha-one', 'asha', true])
  await inbox.close()

  const seen: unknown[] = []
  await opened({
    'message.receive': ({ message_body }, { id, name, timestamp, attempt, sequence, body }, { idempotencyKey }) => {
      const { user_id } = JSON.parse(new TextDecoder().decode(body))
      seen.push([message_body.text, id, idempotencyKey, name, timestamp instanceof Date, attempt, sequence, user_id])
    },
  })
  await deliver('message.receive', message('asha', 'one')) // its answer was lost, say
  await empty()
  const expected = ['one', 'two'].map((text) => {
    const id = `asha-${text}`
    return [text, id, id, 'message.receive', true, 1, 1, 'asha']
  })
  expect(seen).toEqual(expected)
})

test("one user's deliveries stay in order over all hooks, and others' do not wait", async () => {
  const seen: string[] = []
  let isAway = true
  await opened({
    'thread_control.assigned': ({ user_id }) => {
      if (user_id === 'asha' && isAway) throw new Error('The desk is away.')
      seen.push(`${user_id} assigned`)
    },
    'message.receive': ({ user_id }) => void seen.push(`${user_id} message`),
  })
  for (const user_id of ['asha', 'ravi']) {
    await deliver('thread_control.assigned', {
      payload: { user_id, metadata: { context: { reason: 'billing' } } as never },
    })
    await deliver('message.receive', message(user_id, 'hello'))
  }
  await until(() => seen.length === 2, "the other user's")
  isAway = false
  await empty()
  expect(seen).toEqual(['ravi assigned', 'ravi message', 'asha assigned', 'asha message'])
})

test("an event's metadata is parsed, as a receiver has it, and what refuses is told with its delivery", async () => {
  const told: unknown[] = []
  await opened(
    {
      'thread_control.assigned': ({ metadata }, delivery) => {
        told.push([metadata?.context, delivery.metadata])
        throw new Error('never')
      },
    },
    {
      isRefusal: () => true,
      onRefused(error, delivery) {
        const said = delivery.name === 'thread_control.assigned' && delivery.payload.metadata?.context
        told.push([(error as Error).message, said, delivery.id])
      },
    },
  )
  const context = { reason: 'billing' }
  await deliver('thread_control.assigned', { id: 'd-1', payload: { metadata: { context } as never } })
  await empty()
  expect(told).toEqual([
    [context, JSON.stringify({ context })],
    ['never', context, 'd-1'],
  ])
})

test('once the erasure of a user is handled, nothing of what the user said is on the disk', async () => {
  const seen: string[] = []
  await opened({
    'message.receive': ({ user_id }) => void seen.push(user_id),
    'user_events.erase_user': ({ user_id }) => void seen.push(`${user_id} erased`),
  })
  await deliver('message.receive', message('asha', 'my secret'))
  await empty()
  expect(await readFile(path, 'utf8')).toContain('my secret')
  await deliver('user_events.erase_user', { id: 'd-2', payload: { user_id: 'asha' } })
  await empty()
  await inbox.close()
  expect(seen).toEqual(['asha', 'asha erased'])
  expect(await readFile(path, 'utf8')).not.toMatch(/my secret|user_id/)
})

test('without onRefused there is no inbox', async () => {
  await opened({})
  const options = { handlers: {} } as never
  await expect(fileInbox(join(folder, 'other'), options)).rejects.toThrow('onRefused is missing')
})
