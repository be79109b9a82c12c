/** Metadata of an event is JSON in a string: what PostgreSQL or a copy of it cannot take stands there behind an escape. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'

type Name = 'iva' | 'md' | 'desk'

const NUL = '"a\\u0000b"'
const HALF = '"a\\ud83d"'
const HUGE = '9007199254740993'

let service: TestService
let world: World<Name>
let listeners: Record<Name, Caller>
let hearer: Receiver
let users = 0

beforeAll(async () => {
  service = await TestService.start()
  world = await service.world<Name>({ iva: 'iva', md: 'md', desk: 'ect' })
  listeners = world.listeners
  const offers = ['accepted', 'declined'].map((subtype) => `thread_control.${subtype}`)
  hearer = await world.receiver('iva', 'conversation_state.complete', ...offers)
  await world.receiver('desk', 'message.receive', 'thread_control.offered')
})
afterAll(() => service.close())

async function withDesk(): Promise<string> {
  const user_id = `u${++users}`
  await world.write(user_id)
  await world.pass(user_id, 'iva', 'desk')
  return user_id
}

async function offered(): Promise<string> {
  const user_id = `u${++users}`
  await world.write(user_id)
  const offer = { user_id, type: 'offer', requester: 'iva', receiver: 'desk' }
  await ok(listeners.iva.post('/tract/thread_control/request', offer))
  return user_id
}

const send = (by: Name, user_id: string, event: string, metadata: string): Promise<Answer> => {
  const [type, subtype] = event.split('/')
  return listeners[by].post(by === 'md' ? '/platform/event/send/' : '/tract/event/send', {
    ...{ user_id, type, subtype, metadata },
  })
}

const heard = async (user_id: string, event: string): Promise<string> => {
  const hook = event.replace('/', '.')
  const { body } = await hearer.waitFor((one) => one.hook === hook && one.body.user_id === user_id, hook)
  return body.metadata
}

describe.each([
  ['U+0000', NUL, 'must not contain the character U+0000'],
  ['half a surrogate', HALF, 'must be well-formed Unicode, without half of a surrogate pair'],
])('%s is refused by name', (_, text, problem) => {
  test.each<[string, Name, string, string]>([
    ['the note of an outcome', 'desk', 'conversation_state/complete', `{"reason":"resolved","note":${text}}`],
    ['a tag of an outcome', 'desk', 'conversation_state/complete', `{"reason":"other","tags":["x",${text}]}`],
    ['the comment of a rating', 'md', 'user_events/feedback', `{"score":5,"comment":${text}}`],
    ['the reason of a deletion', 'desk', 'message/deleted', `{"message_id":2,"reason":${text}}`],
    ['the agent of an edit', 'desk', 'message/edited', `{"message_id":2,"message_body":"x","agent":{"id":${text}}}`],
  ])('in %s', async (_name, by, event, metadata) => {
    const user_id = await withDesk()
    await ok(listeners.desk.post('/tract/message/send/', { user_id, sender: 'aeu', message_body: 'Hi' }))
    const { status, body } = await send(by, user_id, event, metadata)
    expect([status, body.code]).toEqual([400, 'invalid_request'])
    expect(JSON.stringify(body.issues)).toContain(problem)
  })

  test('nowhere else: what claims no outcome is passed on as it came, and is none', async () => {
    const user_id = await withDesk()
    await ok(send('desk', user_id, 'conversation_state/complete', `{"note":${text}}`))
    expect(await heard(user_id, 'conversation_state/complete')).toContain(`{"note":${text},`)
    const { conversations } = await ok(listeners.iva.post('/tract/conversations/list/', { user_id }))
    expect(conversations[0].outcome).toEqual({ by: 'desk' })
  })

  test('and left out of a receipt, which counts all the same', async () => {
    const user_id = `u${++users}`
    await world.write(user_id)
    const { message_id } = await ok(
      listeners.iva.post('/platform/message/send/', { user_id, sender: 'iva', message_body: 'Hello' }),
    )
    await ok(send('md', user_id, 'message/failed', `{"message_id":${message_id},"reason":${text}}`))
    const { messages } = await ok(listeners.iva.post('/tract/messages/list/', { user_id }))
    expect(messages[1].receipts).toEqual([{ status: 'failed', listener: 'md', timestamp: expect.any(String) }])
  })
})

test('a control character in the agent of an edit is refused', async () => {
  const user_id = await withDesk()
  await ok(listeners.desk.post('/tract/message/send/', { user_id, sender: 'aeu', message_body: 'Hi' }))
  const agent = { id: '1', name: 'Ben\u001b[2J' }
  const edit = JSON.stringify({ message_id: 2, message_body: 'x', agent })
  const { status, body } = await send('desk', user_id, 'message/edited', edit)
  expect([status, body.issues]).toEqual([
    400,
    [{ path: '/metadata/agent', message: 'must not contain control characters' }],
  ])
})

describe('where a listener uses a name of TRACT’s own', () => {
  const order = `"order":${HUGE}`

  test.each(['accepted', 'declined'])('the numbers beside it keep their digits: %s', async (subtype) => {
    const user_id = await offered()
    await ok(send('desk', user_id, `thread_control/${subtype}`, `{"offer_number":1,${order}}`))
    expect(await heard(user_id, `thread_control/${subtype}`)).toContain(order)
  })

  test('the same of a conversation that ends', async () => {
    const user_id = await withDesk()
    await ok(send('desk', user_id, 'conversation_state/complete', `{"owner":"me",${order}}`))
    const metadata = await heard(user_id, 'conversation_state/complete')
    expect(metadata).toContain(order)
    expect(JSON.parse(metadata).owner).toBeNull()
  })
})

test.each(['thread_control/accepted', 'thread_control/declined', 'conversation_state/complete'])(
  'an object in %s that is nested deeper than 64 levels is refused',
  async (event) => {
    const nested = (levels: number) => `{"owner":1,"offer_number":1,"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
    const user_id = event.startsWith('thread') ? await offered() : await withDesk()
    const { status, body } = await send('desk', user_id, event, nested(20_000))
    expect([status, body.issues]).toEqual([
      400,
      [{ path: '/metadata', message: 'must not be nested deeper than 64 levels' }],
    ])
    expect((await send('desk', user_id, event, nested(64))).status).toBe(400)
    await ok(send('desk', user_id, event, nested(63)))
  },
)

test('text in the place of a reason is cut between characters', async () => {
  const user_id = await offered()
  await ok(send('desk', user_id, 'thread_control/declined', `x${'😀'.repeat(1_000)}`))
  const { reason } = JSON.parse(await heard(user_id, 'thread_control/declined'))
  expect(reason).toBe(`x${'😀'.repeat(511)}`)
})
