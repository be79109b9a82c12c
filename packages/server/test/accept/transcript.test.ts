/** The transcript, and what a desk gets of it at a pass. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'

type Name = 'iva' | 'md' | 'desk' | 'salon' | 'lounge'
type Body = Answer['body']

const KINDS = { iva: 'iva', md: 'md', desk: 'ect', salon: 'ect', lounge: 'ect' } as const
const OUT_OF_STANDBY = { desk: { standby: false }, salon: { standby: false } }

let service: TestService
let users = 0

beforeAll(async () => {
  service = await TestService.start()
})
afterAll(() => service.close())

async function start(settings: Record<string, unknown> = {}) {
  const world = await service.world<Name>(KINDS, settings, OUT_OF_STANDBY)
  const hear = (name: Name) => world.receiver(name, 'message.receive')
  const hearers = { desk: await hear('desk'), salon: await hear('salon') }
  return { world, hearers }
}

/** Conversation 1 with the salon, 2 with the desk: three messages each, and one that the assistant heard before the pass. */
async function twice(world: World<Name>): Promise<string> {
  const { listeners } = world
  const user_id = `u${++users}`
  for (const desk of ['salon', 'desk'] as const) {
    await world.write(user_id, `to ${desk} 1`)
    await world.pass(user_id, 'iva', desk)
    await ok(
      listeners[desk].post('/tract/message/send/', {
        ...{ user_id, sender: 'aeu', message_body: `from ${desk} 2` },
        agent: { id: 'a-17', name: 'Ravi' },
      }),
    )
    await world.write(user_id, `to ${desk} 3`)
    if (desk === 'salon')
      await ok(listeners.salon.post('/tract/event/send', { user_id, type: 'conversation_state', subtype: 'complete' }))
  }
  return user_id
}

const page = (by: Caller, user_id: string, more: object = {}): Promise<Body> =>
  ok(by.post('/tract/messages/list/', { user_id, ...more }))
const texts = ({ messages }: Body): string[] => messages.map(({ message_body }: Body) => message_body.text)
const ALL = ['to salon 1', 'from salon 2', 'to salon 3', 'to desk 1', 'from desk 2', 'to desk 3']

describe('the transcript', () => {
  let world: World<Name>
  let listeners: Record<Name, Caller>
  let user_id: string

  beforeAll(async () => {
    world = (await start()).world
    listeners = world.listeners
    user_id = await twice(world)
  })

  test('has every message in order, for the platform and a desk on standby', async () => {
    for (const name of ['iva', 'md', 'lounge'] as const)
      expect(texts(await page(listeners[name], user_id))).toEqual(ALL)
  })

  test('has what is known of a message', async () => {
    const said = (await page(listeners.desk, user_id, { conversation_number: '2' })).messages[1]
    const { message_id } = said
    const metadata = (more: object) => JSON.stringify({ message_id, ...more })
    const report = (subtype: string, more: object = {}) =>
      ok(listeners.md.post('/platform/event/send/', { user_id, type: 'message', subtype, metadata: metadata(more) }))
    for (const status of ['sent', 'delivered', 'sent']) await report(status)
    await report('failed', { reason: 'the line is gone' })
    expect((await page(listeners.desk, user_id, { conversation_number: '2' })).messages[1]).toEqual({
      user_id,
      message_id,
      conversation_number: '2',
      sender: 'aeu',
      listener: 'desk',
      message_body: { text: 'from desk 2', type: 'TEXT', data: { quick_replies: [] } },
      agent: { id: 'a-17', name: 'Ravi' },
      receipts: [
        { status: 'sent', listener: 'md', timestamp: expect.any(String) },
        { status: 'delivered', listener: 'md', timestamp: expect.any(String) },
        { status: 'failed', listener: 'md', reason: 'the line is gone', timestamp: expect.any(String) },
      ],
      timestamp: said.timestamp,
    })
  })

  test('of a conversation has that one only', async () => {
    expect(texts(await page(listeners.iva, user_id, { conversation_number: '1' }))).toEqual(ALL.slice(0, 3))
    expect(texts(await page(listeners.iva, user_id, { conversation_number: '2' }))).toEqual(ALL.slice(3))
  })

  test('is that of what it held, for a desk that is not on standby', async () => {
    expect(texts(await page(listeners.salon, user_id))).toEqual(ALL.slice(0, 3))
    expect(texts(await page(listeners.desk, user_id))).toEqual(ALL.slice(3))
    const { status, body } = await listeners.desk.post('/tract/messages/list/', { user_id, conversation_number: '1' })
    expect([status, body.code]).toEqual([404, 'conversation_not_found'])
  })

  test.each([
    ['iva', {}, ALL],
    ['salon', {}, ALL.slice(0, 3)],
    ['iva', { conversation_number: '2' }, ALL.slice(3)],
  ] as const)('comes in pages, forwards and backwards: %s %j', async (name, filter, expected) => {
    const forwards: string[] = []
    for (let after: number | undefined = 0; after !== undefined; ) {
      const part: Body = await page(listeners[name], user_id, { ...filter, after, limit: 2 })
      expect(part.messages.length).toBeLessThanOrEqual(2)
      forwards.push(...texts(part))
      after = part.next
    }
    expect(forwards).toEqual(expected)
    const backwards: string[] = []
    for (let before: number | undefined = 2_147_483_647; before !== undefined; ) {
      const part: Body = await page(listeners[name], user_id, { ...filter, before, limit: 2 })
      backwards.unshift(...texts(part))
      before = part.previous
    }
    expect(backwards).toEqual(expected)
  })

  test('is of a user of the organisation, and for a client with the scope', async () => {
    const others = await service.world({ iva: 'iva' })
    const { status, body } = await others.listeners.iva.post('/tract/messages/list/', { user_id })
    expect([status, body.code]).toEqual([404, 'user_not_found'])
    const narrow = await service.login(listeners.iva.credentials, 'messages:write')
    expect((await narrow.post('/tract/messages/list/', { user_id })).body.code).toBe('insufficient_scope')
  })
})

