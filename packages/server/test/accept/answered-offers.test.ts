/** What a receiver's acknowledgement of an offer says counts as its event would, and is not lost. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createHookReceiver, type OfferAnswered } from '@tract/client/webhooks'
import { type Caller, ok } from '@tract/testing/call'
import type { Behaviour, Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'

type Name = 'iva' | 'md' | 'desk'

let service: TestService
let world: World<Name>
let admin: Caller
let assistant: Receiver
let desk: Receiver
let users = 0

const HOOKS = ['accepted', 'declined', 'expired', 'assigned'].map((name) => `thread_control.${name}`)

beforeAll(async () => {
  service = await TestService.start()
  admin = await service.admin()
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
  ;[assistant, desk] = await Promise.all([service.receiver(), service.receiver()])
  await assistant.hear(world.listeners.iva, ...HOOKS, 'message.receive')
  await desk.hear(world.listeners.desk, ...HOOKS, 'message.receive', 'thread_control.offered')
})
afterAll(() => service.close())

/** A new user's thread, offered to the desk, which answers so. */
async function offered(body: object | Behaviour): Promise<string> {
  const user_id = `user-${++users}`
  const answer = typeof body === 'function' ? body : () => ({ body })
  desk.answer = (request, response) => (request.hook === 'thread_control.offered' ? answer(request, response) : {})
  await world.write(user_id)
  const offer = { user_id, type: 'offer', requester: 'iva', receiver: 'desk', expires_in: 600 }
  expect((await ok(world.listeners.iva.post('/tract/thread_control/request', offer))).status).toBe('pending')
  return user_id
}

const heard = async (receiver: Receiver, name: string, user: string) => {
  const isIt = ({ hook, body }: { hook: string; body: { user_id: string } }) =>
    hook === `thread_control.${name}` && body.user_id === user
  return JSON.parse((await receiver.waitFor(isIt, name)).body.metadata)
}

const look = (user: string) =>
  ok(admin.get(`/platform/threads/get/?organisation_id=${world.organisation}&user_id=${user}`))

test('accepted: control goes over', async () => {
  const user = await offered({ success: true, offer: 'accepted' })
  expect(await heard(desk, 'assigned', user)).toMatchObject({ from: 'iva', reason: 'accepted' })
  expect(await heard(assistant, 'accepted', user)).toMatchObject({ to: 'desk', offer_number: 1 })
  expect((await look(user)).owner).toBe('desk')
})

test('declined, with a reason of any text', async () => {
  const user = await offered({ success: true, offer: 'declined', reason: `busy \u0000${'x'.repeat(3000)}` })
  const declined = await heard(assistant, 'declined', user)
  expect(declined).toMatchObject({ offer_number: 1, reason: expect.stringMatching(/^busy \uFFFDx+$/) })
  expect(declined.reason).toHaveLength(1024)
  expect(await look(user)).toMatchObject({ owner: 'iva' })
  expect((await look(user)).offer).toBeUndefined()
})

test.each([{ offer: 'perhaps' }, { offer: true }, {}])('%j waits for an event', async (body) => {
  const user = await offered({ success: true, ...body })
  await desk.waitFor(({ hook, body: { user_id } }) => hook === 'thread_control.offered' && user_id === user)
  await world.write(user)
  await desk.waitFor(({ body: { user_id, message_id } }) => user_id === user && message_id === 2, 'what follows it')
  expect(await look(user)).toMatchObject({ owner: 'iva', offer: { to: 'desk' } })
})

test('an answer that comes again, or too late, changes nothing', async () => {
  const user = await offered({ success: true, offer: 'accepted' })
  await heard(desk, 'assigned', user)
  const isIt = ({ hook, body }: { hook: string; body: { user_id: string } }) =>
    hook === 'thread_control.offered' && body.user_id === user
  const { id } = desk.received.find(isIt) as { id: string }
  const back = { user_id: user, type: 'pass', requester: 'desk', receiver: 'iva' }
  await ok(world.listeners.desk.post('/tract/thread_control/request', back))
  await ok(world.listeners.desk.post('/tract/deliveries/replay/', { ids: [id] }))
  await desk.waitFor((received) => isIt(received) && received.id !== id, 'the replay')
  await world.write(user)
  await desk.waitFor(({ body }) => body.user_id === user && body.message_id === 2, 'what comes behind it')
  expect((await look(user)).owner).toBe('iva')
})

test('by the handler of the SDK', async () => {
  const answers: OfferAnswered[] = [{ offer: 'declined', reason: 'lunch' }, { offer: 'accepted' }]
  const { secrets } = desk
  const receiver = createHookReceiver({ secrets: Object.values(secrets) })
  receiver.on('thread_control', 'offered', ({ metadata }) => {
    expect(metadata?.offer_number).toBeGreaterThan(0)
    return answers.shift()
  })
  for (const expected of ['declined', 'accepted']) {
    const user = await offered(async ({ headers, text }) => {
      const body = Buffer.from(text)
      const answered = await receiver.receive({
        method: 'POST',
        header: (name) => headers[name] as string | undefined,
        readBody: async () => body,
      })
      return { status: answered.status, body: answered.body }
    })
    expect(await heard(assistant, expected, user)).toMatchObject({ to: 'desk' })
  }
})
