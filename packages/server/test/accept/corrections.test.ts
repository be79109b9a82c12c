/** The author of a message edits or deletes it: who may, who hears of it and in which order, and what is kept. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'

type Name = 'iva' | 'md' | 'desk' | 'salon' | 'lounge' | 'sac' | 'watcher'
type Body = Answer['body']

const KINDS = {
  iva: 'iva',
  md: 'md',
  desk: 'ect',
  salon: 'ect',
  lounge: 'ect',
  sac: 'sac',
  watcher: 'analytics',
} as const
const HOOKS = ['message.receive', 'message.edited', 'message.deleted']

let service: TestService
let world: World<Name>
let listeners: Record<Name, Caller>
const receivers = new Map<Name, Receiver>()
let users = 0
let user_id: string

beforeAll(async () => {
  service = await TestService.start()
  world = await service.world<Name>(KINDS, {}, { desk: { standby: false }, salon: { standby: false } })
  listeners = world.listeners
  for (const name of Object.keys(KINDS) as Name[]) {
    const receiver = await world.receiver(name, ...HOOKS)
    receivers.set(name, receiver)
  }
})
afterAll(() => service.close())
/** The user has written message 1 to the assistant, who passed to the desk. */
beforeEach(async () => {
  user_id = `u${++users}`
  await world.write(user_id, 'My bill is wrong')
  await world.pass(user_id, 'iva', 'desk')
})

const say = (by: Name, message_body: unknown, more: object = {}): Promise<Body> =>
  ok(listeners[by].post('/tract/message/send/', { user_id, sender: 'aeu', message_body, ...more }))
const change = (by: Name, subtype: 'edited' | 'deleted', metadata: object, more: object = {}): Promise<Answer> =>
  listeners[by].post('/tract/event/send', {
    user_id,
    type: 'message',
    subtype,
    metadata: JSON.stringify(metadata),
    ...more,
  })
const edit = (by: Name, message_id: number, message_body: unknown, more: object = {}) =>
  change(by, 'edited', { message_id, message_body }, more)
const remove = (by: Name, message_id: number, more: object = {}) => change(by, 'deleted', { message_id }, more)
const refused = async (answer: Promise<Answer>): Promise<unknown[]> => {
  const { status, body } = await answer
  return [status, body.code]
}
const complete = () =>
  ok(listeners.desk.post('/tract/event/send', { user_id, type: 'conversation_state', subtype: 'complete' }))
const transcript = async (by: Name = 'md'): Promise<Body[]> =>
  (await ok(listeners[by].post('/tract/messages/list/', { user_id }))).messages
const element = (text: string) => ({ text, type: 'TEXT', data: { quick_replies: [] } })
const ofUser = (name: Name) => (receivers.get(name) as Receiver).received.filter(({ body }) => body.user_id === user_id)

/** Whom a correction of a message has reached, once nothing waits for any of them. */
async function told(subtype: 'edited' | 'deleted'): Promise<string[]> {
  const names = Object.keys(KINDS) as Name[]
  for (const name of names)
    await until(async () => {
      const { deliveries } = await ok(listeners[name].post('/tract/deliveries/list/', { user_id, state: 'pending' }))
      return deliveries.length === 0
    }, `all that waits for ${name}`)
  return names.filter((name) => ofUser(name).some(({ hook }) => hook === `message.${subtype}`)).sort()
}

