/** Conversations as rows: what control does to them, how they end, and who may see them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'

type Name = 'iva' | 'md' | 'desk' | 'salon' | 'lounge' | 'watcher'
type Body = Answer['body']

let service: TestService
let world: World<Name>
let listeners: Record<Name, Caller>
let receiver: Receiver
let users = 0

/** Two desks that hear what they hold, and one that hears all. */
const KINDS = { iva: 'iva', md: 'md', desk: 'ect', salon: 'ect', lounge: 'ect', watcher: 'analytics' } as const
const OUT_OF_STANDBY = { desk: { standby: false }, salon: { standby: false } }

beforeAll(async () => {
  service = await TestService.start()
  world = await service.world<Name>(KINDS, {}, OUT_OF_STANDBY)
  listeners = world.listeners
  receiver = await service.receiver()
  for (const name of ['iva', 'desk', 'salon', 'lounge'] as const)
    await receiver.hear(listeners[name], 'message.receive')
})
afterAll(() => service.close())

/** A user whose conversation the desk has. */
async function withDesk(): Promise<string> {
  const user_id = `u${++users}`
  await world.write(user_id)
  await world.pass(user_id, 'iva', 'desk')
  return user_id
}

const event = (by: Name, user_id: string, type: string, subtype: string, metadata?: unknown) =>
  listeners[by].post('/tract/event/send', {
    user_id,
    type,
    subtype,
    ...(metadata !== undefined && { metadata: typeof metadata === 'string' ? metadata : JSON.stringify(metadata) }),
  })
const complete = (user_id: string, metadata?: unknown) =>
  event('desk', user_id, 'conversation_state', 'complete', metadata)
const list = async (by: Name, user_id: string, more: object = {}): Promise<Body> =>
  ok(listeners[by].post('/tract/conversations/list/', { user_id, ...more }))
const get = (by: Caller, user_id: string, conversation_number = '1') =>
  by.post('/tract/conversations/get/', { user_id, conversation_number })
const latest = async (user_id: string): Promise<Body> => (await list('iva', user_id)).conversations[0]
const owners = ({ owners }: Body): string[] => owners.map(({ owner }: Body) => owner)

describe('a conversation has', () => {
  test('each owner from one change of control to the next, and its end', async () => {
    const user_id = await withDesk()
    const open = await latest(user_id)
    expect(open).toEqual({
      user_id,
      conversation_number: '1',
      opened_at: expect.any(String),
      owners: [
        { owner: 'iva', from: open.opened_at, to: expect.any(String) },
        { owner: 'desk', from: open.owners[0].to },
      ],
    })
    await ok(complete(user_id, { reason: 'resolved', note: 'Paid back', tags: ['billing'], ticket: 'T-1' }))
    const closed = await latest(user_id)
    expect(closed.outcome).toEqual({ reason: 'resolved', note: 'Paid back', tags: ['billing'], by: 'desk' })
    expect(closed.owners[1]).toEqual({ owner: 'desk', from: open.owners[0].to, to: closed.closed_at })
  })

  test('the context that came with control', async () => {
    const user_id = `u${++users}`
    await world.write(user_id)
    const context = { reason: 'billing', team: 'billing', custom: { case: 1024 } }
    const pass = { user_id, type: 'pass', requester: 'iva', receiver: 'desk', context }
    await ok(listeners.iva.post('/tract/thread_control/request', pass))
    await world.pass(user_id, 'iva', 'salon')
    const [iva, desk, salon] = (await latest(user_id)).owners
    expect([iva.context, desk.context, salon.context]).toEqual([undefined, context, undefined])
  })

  test('an owner of its own after another one of the same user, and stays as it was', async () => {
    const user_id = await withDesk()
    await ok(complete(user_id))
    const first = await latest(user_id)
    await world.write(user_id, 'Again')
    await world.pass(user_id, 'iva', 'salon')
    const { conversations } = await list('iva', user_id)
    expect(conversations.map(owners)).toEqual([
      ['iva', 'salon'],
      ['iva', 'desk'],
    ])
    expect(conversations[1]).toEqual(first)
  })

  test('nothing of a message, of an event that is passed on, or of a pass that is repeated', async () => {
    const user_id = await withDesk()
    const before = await latest(user_id)
    await world.write(user_id, 'Hello?')
    await ok(event('desk', user_id, 'aeu_events', 'allocated', {}))
    await ok(listeners.desk.post('/tract/message/send/', { user_id, sender: 'ect', message_body: 'Hi' }))
    await world.pass(user_id, 'iva', 'desk')
    expect(await latest(user_id)).toEqual(before)
  })

  test('the last hundred owners, where control went to and fro', async () => {
    const user_id = await withDesk()
    for (let pass = 0; pass < 102; pass++) await world.pass(user_id, 'iva', pass % 2 === 0 ? 'salon' : 'desk')
    const conversation = await latest(user_id)
    expect(owners(conversation).slice(-2)).toEqual(['salon', 'desk'])
    expect(conversation.owners).toHaveLength(100)
    expect(conversation.owners.filter(({ to }: Body) => to === undefined)).toHaveLength(1)
  })
})

