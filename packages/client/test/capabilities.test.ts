/** What a real desk needs, each capability by the calls that a vendor and the platform make with the SDK. */
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { eventCatalogue } from '@tract/contract'
import { listen, stop } from '@tract/testing/listen'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { hookParts, Tract } from '../src/index.node.js'
import { TractPlatform } from '../src/platform/index.node.js'
import { createHookReceiver, type HookName } from '../src/webhooks/index.js'

type Name = 'iva' | 'md' | 'desk' | 'other'
type Payload = Record<string, unknown>

const HOOKS = eventCatalogue
  .filter(({ type }) => type !== 'hook_events')
  .map(({ type, subtype }) => `${type}.${subtype}` as HookName)
const AGENT = { id: 'a-17', name: 'Ravi', team: 'billing' }

let service: TestService
let world: World<Name>
let iva: TractPlatform
let md: TractPlatform
let desk: Tract
let other: Tract
const servers: Server[] = []
const heard: { who: Name; hook: HookName; payload: Payload }[] = []
let users = 0
let user_id: string

beforeAll(async () => {
  service = await TestService.start()
  world = await service.world<Name>({ iva: 'iva', md: 'md', desk: 'ect', other: 'ect' })
  iva = new TractPlatform(optionsOf('iva'))
  md = new TractPlatform(optionsOf('md'))
  desk = new Tract(optionsOf('desk'))
  other = new Tract(optionsOf('other'))
  for (const [who, tract] of Object.entries({ iva, md, desk, other })) await hear(who as Name, tract)
})
afterAll(async () => {
  await Promise.all([iva, md, desk, other].map((tract) => tract.close()))
  await Promise.all(servers.map(stop))
  await service.close()
})
/** The user has written to the assistant. */
beforeEach(async () => {
  user_id = `user-${++users}`
  const user = { third_party_user_id: '+91 1', user_name: 'Asha' }
  await md.platformMessages.send({ user_id, sender: 'ceu', message_body: 'My bill is wrong', user })
})

function optionsOf(name: Name) {
  const { client_id: clientId, client_secret: clientSecret } = world.listeners[name].credentials
  return { baseUrl: service.url, clientId, clientSecret }
}

/** All of a listener's hooks come to one receiver of the SDK, which notes them. */
async function hear(who: Name, tract: Tract): Promise<void> {
  const secrets: string[] = []
  const receiver = createHookReceiver({
    secrets: () => secrets,
    handlers: {
      'user_events.create_user': () => ({ ect_user_id: `case-of-${who}` }),
    },
    fallback: (payload, { name }) => void heard.push({ who, hook: name as HookName, payload: payload as Payload }),
  })
  const server = createServer(receiver.node)
  servers.push(server)
  const url = `http://127.0.0.1:${await listen(server)}`
  for (const name of HOOKS) {
    const { signing_secret } = await tract.hooks.register({ ...hookParts(name), url })
    if (signing_secret) secrets.push(signing_secret)
  }
}

const hears = (who: Name, hook: HookName, fits: (payload: Payload) => boolean = () => true): Promise<Payload> =>
  until(
    () =>
      heard.find((one) => one.who === who && one.hook === hook && one.payload.user_id === user_id && fits(one.payload))
        ?.payload,
    `${hook} for ${who}`,
  )
const withDesk = async () => expect((await iva.threads.pass({ user_id, receiver: 'desk' })).success).toBe(true)
const say = (message_body: string, more: object = {}) =>
  desk.messages.send({ user_id, sender: 'aeu', message_body, ...more })

test('context: a pass says what the case is about', async () => {
  const context = { reason: 'billing', summary: 'The August bill has a charge that Asha does not know.' }
  await iva.threads.pass({ user_id, receiver: 'desk', context })
  expect(await hears('desk', 'thread_control.assigned')).toMatchObject({ metadata: { from: 'iva', context } })
})

test('queue and skills: a pass asks for them, and the desk says where the user waits', async () => {
  const context = { team: 'payments', skills: ['hindi', 'refunds'], priority: 'high' as const }
  await iva.threads.pass({ user_id, receiver: 'desk', context })
  expect(await hears('desk', 'thread_control.assigned')).toMatchObject({ metadata: { context } })
  const metadata = { position: 3, estimated_wait_seconds: 180 }
  await desk.events.send({ user_id, type: 'aeu_events', subtype: 'queued', metadata })
  expect(await hears('md', 'aeu_events.queued')).toMatchObject({ metadata })
})

test('availability: a closed desk says when it opens, and gets no thread', async () => {
  const reopens_at = new Date(Date.now() + 3_600_000).toISOString()
  await desk.availability.set({ status: 'closed', reopens_at, valid_for_seconds: 600 })
  expect(await iva.availability.get({ receiver: 'desk' })).toMatchObject({
    availability: [{ receiver: 'desk', status: 'closed', reopens_at }],
  })
  const refused = await iva.threads.pass({ user_id, receiver: 'desk' })
  expect(refused).toMatchObject({ success: false, reason: { code: 'receiver_closed', reopens_at } })
  await desk.availability.set({ status: 'open', valid_for_seconds: 600 })
  await withDesk()
})

test('accept or reject: who offers keeps control until one accepts', async () => {
  const offered = await iva.threads.offer({ user_id, receiver: 'desk', receivers: ['desk', 'other'] })
  expect(offered).toMatchObject({ success: true, status: 'pending', owner: 'iva' })
  await hears('desk', 'thread_control.offered')
  const metadata = { reason: 'no agent for this' }
  await desk.events.send({ user_id, type: 'thread_control', subtype: 'declined', metadata })
  expect(await hears('iva', 'thread_control.declined')).toMatchObject({ metadata: { ...metadata, next: 'other' } })
  await hears('other', 'thread_control.offered')
  await other.events.send({ user_id, type: 'thread_control', subtype: 'accepted' })
  await hears('iva', 'thread_control.accepted')
  const { listeners } = await iva.threads.listeners({ user_id })
  expect(listeners.filter(({ active }) => active).map(({ id }) => id)).toEqual(['other'])
})

