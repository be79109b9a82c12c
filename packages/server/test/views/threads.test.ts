/** What an operator sees of threads: the list, one thread with what may be done about it, and its timeline. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ThreadDetails, ThreadList, Timeline, TimelineEntry } from '@tract/contract'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'

type Name = 'iva' | 'md' | 'desk'

let service: TestService
let receiver: Receiver
let admin: Caller
let world: World<Name>

beforeAll(async () => {
  service = await TestService.start()
  receiver = await service.receiver()
  admin = await service.admin()
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
  const { iva, md, desk } = world.listeners
  await receiver.hear(iva, 'message.receive', 'conversation_state.bot', 'conversation_state.complete')
  await receiver.hear(md, 'message.receive')
  await receiver.hear(desk, 'user_events.create_user', 'message.receive', 'thread_control.assigned')
})
afterAll(() => service.close())

const write = (userId: string, text: string) =>
  ok(
    world.listeners.md.post('/platform/message/send/', {
      user_id: userId,
      message_body: text,
      sender: 'ceu',
      user: { user_name: 'Asha' },
    }),
  )

const control = (as: Name, userId: string, type: string, receiver: string) =>
  ok(world.listeners[as].post('/tract/thread_control/request', { user_id: userId, type, requester: as, receiver }))

const query = (parameters: Record<string, string | number>) =>
  new URLSearchParams({ organisation_id: world.organisation, ...parameters } as Record<string, string>)

const list = async (parameters: Record<string, string | number> = {}): Promise<ThreadList> =>
  ok(admin.get(`/platform/threads/?${query(parameters)}`))

const get = async (userId: string): Promise<ThreadDetails> =>
  ok(admin.get(`/platform/threads/get/?${query({ user_id: userId })}`))

const timeline = async (userId: string, parameters: Record<string, string | number> = {}): Promise<Timeline> =>
  ok(admin.get(`/platform/threads/timeline/?${query({ user_id: userId, ...parameters })}`))

const settled = (userId: string) =>
  until(async () => {
    const { entries } = await timeline(userId)
    return entries.flatMap(({ deliveries }) => deliveries).every(({ state }) => state === 'delivered') ? entries : null
  }, 'that everything is delivered')

const named = ({ message, event }: TimelineEntry) =>
  message ? `${message.sender}: ${message.message_body.text}` : `${event?.type}/${event?.subtype}`

describe('the list', () => {
  beforeAll(async () => {
    for (const userId of ['list-a', 'list-b', 'list-c', 'other']) await write(userId, 'Hello')
    await control('iva', 'list-b', 'pass', 'desk')
    await settled('list-b')
  })

  test('has each thread with who is in control of it', async () => {
    const { threads } = await list({ user_id_prefix: 'list-' })
    expect(threads.map(({ user_id, state, owner }) => [user_id, state, owner])).toEqual([
      ['list-a', 'bot', 'iva'],
      ['list-b', 'incomplete', 'desk'],
      ['list-c', 'bot', 'iva'],
    ])
    expect(threads[0]).toMatchObject({ user_name: 'Asha', conversation_number: '1' })
  })

  test('is filtered by state and by controller', async () => {
    const users = async (filter: Record<string, string>) => (await list(filter)).threads.map(({ user_id }) => user_id)
    expect(await users({ controller: 'desk', user_id_prefix: 'list-' })).toEqual(['list-b'])
    expect(await users({ state: 'incomplete', user_id_prefix: 'list-' })).toEqual(['list-b'])
    expect(await users({ state: 'pinned' })).toEqual([])
  })

  test('comes in pages that leave none out and none twice', async () => {
    const users: string[] = []
    let after: string | undefined
    do {
      const page = await list({ limit: 1, user_id_prefix: 'list-', ...(after && { after }) })
      users.push(...page.threads.map(({ user_id }) => user_id))
      after = page.next
    } while (after !== undefined)
    expect(users).toEqual(['list-a', 'list-b', 'list-c'])
  })

  test('counts what waits, and for how long', async () => {
    const { desk } = world.listeners
    const hooks = await ok(desk.get('/tract/hooks/list/'))
    const { id } = hooks.hooks.find(({ subcategory }: { subcategory: string }) => subcategory === 'receive')
    await ok(desk.post('/tract/hooks/disable/', { id }))
    await write('list-d', 'Anybody there?')
    const [thread] = await until(async () => {
      const { threads } = await list({ user_id_prefix: 'list-d' })
      return threads[0]?.pending_deliveries === 1 && threads[0].lag_ms > 0 ? threads : null
    })
    expect(thread).toMatchObject({ pending_deliveries: 1 })
    await ok(desk.post('/tract/hooks/enable/', { id }))
    await until(async () => (await list({ user_id_prefix: 'list-d' })).threads[0]?.pending_deliveries === 0)
  })

  test('shows nothing of another organisation', async () => {
    const other = await service.world({ iva: 'iva' })
    const { threads } = await ok(admin.get(`/platform/threads/?organisation_id=${other.organisation}`))
    expect(threads).toEqual([])
  })
})

describe('a thread', () => {
  test('says what may be done now, as the rules would decide it', async () => {
    await write('actions', 'Hello')
    const { actions, owner, listeners } = await get('actions')
    expect(owner).toBe('iva')
    expect(listeners.filter(({ active }) => active).map(({ id }) => id)).toEqual(['iva'])
    const action = (listener: string, name: string) =>
      actions.find((candidate) => candidate.listener === listener && candidate.action === name)
    expect(action('iva', 'pass')).toEqual({ action: 'pass', listener: 'iva', receiver: 'desk', allowed: true })
    expect(action('iva', 'take')).toMatchObject({ allowed: false, reason: { code: 'unchanged' } })
    expect(action('desk', 'take')).toMatchObject({ allowed: false, reason: { code: 'not_primary' } })
    expect(action('desk', 'request')).toMatchObject({ allowed: true })
    expect(action('desk', 'allocated')).toMatchObject({ allowed: false })
    expect(actions.some(({ listener }) => listener === 'md')).toBe(false)
  })

  test('is not changed by being looked at', async () => {
    await write('looked-at', 'Hello')
    const before = await get('looked-at')
    expect(await get('looked-at')).toEqual(before)
    expect((await control('iva', 'looked-at', 'pass', 'desk')).success).toBe(true)
    expect((await get('looked-at')).owner).toBe('desk')
  })

  test('has the request that waits for an answer', async () => {
    await write('asked', 'Hello')
    await control('desk', 'asked', 'request', 'iva')
    expect((await get('asked')).pending_request).toMatchObject({ from: 'desk' })
  })

  test('is nowhere for a user that there is not', async () => {
    for (const path of ['get', 'timeline']) {
      const { status, body } = await admin.get(`/platform/threads/${path}/?${query({ user_id: 'nobody' })}`)
      expect([status, body.code]).toEqual([404, 'user_not_found'])
    }
  })
})

describe('the timeline', () => {
  test('has messages, events and control in order, the newest first, each with its deliveries', async () => {
    await write('story', 'My bill is wrong')
    await control('iva', 'story', 'pass', 'desk')
    await ok(
      world.listeners.desk.post('/tract/message/send/', {
        user_id: 'story',
        message_body: 'Ravi here',
        sender: 'aeu',
      }),
    )
    const entries = await settled('story')
    expect(entries.map(named)).toEqual([
      'aeu: Ravi here',
      'conversation_state/incomplete',
      'thread_control/assigned',
      'thread_control/released',
      'ceu: My bill is wrong',
      'conversation_state/bot',
      'thread_control/assigned',
    ])
    expect(entries.map(({ kind }) => kind)).toEqual([
      ...['message', 'event', 'control', 'control'],
      ...['message', 'event', 'control'],
    ])
    const [agent, , assigned, , user, bot, opening] = entries
    const heard = (entry: TimelineEntry | undefined) => entry?.deliveries.map(({ listener }) => listener)
    expect([agent, assigned, user, bot, opening].map(heard)).toEqual([
      ['iva', 'md'],
      ['desk'],
      ['desk', 'iva'],
      ['iva'],
      ['desk'],
    ])
    expect(opening?.deliveries[0]).toMatchObject({
      category: 'user_events',
      subcategory: 'create_user',
      sequence: 1,
      attempts: 1,
    })
    expect(agent).toMatchObject({ listener: 'desk', conversation_number: '1' })
    expect(bot).not.toHaveProperty('listener')
  })

  test('comes in pages that add up to the whole', async () => {
    for (let number = 0; number < 25; number++) await write('long', `Message ${number}`)
    const whole = await settled('long')
    const parts: TimelineEntry[] = []
    let after: string | undefined
    do {
      const page = await timeline('long', { limit: 4, ...(after && { after }) })
      parts.push(...page.entries)
      after = page.next
    } while (after !== undefined)
    expect(parts).toEqual(whole)
    expect(parts.filter(({ kind }) => kind === 'message')).toHaveLength(25)
    expect(parts.every(({ deliveries, kind }) => kind !== 'message' || deliveries.length === 2)).toBe(true)
  })

  test('shows how often a delivery was tried', async () => {
    let refused = 0
    receiver.answer = ({ body }) =>
      body.user_id === 'tried' && refused++ < 2 ? { status: 500 } : { body: { success: true } }
    await write('tried', 'Hello')
    const entries = await settled('tried')
    const attempts = entries.flatMap(({ deliveries }) => deliveries.map((delivery) => delivery.attempts))
    expect(attempts.reduce((sum, count) => sum + count - 1, 0)).toBe(2)
  })

  test('is not for a listener', async () => {
    const path = `/platform/threads/timeline/?${query({ user_id: 'story' })}`
    expect((await world.listeners.desk.get(path)).status).toBe(403)
  })

  test('refuses a cursor that no page ended with', async () => {
    for (const after of ['x', '1/2', '99999999999/01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11']) {
      expect((await admin.get(`/platform/threads/timeline/?${query({ user_id: 'story', after })}`)).status).toBe(400)
    }
  })
})
