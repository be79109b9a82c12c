import { describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import {
  type HookDelivery,
  type HookGap,
  type HookHandlers,
  type HookName,
  toPlainText,
} from '../../src/webhooks/index.js'
import { channel, connect, desk, useDeliveringService, world, write } from './delivering-service.js'

useDeliveringService()

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
    '3: My bill is wrong (case-asha)', // it waited behind create_user, whose answer named the case
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
