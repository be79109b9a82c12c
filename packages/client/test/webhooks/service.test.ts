/** The receiver under a service that really delivers. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { QUICK } from '../../../server/test/deliver/quick-settings.js'
import { hookParts, Tract } from '../../src/index.node.js'
import { TractPlatform } from '../../src/platform/index.node.js'
import {
  createHookReceiver,
  type HookDelivery,
  type HookGap,
  type HookHandlers,
  type HookName,
  type HookReceiverOptions,
  toPlainText,
} from '../../src/webhooks/index.js'

let service: TestService
let world: World<'channel' | 'desk'>
let desk: Tract
let channel: TractPlatform
const servers: Server[] = []

beforeAll(async () => {
  service = await TestService.start({ delivery: QUICK })
})

afterAll(() => service.close())

beforeEach(async () => {
  world = await service.world({ channel: 'md', desk: 'ect' })
  const options = (name: 'channel' | 'desk') => {
    const { client_id: clientId, client_secret: clientSecret } = world.listeners[name].credentials
    return { baseUrl: service.url, clientId, clientSecret }
  }
  desk = new Tract(options('desk'))
  channel = new TractPlatform(options('channel'))
})

afterEach(async () => {
  await Promise.all([desk.close(), channel.close()])
  await stop(servers.splice(0))
})

/** As a process ends that is killed: whatever is under way is cut. */
async function stop(ending: Server[]): Promise<void> {
  for (const server of ending) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

async function listening(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

interface Connection {
  port: number
  secrets: string[]
  ids: Record<string, string>
  heard: { name: string; payload: Record<string, unknown>; delivery: HookDelivery }[]
}

/** The desk's hooks, all at one address. What has no handler in `options` is noted. */
async function connect(names: HookName[], options: Partial<HookReceiverOptions> = {}): Promise<Connection> {
  const connection: Connection = { port: 0, secrets: [], ids: {}, heard: [] }
  const receiver = createHookReceiver({
    secrets: () => connection.secrets,
    fallback: (payload, delivery) => void connection.heard.push({ name: delivery.name, payload, delivery }),
    onError: () => {},
    ...options,
  } as HookReceiverOptions)
  const server = createServer(receiver.node)
  servers.push(server)
  connection.port = await listening(server)
  const url = `http://127.0.0.1:${connection.port}`
  for (const name of names) {
    const { id, signing_secret = '' } = await desk.hooks.register({ ...hookParts(name), url })
    connection.secrets.push(signing_secret)
    connection.ids[name] = id
  }
  return connection
}

const write = (message_body: string, more: object = {}) =>
  channel.platformMessages.send({ user_id: 'asha', sender: 'ceu', message_body, user: {}, ...more })

test('a conversation arrives in order, at one address for all hooks, each with its type', async () => {
  const told: string[] = []
  const gaps: HookGap[] = []
  const handlers: HookHandlers = {
    'user_events.create_user': ({ user_id, details_available }) => {
      told.push(`${user_id} has ${details_available?.map(({ name }) => name)}`)
      return { ect_user_id: `case-${user_id}` }
    },
    'conversation_state.incomplete': ({ metadata }) => void told.push(`incomplete, ${metadata?.owner} has it`),
    'conversation_state.pinned': ({ metadata }) => void told.push(`pinned, epoch ${metadata?.epoch}`),
    'message.receive': async ({ user_id, message_body, ect_user_id }, { id, sequence }) => {
      told.push(`${sequence}: ${toPlainText(message_body)} (${ect_user_id ?? 'not linked yet'})`)
      const answer = { user_id, sender: 'ect' as const, message_body: 'How can I help?' }
      await desk.messages.send(answer, { idempotencyKey: id })
    },
    'message.read': ({ metadata }) => void told.push(`read: ${metadata?.message_id}`),
  }
  await connect(Object.keys(handlers) as HookName[], { handlers, onGap: (gap) => void gaps.push(gap) })
  await write('My bill is wrong', { user: { details: { plan: 'Prepaid 499' } } })
  await until(() => told.length === 3, 'the first message')
  await desk.events.send({
    user_id: 'asha',
    type: 'aeu_events',
    subtype: 'allocated',
    metadata: { agent: { id: 'a-17' } },
  })
  await channel.platformEvents.send({ user_id: 'asha', type: 'message', subtype: 'read', metadata: { message_id: 2 } })
  await write('Hello?')
  await until(() => told.length === 6, 'everything')
  expect(told).toEqual([
    'asha has plan',
    'incomplete, desk has it',
    '3: My bill is wrong (not linked yet)', // it was written down before the desk had answered
    'pinned, epoch 1',
    'read: 2',
    '6: Hello? (case-asha)',
  ])
  expect(gaps).toEqual([])
})

test('a delivery whose handler fails comes again, and the next one waits for it', async () => {
  const attempts: string[] = []
  const handlers: HookHandlers = {
    'message.receive': ({ message_id }, { attempt, id }) => {
      attempts.push(`${message_id}, attempt ${attempt}`)
      if (message_id === 1 && attempt < 4) throw new Error(`not yet: ${id}`)
    },
  }
  await connect(['message.receive'], { handlers })
  await write('one')
  await write('two')
  await until(() => attempts.length === 5, 'both')
  expect(attempts).toEqual(['1, attempt 1', '1, attempt 2', '1, attempt 3', '1, attempt 4', '2, attempt 1'])
})

test('a payload that is refused is given up after 5 attempts, and the gap is reported before the next', async () => {
  const told: (string | HookGap)[] = []
  const handlers: HookHandlers = {
    'message.receive': ({ message_id }) => {
      told.push(`message ${message_id}`)
      if (message_id === 2) return { error: 'no such queue' }
    },
  }
  let listed: string[] = []
  const onGap = async (gap: HookGap) => {
    told.push(gap)
    // its end is written down before it is told
    listed = (await desk.deliveries.list({ user_id: gap.user_id, state: 'undeliverable' })).deliveries.map(
      ({ id }) => id,
    )
  }
  await connect(['message.receive'], { handlers, onGap })
  for (const words of ['one', 'two', 'three']) await write(words)
  await until(() => told.includes('message 3'), 'the message after it')
  const gap = told.at(-2) as HookGap
  expect(told).toEqual([
    'message 1',
    ...Array.from({ length: 5 }, () => 'message 2'),
    { user_id: 'asha', from: 2, to: 2, previousId: expect.any(String) },
    'message 3',
  ])
  const given = await desk.deliveries.get({ id: gap.previousId })
  expect(listed).toEqual([gap.previousId])
  expect(given.delivery.sequence).toBe(2)
  const answer = expect.stringContaining('no such queue')
  expect(given.attempts.at(-1)).toMatchObject({ status: 200, error: 'refused', answer })
})

test('of two receivers of one listener, with a hook and a store each, one hears of a gap, once, and of none that is none', async () => {
  const told: string[] = []
  let refuses = false
  const note = (where: string) => ({
    fallback: (_: unknown, { sequence }: HookDelivery) => {
      told.push(`${where} ${sequence}`)
      return refuses && where === 'receipts' ? { error: 'not now' } : undefined
    },
    onGap: ({ from, to }: HookGap) => void told.push(`${where} missing ${from} to ${to}`),
  })
  await connect(['message.receive'], note('messages'))
  await connect(['message.read'], note('receipts'))
  const read = (message_id: number) =>
    channel.platformEvents.send({ user_id: 'asha', type: 'message', subtype: 'read', metadata: { message_id } })
  const comes = (what: string) => until(() => told.at(-1) === what, what)
  await write('one')
  await comes('messages 1')
  const { message_id } = await desk.messages.send({ user_id: 'asha', sender: 'ect', message_body: 'Hello' })
  await read(message_id)
  await comes('receipts 2')
  await write('two')
  await comes('messages 3')
  await read(message_id)
  await comes('receipts 4')
  refuses = true
  await read(message_id)
  await until(async () => (await desk.deliveries.list({ state: 'undeliverable' })).deliveries.length === 1, 'its end')
  refuses = false
  // the lane is at rest by now, and what is missing is remembered
  await write('three')
  await comes('messages 6')
  await read(message_id)
  await comes('receipts 7')
  const { deliveries } = await desk.deliveries.list({ user_id: 'asha' })
  const headersOf = async (wanted: number) => {
    const { id = '' } = deliveries.find(({ sequence }) => sequence === wanted) ?? {}
    return (await desk.deliveries.get({ id })).request?.headers
  }
  const { id: missing } = deliveries.find(({ sequence }) => sequence === 5) ?? {}
  expect(await headersOf(6)).toMatchObject({ 'tract-gap': `5-5 ${missing}` })
  expect(await headersOf(7)).not.toHaveProperty('tract-gap')
  expect(told).toEqual([
    ...['messages 1', 'receipts 2', 'messages 3', 'receipts 4', ...Array.from({ length: 5 }, () => 'receipts 5')],
    ...['messages missing 5 to 5', 'messages 6', 'receipts 7'],
  ])
})

test('what is handled for longer than TRACT waits is handled once, and its answer still counts', async () => {
  let runs = 0
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const handlers: HookHandlers = {
    'user_events.create_user': async () => {
      runs++
      await finished
      return { ect_user_id: 'case-1' }
    },
  }
  const connection = await connect(['user_events.create_user', 'message.receive'], { handlers })
  await write('hello')
  const { id } = await until(
    async () => (await desk.deliveries.list({ user_id: 'asha' })).deliveries.at(-1),
    'the delivery',
  )
  const attempts = async () => (await desk.deliveries.get({ id })).attempts
  await until(async () => (await attempts()).length >= 2, 'a second attempt, when the first has had its 5 s')
  finish()
  await until(() => connection.heard[0], 'the message after it')
  await write('hello again')
  const message = await until(() => connection.heard[1], 'a message that was sent later')
  expect(message.payload).toMatchObject({ ect_user_id: 'case-1' })
  expect(runs).toBe(1)
  const [first, ...others] = await attempts()
  expect(first).toMatchObject({ error: 'timeout' })
  expect(others.pop()).toMatchObject({ status: 200 })
  for (const other of others) expect(other).toMatchObject({ status: 429, error: 'rate_limited' })
})

test('a receiver that dies half-way gets the delivery again when it is back, and nothing overtakes it', async () => {
  let begun = false
  const handlers: HookHandlers = {
    'message.receive': () => {
      begun = true
      return new Promise(() => {})
    },
  }
  const { secrets, port } = await connect(['message.receive'], { handlers })
  await write('one')
  await write('two')
  await until(() => begun, 'the first attempt')
  await stop(servers.splice(0))

  const heard: [unknown, number][] = []
  const receiver = createHookReceiver({ secrets }).on('message', 'receive', ({ message_id }, { attempt }) => {
    heard.push([message_id, attempt])
  })
  const back = createServer(receiver.node)
  servers.push(back)
  await listening(back, port)
  await until(() => heard.length === 2, 'both messages')
  expect(heard).toEqual([
    [1, expect.any(Number)],
    [2, 1],
  ])
  expect(heard[0]?.[1]).toBeGreaterThan(1)
})

describe('a secret', () => {
  test('rotates under running deliveries: the old one and the new one both verify', async () => {
    const connection = await connect(['message.receive'])
    await write('by the first')
    const { signing_secret = '' } = await desk.hooks.rotateSecret({ id: connection.ids['message.receive'] ?? '' })
    await write('still by the first')
    await until(() => connection.heard.length === 2, 'both')
    connection.secrets = [signing_secret]
    await write('by the second')
    await until(() => connection.heard.length === 3, 'the third')
  })

  test('that is wrong refuses everything: TRACT shows why, and the delivery keeps its turn', async () => {
    const connection = await connect(['message.receive'])
    const right = connection.secrets
    connection.secrets = [`whsec_${btoa('the secret of another hook')}`]
    await write('hello')
    const attempted = async () => {
      const [delivery] = (await desk.deliveries.list({ state: 'pending' })).deliveries
      return delivery && (await desk.deliveries.get({ id: delivery.id })).attempts.at(-1)
    }
    expect(await until(attempted, 'an attempt')).toMatchObject({
      status: 401,
      error: 'endpoint_4xx',
      answer: expect.stringContaining('The signature is wrong'),
    })
    expect(connection.heard).toEqual([])
    connection.secrets = right
    await until(() => connection.heard.length === 1, 'the message')
  })
})

test('a test of the hook and a replay are told from deliveries', async () => {
  const connection = await connect(['message.receive'])
  const id = connection.ids['message.receive'] ?? ''
  expect(await desk.hooks.test({ id })).toMatchObject({ acknowledged: true, status: 200 })
  await write('hello')
  await until(() => connection.heard.length === 2, 'the message')
  const first = connection.heard[1]?.delivery
  await desk.deliveries.replay({ ids: [first?.id ?? ''] })
  await until(() => connection.heard.length === 3, 'the replay')
  expect(connection.heard.map(({ delivery: { test, replay, sequence } }) => ({ test, replay, sequence }))).toEqual([
    { test: true, replay: false, sequence: undefined },
    { test: false, replay: false, sequence: 1 },
    { test: false, replay: true, sequence: 2 },
  ])
  expect(connection.heard[2]?.payload).toEqual(connection.heard[1]?.payload)
  expect(connection.heard[2]?.delivery.id).not.toBe(first?.id)
})

test('the longest message that the API takes arrives', async () => {
  const connection = await connect(['message.receive'])
  // Numbers grow the most when they are written out again.
  const shortest = '1e20'
  const numbers = Math.floor((250 * 1024) / (shortest.length + 1))
  const body = `{"user_id":"asha","sender":"ceu","message_body":"hello","user":{},"metadata":{"n":[${Array.from({ length: numbers }, () => shortest)}]}}`
  expect((await world.listeners.channel.post('/platform/message/send/', body)).status).toBe(200)
  const message = await until(() => connection.heard[0], 'the message')
  expect(message.delivery.body.length).toBeGreaterThan(1_000_000)
})