describe('its outcome is', () => {
  test('timeout, where the desk says that the user went away', async () => {
    const user_id = await withDesk()
    await ok(event('desk', user_id, 'aeu_events', 'user_timeout'))
    expect((await latest(user_id)).outcome).toEqual({ reason: 'timeout', by: 'desk' })
  })

  test('timeout, by no listener, where nothing happened for too long', async () => {
    const idle = await service.world({ iva: 'iva', md: 'md' }, { idle_complete_after: 1 })
    await idle.write('u')
    const conversation = await until(async () => {
      const { conversations } = await ok(idle.listeners.iva.post('/tract/conversations/list/', { user_id: 'u' }))
      return conversations[0].closed_at ? conversations[0] : undefined
    }, 'the end of the conversation')
    expect(conversation.outcome).toEqual({ reason: 'timeout' })
  })

  test('transferred, where the desk passes to the assistant and the next conversation begins', async () => {
    const user_id = await withDesk()
    await world.pass(user_id, 'desk', 'iva')
    const [next, passed] = (await list('iva', user_id)).conversations
    expect([next.conversation_number, owners(next)]).toEqual(['2', ['iva']])
    expect(passed).toMatchObject({ closed_at: next.opened_at, outcome: { reason: 'transferred', by: 'desk' } })
    expect(owners(passed)).toEqual(['iva', 'desk'])
  })

  test.each([
    ['nothing said', undefined],
    ['text', 'all good'],
    ['a list', '["resolved"]'],
    ['a reason of another catalogue', { reason: 'customer happy', note: 'x' }],
    ['fields of the same name that are something else', { note: 12, tags: 'billing' }],
    ['a number for a reason', { reason: 7 }],
  ])('only who ended it, where the metadata is %s: that is passed on as it came', async (_, metadata) => {
    const user_id = await withDesk()
    await ok(complete(user_id, metadata))
    expect((await latest(user_id)).outcome).toEqual({ by: 'desk' })
  })

  test.each([
    ['note', { reason: 'resolved', note: 'x'.repeat(4_097) }],
    ['note', { reason: 'resolved', note: 12 }],
    ['tags', { reason: 'spam', tags: 'billing' }],
    ['tags', { reason: 'spam', tags: ['x'.repeat(129)] }],
    ['tags', { reason: 'other', tags: Array.from({ length: 101 }, () => 'x') }],
  ])('refused where it claims the shape and its %s does not fit, and the conversation goes on', async (field, said) => {
    const user_id = await withDesk()
    const { status, body } = await complete(user_id, said)
    expect([status, body.code, body.issues[0].path]).toEqual([400, 'invalid_request', '/metadata'])
    expect(body.error).toContain(field)
    expect(await latest(user_id)).not.toHaveProperty('closed_at')
  })
})

describe('is seen by', () => {
  test('the desk that held it, also when another one has it', async () => {
    const user_id = await withDesk()
    await world.pass(user_id, 'iva', 'salon')
    for (const name of ['desk', 'salon'] as const) expect((await get(listeners[name], user_id)).status).toBe(200)
  })

  test('a desk on standby, and the platform', async () => {
    const user_id = await withDesk()
    for (const name of ['lounge', 'iva', 'md', 'watcher'] as const) {
      expect((await list(name, user_id)).conversations).toHaveLength(1)
      expect((await get(listeners[name], user_id)).status).toBe(200)
    }
  })

  test('no desk that neither hears nor held it: it is as if it were not there', async () => {
    const user_id = await withDesk()
    expect(await list('salon', user_id)).toEqual({ conversations: [] })
    const hidden = await get(listeners.salon, user_id)
    const absent = await get(listeners.salon, user_id, '2')
    expect([hidden.status, hidden.body.code]).toEqual([404, 'conversation_not_found'])
    expect(hidden.body.error.replace('conversation 1', 'conversation 2')).toBe(absent.body.error)
  })

  test('no other organisation', async () => {
    const user_id = await withDesk()
    const { listeners: others } = await service.world({ iva: 'iva' })
    const { status, body } = await get(others.iva, user_id)
    expect([status, body.code]).toEqual([404, 'user_not_found'])
  })

  test('no client without the scope', async () => {
    const admin = await service.admin()
    const { client, client_secret } = await ok(
      admin.post('/platform/clients/', {
        ...{ organisation_id: world.organisation, listener_id: 'desk', name: 'Old' },
        scopes: ['hooks', 'messages:write', 'threads:read'],
      }),
    )
    const old = await service.login({ client_id: client.client_id, client_secret })
    expect((await get(old, await withDesk())).body.code).toBe('insufficient_scope')
  })
})

test('a list comes in pages, the newest first', async () => {
  const user_id = await withDesk()
  await ok(complete(user_id))
  for (let number = 2; number <= 3; number++) {
    await world.write(user_id)
    await world.pass(user_id, 'iva', 'desk')
    await ok(complete(user_id))
  }
  const first = await list('desk', user_id, { limit: 2 })
  const rest = await list('desk', user_id, { limit: 2, after: first.next })
  const numbers = [...first.conversations, ...rest.conversations].map(({ conversation_number }) => conversation_number)
  expect(numbers).toEqual(['3', '2', '1'])
  expect(rest).not.toHaveProperty('next')
  const { status, body } = await listeners.desk.post('/tract/conversations/list/', { user_id, after: 'first' })
  expect([status, body.issues[0].path]).toEqual([400, '/after'])
})

test('an erased user leaves none behind', async () => {
  const user_id = await withDesk()
  await ok(listeners.md.post('/platform/user/erase/', { user_id }))
  expect(await service.stored.count('conversations', { user_id })).toBe(0)
})
