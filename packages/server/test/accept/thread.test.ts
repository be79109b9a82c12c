import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import { RETRY_POLICY } from '../../src/deliver/health/retry-policy.js'

const FAST = { retry: { ...RETRY_POLICY, delays: [20, 40, 80, 160, 320] } }

describe('what happens on a thread', () => {
  let service: TestService
  const receiver = () => service.receiver()
  const write = (md: Caller, userId: string, text: string) =>
    ok(md.post('/platform/message/send/', { user_id: userId, message_body: text, sender: 'ceu', user: {} }))
  const pass = (from: Caller, userId: string, requester: string, to: string) =>
    ok(from.post('/tract/thread_control/request', { user_id: userId, type: 'pass', requester, receiver: to }))
  const owner = async (caller: Caller, userId: string) =>
    (await ok(caller.post('/tract/thread_control/listeners/', { user_id: userId }))).listeners.find(
      (listener: { active: boolean }) => listener.active,
    )?.id

  beforeAll(async () => {
    service = await TestService.start({ delivery: FAST })
  })
  afterAll(() => service.close())

  test('keeps the ect_user_id that create_user is answered with, and sends it along from then on', async () => {
    const { organisation, listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    const desk = await receiver()
    desk.answer = ({ hook }) => ({
      body: { success: true, ...(hook === 'user_events.create_user' && { ect_user_id: 'case-9' }) },
    })
    await desk.hear(listeners.desk, 'user_events.create_user', 'message.receive')
    await write(listeners.md, 'u', 'first')
    const lanes = { organisation_id: organisation }
    await until(async () => (await service.stored.row('lanes', lanes))?.ect_user_id, 'the ect_user_id')
    await write(listeners.md, 'u', 'second')
    const second = await desk.waitFor(({ body }) => body.message_body?.text === 'second')
    expect(desk.received[0]?.hook).toBe('user_events.create_user')
    expect(second.body.ect_user_id).toBe('case-9')
  })

  test('learns an ect_user_id that the ECT sends along, and refuses another one after that', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    await (await receiver()).hear(listeners.desk, 'message.receive')
    await write(listeners.md, 'u', 'hello')
    await pass(listeners.iva, 'u', 'iva', 'desk')
    const send = (ect_user_id: string) =>
      listeners.desk.post('/tract/message/send/', { user_id: 'u', message_body: 'hi', sender: 'ect', ect_user_id })
    expect((await send('case-1')).status).toBe(200)
    expect((await send('case-2')).body.code).toBe('user_mismatch')
    expect((await send('case-1')).status).toBe(200)
  })

  test('goes on with the default once the listener in control has removed its hook for messages', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    const [iva, desk] = [await receiver(), await receiver()]
    await iva.hear(listeners.iva, 'message.receive', 'thread_control.returned')
    await desk.hear(listeners.desk, 'message.receive')
    await write(listeners.md, 'u', 'hello')
    await pass(listeners.iva, 'u', 'iva', 'desk')
    await write(listeners.md, 'u', 'for the desk')
    await desk.waitFor(({ body }) => body.message_body?.text === 'for the desk')
    const { hooks } = await ok(listeners.desk.get('/tract/hooks/list/'))
    await ok(listeners.desk.post('/tract/hooks/unregister/', { id: hooks[0].id }))
    await write(listeners.md, 'u', 'is it there?')
    expect(await owner(listeners.iva, 'u')).toBe('iva')
    const heard = await iva.waitFor(({ body }) => body.message_body?.text === 'is it there?')
    expect(heard.body.in_control).toBe(true)
    const returned = await iva.waitFor(({ hook }) => hook === 'thread_control.returned')
    expect(JSON.parse(returned.body.metadata)).toMatchObject({ from: 'desk', to: 'iva', reason: 'unreachable' })
  })

  test('gives standby listeners a copy without the hidden part of buttons', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    const [md, desk] = [await receiver(), await receiver()]
    await md.hear(listeners.md, 'message.receive')
    await desk.hear(listeners.desk, 'message.receive')
    await write(listeners.md, 'u', 'hello')
    const payload = { message: 'Prepaid', gogo_message: '{secret}' }
    const reply = { actionable_text: 'Prepaid', is_default: 0, type: 'TEXT_ONLY', payload }
    const element = { type: 'TEXT', text: 'Which plan?', data: { quick_replies: [reply] } }
    await ok(
      listeners.iva.post('/platform/message/send/', {
        user_id: 'u',
        message_body: JSON.stringify(element),
        sender: 'iva',
      }),
    )
    const copy = await desk.waitFor(({ body }) => body.sender === 'iva')
    const original = await md.waitFor(({ body }) => body.sender === 'iva')
    expect(original.body.message_body).toEqual(element)
    expect(copy.body.message_body.data.quick_replies[0].payload).toEqual({ message: 'Prepaid' })
    expect(copy.body.in_control).toBe(false)
  })

  test('passes a receipt to the author of its message, and to nobody else', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    const [iva, desk] = [await receiver(), await receiver()]
    await iva.hear(listeners.iva, 'message.delivered', 'message.receive')
    await desk.hear(listeners.desk, 'message.delivered', 'message.receive')
    await write(listeners.md, 'u', 'hello')
    const { message_id } = await ok(
      listeners.iva.post('/platform/message/send/', { user_id: 'u', message_body: 'hi', sender: 'iva' }),
    )
    const receipt = { user_id: 'u', type: 'message', subtype: 'delivered' }
    await ok(listeners.md.post('/platform/event/send/', { ...receipt, metadata: JSON.stringify({ message_id }) }))
    const received = await iva.waitFor(({ hook }) => hook === 'message.delivered')
    expect(JSON.parse(received.body.metadata)).toEqual({ message_id })
    expect(
      (await listeners.md.post('/platform/event/send/', { ...receipt, metadata: '{"message_id":99}' })).body.code,
    ).toBe('message_not_found')
    await write(listeners.md, 'u', 'last')
    await desk.waitFor(({ body }) => body.message_body?.text === 'last')
    expect(desk.received.map(({ hook }) => hook)).not.toContain('message.delivered')
  })

  test('gives a receipt the metadata that the message was sent with, to the last digit', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md' })
    const iva = await receiver()
    await iva.hear(listeners.iva, 'message.delivered', 'message.read')
    await write(listeners.md, 'u', 'hello')
    const own = '{"case":12345678901234567890,"step":"greeting"}'
    const said = `{"user_id":"u","message_body":"hi","sender":"iva","metadata":${own}}`
    const { message_id } = await ok(listeners.iva.post('/platform/message/send/', said))
    const receipt = (subtype: string, metadata: string) =>
      ok(listeners.md.post('/platform/event/send/', { user_id: 'u', type: 'message', subtype, metadata }))
    await receipt('delivered', `{"message_id": ${message_id}, "channel": 98765432109876543210}`)
    const { body } = await iva.waitFor(({ hook }) => hook === 'message.delivered')
    // jsonb has an order of its own
    const [digits, channel] = ['"case":12345678901234567890', '"channel": 98765432109876543210']
    for (const part of [digits, channel]) expect(body.metadata).toContain(part)
    expect(JSON.parse(body.metadata)).toMatchObject({ message_id, message_metadata: { step: 'greeting' } })
    // what message delivery says of it does not count
    await receipt('read', JSON.stringify({ message_id, message_metadata: { step: 'forged' } }))
    const read = await iva.waitFor(({ hook }) => hook === 'message.read')
    expect(JSON.parse(read.body.metadata).message_metadata.step).toBe('greeting')
  })

  test('returns control to the default when the listener in control cannot be reached, and tells the user', async () => {
    const { listeners } = await service.world(
      { iva: 'iva', md: 'md', desk: 'ect' },
      { unreachable_after: 1, returned_message: 'Nobody is free just now.' },
    )
    const [iva, md, desk] = [await receiver(), await receiver(), await receiver()]
    await iva.hear(listeners.iva, 'message.receive', 'thread_control.returned')
    await md.hear(listeners.md, 'message.receive')
    await desk.hear(listeners.desk, 'message.receive')
    await write(listeners.md, 'u', 'hello')
    await pass(listeners.iva, 'u', 'iva', 'desk')
    desk.answer = () => ({ status: 503 })
    await write(listeners.md, 'u', 'is anybody there')
    const returned = await iva.waitFor(({ hook }) => hook === 'thread_control.returned')
    expect(JSON.parse(returned.body.metadata)).toMatchObject({ from: 'desk', to: 'iva', reason: 'unreachable' })
    const said = await md.waitFor(({ body }) => body.sender === 'haptik')
    expect(said.body.message_body.text).toBe('Nobody is free just now.')
    expect(await owner(listeners.iva, 'u')).toBe('iva')
    const again = await pass(listeners.iva, 'u', 'iva', 'desk')
    expect(again).toMatchObject({ success: false, reason: { code: 'receiver_unreachable' } })
  })

  test('returns the threads of a listener that is disabled, and refuses its token', async () => {
    const { organisation, listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    await (await receiver()).hear(listeners.desk, 'message.receive')
    for (const user of ['u1', 'u2']) {
      await write(listeners.md, user, 'hello')
      await pass(listeners.iva, user, 'iva', 'desk')
    }
    const admin = await service.admin()
    await ok(
      admin.post('/platform/listeners/update/', { organisation_id: organisation, listener_id: 'desk', enabled: false }),
    )
    expect(await owner(listeners.iva, 'u1')).toBe('iva')
    expect(await owner(listeners.iva, 'u2')).toBe('iva')
    expect((await listeners.desk.get('/tract/hooks/list/')).body.code).toBe('token_invalid')
  })

  test('knows an assistant and a SAC as primary, whatever is set, and the setting says so', async () => {
    const { organisation, listeners } = await service.world({ iva: 'iva', md: 'md' })
    const admin = await service.admin()
    const key = { organisation_id: organisation, listener_id: 'iva' }
    const changed = await ok(admin.post('/platform/listeners/update/', { ...key, is_primary: false }))
    const sac = { ...key, listener_id: 'sac', kind: 'sac', is_primary: false }
    const created = await ok(admin.post('/platform/listeners/', sac))
    expect([changed.is_primary, created.is_primary]).toEqual([true, true])
    await write(listeners.md, 'u', 'hello')
    const known = await ok(listeners.iva.post('/tract/thread_control/listeners/', { user_id: 'u' }))
    expect(known.listeners).toMatchObject([
      { id: 'iva', is_primary: true },
      { id: 'md', is_primary: false },
      { id: 'sac', is_primary: true },
    ])
  })

  test('runs a timer that is due: a request for control that nobody answers expires', async () => {
    const { organisation, listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    const desk = await receiver()
    await desk.hear(listeners.desk, 'message.receive', 'thread_control.expired')
    await write(listeners.md, 'u', 'hello')
    const request = { user_id: 'u', type: 'request', requester: 'desk', receiver: 'iva' }
    expect(await ok(listeners.desk.post('/tract/thread_control/request', request))).toMatchObject({
      success: true,
      status: 'pending',
      owner: 'iva',
    })
    // a minute later, so to speak
    const { pending_request } = await service.stored.row('threads', { organisation_id: organisation })
    await service.stored.change(
      'threads',
      { deadline_at: ago(1), pending_request: { ...pending_request, expiresAt: Date.now() - 1 } },
      { organisation_id: organisation },
    )
    await desk.waitFor(({ hook }) => hook === 'thread_control.expired')
    expect(await owner(listeners.desk, 'u')).toBe('iva')
  })

  test('erases a user everywhere, what is on its way included, and goes on with the next number', async () => {
    const { organisation, listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    const [iva, desk] = [await receiver(), await receiver()]
    await iva.hear(listeners.iva, 'message.receive')
    await desk.hear(listeners.desk, 'message.receive')
    desk.answer = () => ({ status: 500 })
    await ok(
      listeners.md.post(
        '/platform/message/send/',
        { user_id: 'u', message_body: 'my secret', sender: 'ceu', user: { user_name: 'Asha' } },
        { 'idempotency-key': 'k1' },
      ),
    )
    await desk.waitFor(({ body }) => body.message_body?.text === 'my secret')
    expect(await ok(listeners.md.post('/platform/user/erase/', { user_id: 'u' }))).toEqual({
      success: true,
      messages: 1,
      deliveries: 2,
    })
    for (const table of ['users', 'threads', 'messages', 'events', 'lanes', 'deliveries', 'attempts'])
      expect([table, await service.stored.rows(table, { organisation_id: organisation })]).toEqual([table, []])
    const keys = await service.stored.rows('idempotency_keys', { organisation_id: organisation })
    expect(keys.filter(({ user_id }) => user_id !== null)).toEqual([])
    desk.answer = () => ({})
    expect(await write(listeners.md, 'u', 'again')).toMatchObject({ message_id: 2, conversation_number: '2' })
    await desk.waitFor(({ body }) => body.message_body?.text === 'again')
    expect(desk.received.filter(({ body }) => body.message_body.text === 'my secret').length).toBeLessThan(10)
  })

  test('disables a hook whose receiver is gone, tells the platform, and goes on in order once it is enabled', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    const [iva, desk] = [await receiver(), await receiver()]
    await iva.hear(listeners.iva, 'hook_events.disabled')
    await desk.hear(listeners.desk, 'message.receive')
    desk.answer = () => ({ status: 410 })
    await write(listeners.md, 'u', 'one')
    const told = await iva.waitFor(({ hook }) => hook === 'hook_events.disabled')
    expect(JSON.parse(told.body.metadata)).toMatchObject({
      listener: 'desk',
      category: 'message',
      subcategory: 'receive',
    })
    const hook = await until(
      async () =>
        (await ok(listeners.desk.get('/tract/hooks/list/'))).hooks.find(
          (one: { status: string }) => one.status === 'disabled',
        ),
      'the disabled hook',
    )
    expect(hook.disabled_reason).toContain('410')
    await write(listeners.md, 'u', 'two')
    desk.answer = () => ({})
    desk.received.length = 0
    await ok(listeners.desk.post('/tract/hooks/enable/', { id: hook.id }))
    await desk.waitFor(({ body }) => body.message_body?.text === 'two')
    expect(desk.messages().map(({ message_body }) => message_body.text)).toEqual(['one', 'two'])
  })

  test('numbers what many send at once without a gap, and every listener hears it in that order', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md' })
    const iva = await receiver()
    await iva.hear(listeners.iva, 'message.receive')
    await write(listeners.md, 'u', '0')
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => write(listeners.md, 'u', String(n + 1))))
    expect(answers.map(({ message_id }) => message_id).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, n) => n + 2),
    )
    await until(() => iva.messages().length === 61, 'all 61 messages')
    expect(iva.messages().map(({ message_id }) => message_id)).toEqual(Array.from({ length: 61 }, (_, n) => n + 1))
  })
})