describe('at a pass a desk gets', () => {
  const history = (receiver: Receiver, user_id: string) =>
    receiver.messages().filter((body) => body.user_id === user_id && body.history)

  test('what was said in this conversation, and nothing of another desk’s', async () => {
    const { world, hearers } = await start()
    const user_id = await twice(world)
    await hearers.desk.waitFor(({ body }) => body.user_id === user_id && body.message_body.text === 'to desk 3')
    expect(history(hearers.desk, user_id).map(({ message_body }) => message_body.text)).toEqual(['to desk 1'])
    expect(history(hearers.desk, user_id)[0]).not.toHaveProperty('earlier_messages')
  })

  test('all that was said with the user, where the organisation wants it so', async () => {
    const { world, hearers } = await start({ history_scope: 'user' })
    const user_id = await twice(world)
    await hearers.desk.waitFor(({ body }) => body.user_id === user_id && body.message_body.text === 'to desk 3')
    expect(history(hearers.desk, user_id).map(({ message_body }) => message_body.text)).toEqual(ALL.slice(0, 4))
  })

  test('how many earlier messages there are, with the first', async () => {
    const { world, hearers } = await start({ history_messages: 2 })
    await world.write('many', 'of the conversation before')
    await ok(
      world.listeners.iva.post('/tract/event/send', {
        ...{ user_id: 'many', type: 'conversation_state', subtype: 'complete' },
      }),
    )
    for (let number = 1; number <= 5; number++) await world.write('many', `${number}`)
    await world.pass('many', 'iva', 'desk')
    await hearers.desk.waitFor(({ body }) => body.message_body.text === '5')
    expect(
      hearers.desk.messages().map(({ message_body, earlier_messages }) => [message_body.text, earlier_messages]),
    ).toEqual([
      ['4', 3],
      ['5', undefined],
    ])
  })

  test('nothing of the conversation before, where control comes without a conversation', async () => {
    const { world, hearers } = await start()
    const user_id = await twice(world)
    await ok(
      world.listeners.desk.post('/tract/event/send', { user_id, type: 'conversation_state', subtype: 'complete' }),
    )
    await world.pass(user_id, 'iva', 'salon')
    await world.write(user_id, 'Anybody?')
    await hearers.salon.waitFor(({ body }) => body.message_body.text === 'Anybody?')
    const heard = hearers.salon.messages().map(({ message_body }) => message_body.text)
    expect(heard.filter((text) => text.includes('desk'))).toEqual([])
  })
})