test('transcript: everything that was said, in order', async () => {
  await withDesk()
  await say('Hello, how can I help?')
  const { messages } = await desk.messages.list({ user_id, conversation_number: '1' })
  expect(messages.map(({ sender, listener }) => [sender, listener])).toEqual([
    ['ceu', 'md'],
    ['aeu', 'desk'],
  ])
})

test('attachments: a file goes up, along with a message, and comes down', async () => {
  await withDesk()
  const { id } = await desk.attachments.upload(new Blob(['The bill'], { type: 'text/plain' }), { name: 'bill.txt' })
  await say('See the bill', { attachments: [{ id }] })
  const file = { id, name: 'bill.txt', size: 8 }
  expect(await hears('md', 'message.receive')).toMatchObject({ attachments: [file] })
  const { body } = await md.attachments.get(id)
  expect(await new Response(body).text()).toBe('The bill')
})

test('typing: an agent types', async () => {
  await withDesk()
  await until(async () => (await desk.messages.typing({ user_id, on: true, agent: AGENT })).told > 0, 'a lane at rest')
  expect(await hears('md', 'message.typing')).toMatchObject({ sender: 'aeu', on: true, agent: AGENT })
})

test('read: the desk read what the user wrote, and the user what the desk wrote', async () => {
  await withDesk()
  const read = { user_id, type: 'message', subtype: 'read' } as const
  await desk.events.send({ ...read, metadata: { message_id: 1 } })
  expect(await hears('md', 'message.read')).toMatchObject({ listener: 'desk', metadata: { message_id: 1 } })
  const { message_id } = await say('Hello')
  await md.platformEvents.send({ ...read, metadata: { message_id } })
  expect(await hears('desk', 'message.read')).toMatchObject({ listener: 'md', metadata: { message_id } })
})

test('edit and delete: an author says something else, or takes it back', async () => {
  await withDesk()
  const { message_id } = await say('On Thursday')
  await desk.messages.edit({ user_id, message_id, message_body: 'On Friday', agent: AGENT })
  const said = { message_id, message_body: { text: 'On Friday' }, agent: AGENT }
  expect(await hears('md', 'message.edited')).toMatchObject({ metadata: said })
  await desk.messages.delete({ user_id, message_id, reason: 'Wrong customer' })
  const deleted = { message_id, reason: 'Wrong customer' }
  expect(await hears('md', 'message.deleted')).toMatchObject({ metadata: deleted })
  const edited = { message_id: 1, message_body: { text: 'My August bill', type: 'TEXT' as const, data: {} } }
  await md.platformEvents.send({ user_id, type: 'message', subtype: 'edited', metadata: edited })
  expect(await hears('desk', 'message.edited')).toMatchObject({ metadata: edited })
})

test('agent identity: who speaks is told with the message', async () => {
  await withDesk()
  await say('Ravi here', { agent: AGENT })
  expect(await hears('md', 'message.receive')).toMatchObject({ agent: AGENT })
})

test('close reason: how it ended is passed on, and kept', async () => {
  await withDesk()
  const metadata = { reason: 'resolved', note: 'Paid back', tags: ['billing'] }
  await desk.events.send({ user_id, type: 'conversation_state', subtype: 'complete', metadata })
  expect(await hears('iva', 'conversation_state.complete')).toMatchObject({ metadata })
  const { outcome } = await iva.conversations.get({ user_id, conversation_number: '1' })
  expect(outcome).toEqual({ ...metadata, by: 'desk' })
})

test('rating: what the user thought reaches who held the conversation', async () => {
  await withDesk()
  await desk.events.send({ user_id, type: 'conversation_state', subtype: 'complete' })
  const metadata = { score: 4, resolved: true, comment: 'Quick' }
  await md.platformEvents.send({ user_id, type: 'user_events', subtype: 'feedback', metadata })
  expect(await hears('desk', 'user_events.feedback')).toMatchObject({ metadata })
  const { rating } = await desk.conversations.get({ user_id, conversation_number: '1' })
  expect(rating).toMatchObject(metadata)
})

test('agent-initiated: a desk begins with a user who has said nothing', async () => {
  user_id = 'someone-new'
  await md.users.upsert({ user_id, user_name: 'Ben' })
  expect(await desk.threads.request({ user_id, receiver: 'desk' })).toMatchObject({ success: true, owner: 'desk' })
  await say('Your order is delayed')
  expect(await hears('md', 'message.receive')).toMatchObject({ sender: 'aeu', conversation_number: '1' })
})

test('user update and erasure: hooks tell of both, and the former id is understood', async () => {
  await withDesk()
  await hears('desk', 'thread_control.assigned')
  await md.users.upsert({ user_id, third_party_user_id: '+91 2' })
  expect(await hears('desk', 'user_events.update_user')).toMatchObject({
    ...{ third_party_user_id: '+91 2', former_third_party_user_id: '+91 1', changed: ['third_party_user_id'] },
    ect_user_id: 'case-of-desk',
  })
  await say('Still here', { third_party_user_id: '+91 1' })
  await md.users.erase({ user_id })
  expect(await hears('desk', 'user_events.erase_user')).toMatchObject({ user_id, ect_user_id: 'case-of-desk' })
})
