/** What reaches a handler, and what its answer tells TRACT. */
import { describe, expect, jest, test } from '@jest/globals'
import { hookExamples } from '../../src/generated/hook-examples.js'
import { createHookReceiver, type HookDelivery, type HookName, toPlainText } from '../../src/webhooks/index.js'
import { sign, signedDelivery } from '../../src/webhooks/testing.js'
import { newSecret, post, watched } from './attempt.js'

const secret = newSecret()
const names = Object.keys(hookExamples) as HookName[]

describe('every hook of the contract', () => {
  test.each(names)('%s comes to its handler, known by its signed body alone', async (name) => {
    const calls: [unknown, HookDelivery][] = []
    const receiver = createHookReceiver({
      secret,
      handlers: { [name]: (payload: unknown, delivery: HookDelivery) => void calls.push([payload, delivery]) },
    })
    const { status, body } = await post(receiver, await signedDelivery(name, { secret }))
    expect([status, body]).toEqual([200, { success: true }])
    const { metadata, ...fields } = hookExamples[name] as { metadata?: string }
    const parsed = metadata === undefined ? {} : { metadata: JSON.parse(metadata) }
    expect(calls).toEqual([[{ ...fields, ...parsed }, expect.objectContaining({ name, metadata })]])
  })
})

test('on() takes the category and the subcategory, and one handler for each', async () => {
  const heard: string[] = []
  const receiver = createHookReceiver({ secret })
    .on('message', 'receive', ({ message_body }) => void heard.push(toPlainText(message_body)))
    .on('aeu_events', 'allocated', ({ metadata }) => void heard.push(metadata?.agent?.name ?? 'nobody'))
  for (const name of ['message.receive', 'aeu_events.allocated'] as const)
    await post(receiver, await signedDelivery(name, { secret }))
  expect(heard).toEqual(['My bill is wrong', 'Ravi'])
  expect(() => receiver.on('message', 'receive', () => {})).toThrow('message.receive has a handler already')
})

test('what the headers say comes along', async () => {
  const { receiver, handled } = watched({ secret })
  const options = { secret, id: 'msg_7', timestamp: Math.floor(Date.now() / 1000), attempt: 3, sequence: 7 }
  const delivery = await signedDelivery('message.receive', { ...options, previousId: 'msg_6', replay: true })
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await post(receiver, { ...delivery, headers: { ...delivery.headers, traceparent } })
  expect(handled[0]?.delivery).toEqual({
    name: 'message.receive',
    id: 'msg_7',
    timestamp: new Date(options.timestamp * 1000),
    attempt: 3,
    sequence: 7,
    previousId: 'msg_6',
    replay: true,
    test: false,
    traceparent,
    metadata: undefined,
    body: new TextEncoder().encode(delivery.body),
  })
})

test('a test of the hook, which has no place among the deliveries, is marked', async () => {
  const { receiver, handled } = watched({ secret })
  await post(receiver, await signedDelivery('message.receive', { secret, sequence: null }))
  expect(handled[0]?.delivery).toMatchObject({ test: true, sequence: undefined })
})

describe('metadata that is not what the catalogue says', () => {
  const cases = ['', 'two agents are busy', '5', 'null', '["a"]', '{"agent":', '"text"']
  test.each(cases)('%j is left out of the payload and comes as it is', async (metadata) => {
    const calls: [object, HookDelivery][] = []
    const receiver = createHookReceiver({ secret }).on('aeu_events', 'allocated', (payload, delivery) => {
      calls.push([payload, delivery])
    })
    const payload = { metadata: metadata as never }
    expect((await post(receiver, await signedDelivery('aeu_events.allocated', { secret, payload }))).status).toBe(200)
    expect(calls).toEqual([
      [expect.not.objectContaining({ metadata: expect.anything() }), expect.objectContaining({ metadata })],
    ])
  })

  test("a message's is an object and stays one", async () => {
    const { receiver, handled } = watched({ secret })
    const payload = { metadata: { source: 'campaign-12' } }
    await post(receiver, await signedDelivery('message.receive', { secret, payload }))
    expect(handled[0]?.payload).toMatchObject(payload)
  })
})

