import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  ConflictError,
  InvalidRequestError,
  isErrorOf,
  NotFoundError,
  type Tract,
  text,
  toPlainText,
} from '../src/index.node.js'
import { Desk } from './support/desk.js'

describe.each([
  ['undici', {}],
  ['fetch', { fetch: globalThis.fetch }],
])('a vendor, over %s,', (name, settings) => {
  let desk: Desk
  let tract: Tract

  beforeAll(async () => {
    desk = await Desk.open()
    tract = desk.tract(settings)
    await desk.user('asha')
  })
  afterAll(async () => {
    await tract.close()
    await desk.close()
  })

  test('looks after its hooks', async () => {
    const event = { category: 'conversation_state', subcategory: 'complete', url: 'http://127.0.0.1:9/states' } as const
    const { id, signing_secret } = await tract.hooks.register(event)
    expect(signing_secret).toMatch(/^whsec_/)
    expect((await tract.hooks.disable({ id, reason: 'moving' })).status).toBe('disabled')
    expect((await tract.hooks.enable({ id })).status).toBe('active')
    expect((await tract.hooks.rotateSecret({ id })).signing_secret).not.toBe(signing_secret)
    expect(await tract.hooks.test({ id })).toMatchObject({ acknowledged: false, error: 'connection_refused' })
    const { hooks } = await tract.hooks.list()
    const urls: string[] = []
    for await (const { url } of tract.hooks.list()) urls.push(url)
    expect(urls).toEqual(hooks.map(({ url }) => url))
    expect(urls).toContain(event.url)
    await tract.hooks.unregister({ id })
    expect((await tract.hooks.list()).hooks).toHaveLength(1)
  })

  test('knows its users', async () => {
    const user = await tract.users.get({ user_id: 'asha' })
    expect(user.user_id).toBe('asha')
    expect(await tract.users.details({ user_id: 'asha', details_requested: ['plan'] })).toMatchObject({
      unavailable: ['plan'],
    })
  })

  test('answers with text and with elements, and ends the conversation', async () => {
    const user_id = await desk.user(`elements-${name}`)
    const first = await tract.messages.send({ user_id, sender: 'aeu', message_body: 'Hello' })
    const second = await tract.messages.send({ user_id, sender: 'ect', message_body: text('Which plan?', ['Prepaid']) })
    expect(second.message_id).toBe(first.message_id + 1)
    await tract.events.send({ user_id, type: 'aeu_events', subtype: 'allocated', metadata: { agent: { id: 'a7' } } })
    expect(await tract.events.send({ user_id, type: 'conversation_state', subtype: 'complete' })).toEqual({
      success: true,
    })
  })

  test('reads who spoke, what was said and how it ended', async () => {
    const user_id = await desk.user(`spoken-${name}`)
    const agent = { id: 'a-17', name: 'Ravi', avatar_url: 'https://desk.example.com/ravi.png', team: 'billing' }
    await tract.messages.send({ user_id, sender: 'aeu', message_body: text('Paid back'), agent })
    const outcome = { reason: 'resolved', note: 'Paid back', tags: ['billing'] }
    await tract.events.send({ user_id, type: 'conversation_state', subtype: 'complete', metadata: outcome })
    const { conversation_number } = (await tract.conversations.list({ user_id })).conversations[0] ?? {}
    const conversation = await tract.conversations.get({ user_id, conversation_number: conversation_number as string })
    expect(conversation.outcome).toEqual({ ...outcome, by: 'desk' })
    const said: string[] = []
    for await (const message of tract.messages.list({ user_id, limit: 1 }))
      said.push(`${message.agent?.name ?? message.sender}: ${toPlainText(message.message_body)}`)
    expect(said).toEqual([expect.stringMatching(/^ceu: /), 'Ravi: Paid back'])
  })

  test('hears a refusal of control as a value', async () => {
    const { listeners } = await tract.threads.listeners({ user_id: 'asha' })
    expect(listeners.find(({ active }) => active)?.id).toBe('desk')
    const passed = await tract.threads.pass({ user_id: 'asha', requester: 'desk', receiver: 'iva' })
    expect(passed).toMatchObject({ success: true, owner: 'iva', status: 'done' })
    const taken = await tract.threads.take({ user_id: 'asha', requester: 'desk', receiver: 'desk' })
    if (taken.success) throw new Error('an external tool may not take')
    expect(taken.reason.code).toBe('not_primary')
    const asked = await tract.threads.request({ user_id: 'asha', requester: 'desk', receiver: 'desk' })
    expect(asked).toMatchObject({ success: true, owner: 'iva', status: 'pending' })
  })

  test('goes through all its deliveries, page by page', async () => {
    for (const user of ['one', 'two', 'three']) await desk.user(`${user}-${name}`)
    const page = await tract.deliveries.list({ limit: 2 })
    expect(page.deliveries).toHaveLength(2)
    expect(page.next).toBeDefined()
    const ids = new Set<string>()
    for await (const { id } of tract.deliveries.list({ limit: 2 })) ids.add(id)
    expect(ids.size).toBeGreaterThan(2)
    expect([...ids].slice(0, 2)).toEqual(page.deliveries.map(({ id }) => id))
    const [newest] = page.deliveries
    const { delivery } = await tract.deliveries.get({ id: newest?.id as string })
    expect(delivery.id).toBe(newest?.id)
  })

  test('gets an error of a class for each kind, with what is wrong', async () => {
    const stranger = await tract.users.get({ user_id: 'nobody' }).catch((error: unknown) => error)
    expect(stranger).toBeInstanceOf(NotFoundError)
    if (!isErrorOf('users.get', stranger)) throw stranger
    expect([stranger.code, stranger.status]).toEqual(['user_not_found', 404])
    expect(stranger.requestId).toBe(JSON.parse(stranger.response.body).request_id)
    expect(isErrorOf('users.details', stranger)).toBe(false)

    const wrong = await tract.users.get({ user_id: 5 } as never).catch((error: unknown) => error)
    expect(wrong).toBeInstanceOf(InvalidRequestError)
    expect((wrong as InvalidRequestError).issues[0]?.path).toBe('/user_id')

    const user_id = await desk.user(`given-away-${name}`)
    await tract.threads.pass({ user_id, requester: 'desk', receiver: 'iva' })
    const late = await tract.messages
      .send({ user_id, sender: 'ect', message_body: 'Hi' })
      .catch((error: unknown) => error)
    expect(late).toBeInstanceOf(ConflictError)
    expect(late).toMatchObject({ code: 'not_in_control', owner: 'iva', conversationNumber: '2', epoch: 3 })
    expect(stranger).toMatchObject({ owner: undefined, conversationNumber: undefined, epoch: undefined })
  })

  test('passes back, while its conversation is still the one', async () => {
    const user_id = await desk.user(`passed-back-${name}`)
    const passed = await tract.threads.passBack({ user_id, conversation_number: '1', context: { reason: 'solved' } })
    expect(passed).toMatchObject({ success: true, owner: 'iva' })
    const tied = { user_id, conversation_number: '1' } as const
    for (const call of [
      () => tract.threads.passBack(tied),
      () => tract.messages.send({ ...tied, sender: 'aeu', message_body: 'Hi' }),
      () => tract.events.send({ ...tied, type: 'conversation_state', subtype: 'complete' }),
    ]) {
      const over = await call().catch((error: unknown) => error)
      expect(over).toBeInstanceOf(ConflictError)
      expect(over).toMatchObject({ code: 'conversation_over', owner: 'iva', conversationNumber: '2', epoch: 3 })
    }
  })

  test('sees the answer as it came, if it wants to', async () => {
    const { data, response, requestId } = await tract.hooks.list().withResponse()
    expect(response.status).toBe(200)
    expect(response.headers['x-request-id']).toBe(requestId)
    expect(JSON.parse(response.body)).toEqual(data)
  })

  test('closes what it keeps', async () => {
    const another = desk.tract(settings)
    await another.hooks.list()
    await another.close()
  })
})