describe('an edit', () => {
  test('goes to who hears messages of that author, in order, with what it says now', async () => {
    const { message_id } = await say('desk', 'On Thursday', { metadata: { ref: 'd-1' } })
    await ok(change('desk', 'edited', { message_id, message_body: 'On Friday', agent: { id: 'a-17', name: 'Ravi' } }))
    await say('desk', 'Anything else?')
    const md = receivers.get('md') as Receiver
    await md.waitFor(({ body }) => body.user_id === user_id && body.message_body?.text === 'Anything else?')
    const lane = ofUser('md')
    expect(lane.map(({ hook }) => hook)).toEqual(['message.receive', 'message.edited', 'message.receive'])
    expect(lane.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    const { metadata, ...event } = lane[1]?.body ?? {}
    expect(event).toMatchObject({ conversation_number: '1', type: 'message', subtype: 'edited', listener: 'desk' })
    expect(JSON.parse(metadata)).toEqual({
      ...{ message_id, message_body: element('On Friday'), agent: { id: 'a-17', name: 'Ravi' } },
      message_metadata: { ref: 'd-1' },
    })
    expect(await told('edited')).toEqual(['iva', 'lounge', 'md', 'sac', 'watcher'])
  })

  test('of a message of the user reaches the desk that has the conversation, and hides from standby what is hidden', async () => {
    const button = {
      actionable_text: 'Yes',
      is_default: 0,
      type: 'TEXT_ONLY',
      payload: { message: 'Yes', gogo_message: '{yes}' },
    }
    const asked = { text: 'Is it?', type: 'TEXT', data: { quick_replies: [button] } }
    await ok(edit('md', 1, asked))
    expect(await told('edited')).toEqual(['desk', 'iva', 'lounge', 'sac', 'watcher'])
    const payload = (name: Name) => {
      const event = ofUser(name).find(({ hook }) => hook === 'message.edited')
      return JSON.parse(event?.body.metadata).message_body.data.quick_replies[0].payload
    }
    expect(payload('desk')).toEqual({ message: 'Yes', gogo_message: '{yes}' })
    expect(payload('lounge')).toEqual({ message: 'Yes' })
  })

  test('stands in the transcript with what was said at first, and is what a next desk reads', async () => {
    const { message_id } = await say('desk', 'On Thursday')
    await ok(edit('desk', message_id, 'On Friday'))
    await ok(edit('desk', message_id, 'On Saturday'))
    expect((await transcript())[1]).toMatchObject({
      ...{ message_body: element('On Saturday'), original_body: element('On Thursday') },
      edited_at: expect.stringMatching(/Z$/),
    })
    await world.pass(user_id, 'iva', 'salon')
    const salon = receivers.get('salon') as Receiver
    const history = await salon.waitFor(({ body }) => body.user_id === user_id && body.message_id === message_id)
    expect(history.body).toMatchObject({ history: true, message_body: element('On Saturday') })
  })

  test('takes control of the conversation of the message, as a message does', async () => {
    const { message_id } = await say('desk', 'On Thursday')
    await world.pass(user_id, 'desk', 'iva')
    expect(await refused(edit('desk', message_id, 'Late'))).toEqual([409, 'conversation_over'])
    await world.pass(user_id, 'iva', 'desk')
    const other = (await say('desk', 'Hello again')).message_id
    expect(await refused(edit('desk', message_id, 'Late'))).toEqual([409, 'conversation_over'])
    expect(await refused(edit('desk', other, 'Late', { conversation_number: '1' }))).toEqual([409, 'conversation_over'])
    await world.pass(user_id, 'iva', 'salon')
    const { status, body } = await edit('desk', other, 'Late')
    expect([status, body]).toEqual([
      409,
      expect.objectContaining({ code: 'not_in_control', owner: 'salon', conversation_number: '2' }),
    ])
    expect((await transcript()).some((message) => 'edited_at' in message)).toBe(false)
  })

  test('of the user needs no control and no open conversation', async () => {
    await complete()
    await ok(edit('md', 1, 'My bill of August is wrong'))
    expect((await transcript())[0].message_body.text).toBe('My bill of August is wrong')
    expect(await told('edited')).toEqual(['desk', 'iva', 'lounge', 'sac', 'watcher'])
  })

  test('of a user is always text, as what a user writes', async () => {
    const forged = JSON.stringify({ type: 'BUTTON', text: 'Pay', data: { items: [] } })
    await ok(edit('md', 1, forged))
    expect((await transcript())[0].message_body).toEqual(element(forged))
  })

  test('does not reach a desk that may not read the conversation', async () => {
    await complete()
    await world.write(user_id, 'Another thing')
    await world.pass(user_id, 'iva', 'salon')
    await ok(edit('md', 1, 'What only the first desk knows'))
    expect(await told('edited')).toEqual(['desk', 'iva', 'lounge', 'sac', 'watcher'])
    expect(
      ofUser('salon')
        .map(({ text }) => text)
        .join(),
    ).not.toContain('only the first desk')
  })

  test('keeps every digit', async () => {
    const metadata = '{"message_id": 1, "message_body": {"type": "NEW", "amount": 9007199254740993}}'
    await ok(listeners.md.post('/tract/event/send', { user_id, type: 'message', subtype: 'edited', metadata }))
    const { text } = await (receivers.get('desk') as Receiver).waitFor(
      ({ hook, body }) => hook === 'message.edited' && body.user_id === user_id,
    )
    expect(text).toContain('9007199254740993')
  })
})

describe('a deletion', () => {
  test('removes what was said, for good, and reaches who may have a copy', async () => {
    const { message_id } = await say('desk', 'The password is swordfish')
    await ok(edit('desk', message_id, 'The password is SWORDFISH'))
    await world.pass(user_id, 'iva', 'salon')
    await ok(change('desk', 'deleted', { message_id, reason: 'Wrong customer' }))
    expect(await told('deleted')).toEqual(['iva', 'lounge', 'md', 'sac', 'salon', 'watcher'])
    const event = ofUser('salon').find(({ hook }) => hook === 'message.deleted')
    expect(JSON.parse(event?.body.metadata)).toEqual({ message_id, reason: 'Wrong customer' })
    const [, deleted] = await transcript()
    expect(deleted).toMatchObject({ message_id, message_body: element(''), deleted_at: expect.any(String) })
    expect(deleted).not.toHaveProperty('original_body')
    expect(JSON.stringify(await service.stored.rows('events', { user_id }))).not.toMatch(/swordfish/i)
    expect(await refused(edit('desk', message_id, 'Back again'))).toEqual([404, 'message_not_found'])
    await ok(remove('desk', message_id))
    expect(ofUser('salon').filter(({ hook }) => hook === 'message.deleted')).toHaveLength(1)
  })

  test('is its author’s without control, and after the end', async () => {
    const { message_id } = await say('desk', 'Oops')
    await complete()
    expect(await refused(remove('desk', message_id, { conversation_number: '1' }))).toEqual([409, 'conversation_over'])
    await ok(remove('desk', message_id))
    expect((await transcript())[1]).toHaveProperty('deleted_at')
  })

  test('is no part of what a next desk gets', async () => {
    await ok(remove('md', 1))
    await say('desk', 'I see')
    await world.pass(user_id, 'iva', 'salon')
    const salon = receivers.get('salon') as Receiver
    await salon.waitFor(({ body }) => body.user_id === user_id && body.message_id === 2)
    expect(
      ofUser('salon')
        .filter(({ hook }) => hook === 'message.receive')
        .map(({ body }) => body.message_id),
    ).toEqual([2])
  })

  test('takes the files of the message with it', async () => {
    const { id } = await ok(listeners.desk.upload(new Blob(['secret'], { type: 'text/plain' }), 'note.txt'))
    const { message_id } = await say('desk', 'See', { attachments: [{ id }] })
    expect((await listeners.md.get(`/tract/attachments/${id}`)).status).toBe(200)
    await ok(remove('desk', message_id))
    expect((await listeners.md.get(`/tract/attachments/${id}`)).status).toBe(404)
    expect((await transcript())[1]).not.toHaveProperty('attachments')
  })

  test('goes with the user', async () => {
    const { message_id } = await say('desk', 'On Thursday')
    await ok(edit('desk', message_id, 'On Friday'))
    await ok(listeners.md.post('/platform/user/erase/', { user_id }))
    for (const table of ['messages', 'events']) expect(await service.stored.rows(table, { user_id })).toEqual([])
  })
})

describe('refused is', () => {
  test('what another listener sent, in words to who hears the thread, and as not there to others', async () => {
    await say('desk', 'On Thursday')
    for (const by of ['iva', 'md', 'lounge', 'sac'] as const) {
      expect(await refused(edit(by, 2, 'Mine now'))).toEqual([403, 'event_not_allowed'])
      expect(await refused(remove(by, 2))).toEqual([403, 'event_not_allowed'])
    }
    for (const message_id of [1, 2, 99]) {
      expect(await refused(edit('salon', message_id, 'Mine now'))).toEqual([404, 'message_not_found'])
      expect(await refused(remove('salon', message_id))).toEqual([404, 'message_not_found'])
    }
  })

  test('what the service said, to every listener', async () => {
    await service.stored.change('messages', { listener: 'tract' }, { user_id, message_id: 1 })
    for (const by of ['iva', 'md', 'sac'] as const)
      expect(await refused(remove(by, 1))).toEqual([403, 'event_not_allowed'])
  })

  test.each(['', 'null', '[]', 'words', '{"message_id":1,'])('metadata that is %j', async (metadata) => {
    const sent = { user_id, type: 'message', subtype: 'deleted', metadata }
    expect(await refused(listeners.md.post('/tract/event/send', sent))).toEqual([400, 'invalid_request'])
  })

  test('an element that is nested without end', async () => {
    const deep = `{"message_id":1,"message_body":{"type":"NEW","data":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`
    const sent = { user_id, type: 'message', subtype: 'edited', metadata: deep }
    expect((await listeners.md.post('/tract/event/send', sent)).status).toBe(400)
  })
})

test('a repeated call changes nothing more', async () => {
  const { message_id } = await say('desk', 'On Thursday')
  const sent = {
    user_id,
    type: 'message',
    subtype: 'edited',
    metadata: JSON.stringify({ message_id, message_body: 'On Friday' }),
  }
  const key = { 'idempotency-key': `edit-${user_id}` }
  for (const _ of [1, 2]) await ok(listeners.desk.post('/tract/event/send', sent, key))
  const edited = await service.stored.rows('events', { user_id, subtype: 'edited' })
  expect(edited.map(({ metadata }) => metadata)).toEqual([`{"message_id":${message_id}}`])
})