describe('what has no handler', () => {
  const later: [string, object, string][] = [
    ['an event of a later contract', { user_id: 'u', type: 'weather', subtype: 'storm', degrees: 12 }, 'weather.storm'],
    ['a hook of the contract without a handler', hookExamples['thread_control.taken'], 'thread_control.taken'],
    ['a payload of an unknown shape', { conversation_number: '1', user_id: 'u' }, 'unknown'],
    ['an empty payload', {}, 'unknown'],
  ]
  test.each(later)('%s goes to the fallback', async (_what, payload, name) => {
    const { receiver, handled } = watched({ secret, handlers: { 'message.receive': () => {} } })
    const body = JSON.stringify(payload)
    const headers = { ...(await sign({ secret, id: 'msg_1', body })) }
    expect(await post(receiver, { method: 'POST', headers, body })).toMatchObject({
      status: 200,
      body: { success: true },
    })
    expect(handled.map(({ delivery }) => delivery.name)).toEqual([name])
  })

  test.each(later)('%s is acknowledged where there is none', async (_what, payload) => {
    const body = JSON.stringify(payload)
    const headers = { ...(await sign({ secret, id: 'msg_1', body })) }
    const answer = await post(createHookReceiver({ secret }), { method: 'POST', headers, body })
    expect([answer.status, answer.body]).toEqual([200, { success: true }])
  })
})

describe('a handler', () => {
  const createUser = (handler: () => unknown) =>
    createHookReceiver({
      secret,
      onError: () => {},
      handlers: { 'user_events.create_user': handler as () => undefined },
    })
  const send = async (handler: () => unknown) =>
    post(createUser(handler), await signedDelivery('user_events.create_user', { secret }))

  test('that returns nothing acknowledges', async () => {
    expect(await send(() => undefined)).toMatchObject({ status: 200, body: { success: true } })
    expect(await send(async () => null)).toMatchObject({ status: 200, body: { success: true } })
  })

  test("that returns the user's id passes it on, and nothing else of what it returned", async () => {
    const { status, body } = await send(() => ({ ect_user_id: 'case-1', internal: 'secret', success: false }))
    expect([status, body]).toEqual([200, { success: true, ect_user_id: 'case-1' }])
  })

  test('whose id is a number has it passed on as a string, since TRACT takes no other', async () => {
    expect((await send(() => ({ ect_user_id: 1024 }))).body).toEqual({ success: true, ect_user_id: '1024' })
    expect((await send(() => ({ ect_user_id: null }))).body).toEqual({ success: true })
  })

  test('that returns an error refuses', async () => {
    const { status, body } = await send(() => ({ error: 'no such queue' }))
    expect([status, body]).toEqual([200, { success: false, error: 'no such queue' }])
  })

  test.each([new Error('secret: hunter2'), 'text', undefined, null, { status: 200 }])(
    'that throws %p fails',
    async (thrown) => {
      const { status, body } = await send(() => Promise.reject(thrown))
      expect([status, body]).toEqual([500, { success: false, error: 'The receiver failed.' }])
    },
  )

  test('that throws before it returns a promise fails as well', async () => {
    const throws = () => {
      throw new Error('at once')
    }
    expect((await send(throws)).status).toBe(500)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no log')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no log'))],
  ])('that fails is answered 500 even where onError %s', async (_what, onError) => {
    const log = jest.spyOn(console, 'error').mockImplementation(() => {})
    const receiver = createHookReceiver({ secret, onError, fallback: () => Promise.reject(new Error('queue is full')) })
    expect((await post(receiver, await signedDelivery('message.receive', { secret }))).status).toBe(500)
    expect(log).toHaveBeenCalledWith(expect.objectContaining({ message: 'no log' }))
    log.mockRestore()
  })

  test('that fails is told to onError with its delivery, or to the console', async () => {
    const told: unknown[] = []
    const error = new Error('queue is full')
    const handlers = { 'message.receive': () => Promise.reject(error) }
    const receiver = createHookReceiver({ secret, handlers, onError: (...told_) => void told.push(told_) })
    await post(receiver, await signedDelivery('message.receive', { secret, id: 'msg_1' }))
    expect(told).toEqual([[error, expect.objectContaining({ id: 'msg_1', name: 'message.receive' })]])
    const log = jest.spyOn(console, 'error').mockImplementation(() => {})
    await post(createHookReceiver({ secret, handlers }), await signedDelivery('message.receive', { secret }))
    expect(log).toHaveBeenCalledWith(expect.stringContaining('message.receive'), error)
    log.mockRestore()
  })
})
