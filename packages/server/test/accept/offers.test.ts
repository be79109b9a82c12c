/** An offer of control from the call to the hooks, and its end: by an answer, by time, and by what happens beside it. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import type { Received, Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'

type Name = 'iva' | 'md' | 'desk' | 'second'
type Body = Answer['body']

let service: TestService
let world: World<Name>
let admin: Caller
let assistant: Receiver
let desk: Receiver
let second: Receiver
let users = 0
let user = ''

const ENDS = ['accepted', 'declined', 'expired', 'withdrawn'].map((name) => `thread_control.${name}`)

beforeAll(async () => {
  service = await TestService.start()
  admin = await service.admin()
  // the second desk hears nothing of the thread before it is asked
  const settings = { second: { standby: false } }
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect', second: 'ect' }, {}, settings)
  ;[assistant, desk, second] = await Promise.all([service.receiver(), service.receiver(), service.receiver()])
  const hooks = ['message.receive', 'thread_control.offered', 'thread_control.assigned', ...ENDS]
  await assistant.hear(world.listeners.iva, ...hooks)
  await desk.hear(world.listeners.desk, ...hooks)
  await second.hear(world.listeners.second, ...hooks)
})
afterAll(() => service.close())
beforeEach(async () => {
  user = `user-${++users}`
  await world.write(user)
})

const offer = (requester: Name, receiver: Name, more: object = {}) =>
  ok(
    world.listeners[requester].post('/tract/thread_control/request', {
      user_id: user,
      type: 'offer',
      requester,
      receiver,
      ...more,
    }),
  )

const answer = (from: Name, subtype: string, metadata?: object) =>
  world.listeners[from].post('/tract/event/send', {
    user_id: user,
    type: 'thread_control',
    subtype,
    ...(metadata && { metadata: JSON.stringify(metadata) }),
  })

const look = (): Promise<Body> =>
  ok(admin.get(`/platform/threads/get/?organisation_id=${world.organisation}&user_id=${user}`))

const heard = (receiver: Receiver, name: string): Promise<Received['body']> =>
  receiver
    .waitFor(({ hook, body }) => hook === `thread_control.${name}` && body.user_id === user, name)
    .then(({ body }) => ({ ...body, metadata: JSON.parse(body.metadata) }))

const endsAt = (receiver: Receiver) =>
  receiver.received.filter(({ hook, body }) => ENDS.includes(hook) && body.user_id === user).map(({ hook }) => hook)

test('the owner keeps control until the receiver accepts, which has read the conversation by then', async () => {
  const asked = await offer('iva', 'second', { expires_in: 300 })
  expect(asked).toMatchObject({ success: true, owner: 'iva', status: 'pending', epoch: 1 })
  expect(asked.offer).toEqual({ offer_number: 1, from: 'iva', to: 'second', expires_at: asked.expires_at })
  expect(Date.parse(asked.expires_at)).toBeGreaterThan(Date.now() + 200_000)

  const offered = await heard(second, 'offered')
  expect(offered.metadata).toEqual({
    from: 'iva',
    to: 'second',
    offer_number: 1,
    expires_at: asked.expires_at,
    epoch: 1,
  })
  const history = await second.waitFor(({ body }) => body.user_id === user && body.history, 'the history')
  expect(history.body).toMatchObject({ message_id: 1, in_control: false, history: true })
  expect(await look()).toMatchObject({ owner: 'iva', offer: { to: 'second', offer_number: 1 } })
  const read = (tied: object = {}) => world.listeners.second.post('/tract/messages/list/', { user_id: user, ...tied })
  expect((await read({ conversation_number: '1' })).body.code).toBe('conversation_not_found')
  expect((await read()).body.messages).toEqual([])
  const said = { user_id: user, sender: 'iva', message_body: 'One moment' }
  await ok(world.listeners.iva.post('/platform/message/send/', said))

  await ok(answer('second', 'accepted', { offer_number: 1, agent: { id: 'a-17' } }))
  expect((await heard(assistant, 'accepted')).metadata).toMatchObject({
    to: 'second',
    offer_number: 1,
    agent: { id: 'a-17' },
  })
  expect((await heard(second, 'assigned')).metadata).toMatchObject({ from: 'iva', to: 'second', reason: 'accepted' })
  await second.waitFor(({ body }) => body.user_id === user && body.message_id === 2, 'what was said in between')
  expect((await look()).owner).toBe('second')
  expect((await read({ conversation_number: '1' })).body.messages).toHaveLength(2)
  expect((await world.listeners.iva.post('/platform/message/send/', said)).body.code).toBe('not_in_control')
  expect((await answer('second', 'accepted')).status).toBe(200)
  expect(endsAt(assistant)).toEqual(['thread_control.accepted'])
})

test('one after another is asked, and each question ends once', async () => {
  expect((await offer('iva', 'desk', { receivers: ['second'], expires_in: 1 })).offer).toMatchObject({
    to: 'desk',
    next: ['second'],
  })
  await ok(answer('desk', 'declined', { reason: 'closed for lunch' }))
  expect((await heard(assistant, 'declined')).metadata).toMatchObject({
    reason: 'closed for lunch',
    offer_number: 1,
    next: 'second',
  })
  expect((await heard(second, 'offered')).metadata).toMatchObject({ offer_number: 2 })
  // the timers of the service run it out
  expect((await heard(second, 'expired')).metadata).toMatchObject({ offer_number: 2, from: 'iva' })
  expect((await heard(assistant, 'expired')).metadata).toMatchObject({ offer_number: 2 })
  expect((await look()).offer).toBeUndefined()
  const late = await answer('second', 'accepted')
  expect([late.status, late.body.code]).toEqual([409, 'no_offer'])
  expect(endsAt(assistant)).toEqual(['thread_control.declined', 'thread_control.expired'])
})

test('a pass ends it, and so does its offerer', async () => {
  await offer('iva', 'second')
  await world.pass(user, 'iva', 'desk')
  expect((await heard(second, 'withdrawn')).metadata).toMatchObject({ offer_number: 1, reason: 'passed' })
  await offer('desk', 'iva')
  await ok(answer('desk', 'withdrawn', { reason: 'solved it' }))
  const told = () => assistant.received.filter(({ hook, body }) => hook === ENDS[3] && body.user_id === user)
  await until(() => told().length === 2, 'both withdrawals')
  expect(JSON.parse(told()[1]?.body.metadata)).toMatchObject({ offer_number: 2, reason: 'solved it', from: 'desk' })
})

test('a receiver that is disabled is asked no longer', async () => {
  await offer('iva', 'second', { receivers: ['second', 'desk'] })
  const listener = { organisation_id: world.organisation, listener_id: 'second' }
  await ok(admin.post('/platform/listeners/update/', { ...listener, enabled: false }))
  expect((await heard(assistant, 'expired')).metadata).toMatchObject({ reason: 'disabled', next: 'desk' })
  expect((await heard(desk, 'offered')).metadata).toMatchObject({ offer_number: 2 })
  await ok(admin.post('/platform/listeners/update/', { ...listener, enabled: true }))
})

test('a receiver that cannot be reached is asked no longer, whichever process watches it', async () => {
  await offer('iva', 'desk', { receivers: ['second'], expires_in: 86_400 })
  await heard(desk, 'offered')
  desk.answer = () => ({ status: 503 })
  // of a lane that fails: as long ago as the organisation allows
  await world.write(user)
  const lane = { organisation_id: world.organisation, user_id: user, listener: 'desk' }
  await until(async () => (await service.stored.row('lanes', lane))?.failing_since, 'the failing lane')
  await service.stored.change('lanes', { failing_since: ago(120) }, lane)
  expect((await heard(assistant, 'expired')).metadata).toMatchObject({ reason: 'unreachable', next: 'second' })
  desk.answer = () => ({})
})

test('an offer ends within a day', async () => {
  const body = { user_id: user, requester: 'iva', receiver: 'desk' }
  const long = await world.listeners.iva.post('/tract/thread_control/request', {
    ...body,
    type: 'offer',
    expires_in: 86_401,
  })
  expect(long.body.issues[0].path).toBe('/expires_in')
})

test("another organisation's listener cannot answer", async () => {
  const other = await service.world({ desk: 'ect', md: 'md' })
  await offer('iva', 'desk')
  const body = { user_id: user, type: 'thread_control', subtype: 'accepted' }
  expect((await other.listeners.desk.post('/tract/event/send', body)).body.code).toBe('user_not_found')
  expect((await other.listeners.md.post('/platform/event/send/', body)).status).toBeGreaterThanOrEqual(400)
  expect((await look()).owner).toBe('iva')
})
