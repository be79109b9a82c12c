import { getEventListeners } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import {
  AbortError,
  ConnectionError,
  RateLimitError,
  ServerError,
  TimeoutError,
  type Tract,
  UnexpectedResponseError,
} from '../../src/index.node.js'
import { Desk } from '../support/desk.js'
import type { Fault } from '../support/fault-proxy.js'

const SEND = '/tract/message/send/'
const TEST = '/tract/hooks/test/'
const USER = '/tract/user/'

const busy = (seconds: number): Fault => ({
  status: 429,
  headers: { 'retry-after': String(seconds), 'content-type': 'application/json', 'x-request-id': 'r' },
  body: JSON.stringify({ error: 'Too many calls.', code: 'rate_limited', request_id: 'r' }),
})
const unavailable: Fault = {
  status: 503,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: 'Not now.', code: 'unavailable', request_id: 'r' }),
}

let desk: Desk
let user_id: string

beforeAll(async () => {
  desk = await Desk.open()
  user_id = await desk.user('asha')
})
afterAll(() => desk.close())

/** The faults befall the calls of a path in turn; then all goes well. */
function befall(path: string, ...faults: (Fault | undefined)[]): void {
  const left = [...faults]
  desk.proxy.fault = (call) => (call.path === path ? left.shift() : undefined)
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect('the call').toBe('refused'),
    (error: unknown) => error,
  )

describe.each([
  ['undici', {}],
  ['fetch', { fetch: globalThis.fetch }],
])('over %s,', (name, transport) => {
  let tract: Tract

  beforeAll(() => {
    tract = desk.tract(transport)
  })
  afterEach(() => desk.proxy.reset())
  afterAll(() => tract.close())

  const send = (options = {}) => tract.messages.send({ user_id, sender: 'ect', message_body: 'Hello' }, options)

  test('a message is sent once, however often its call is made', async () => {
    const before = await send()
    befall(SEND, 'lost on the way', 'answer lost')
    const { data, response } = await send().withResponse()
    expect(data.message_id).toBe(before.message_id + 1)
    expect(response.headers['idempotency-replayed']).toBe('true')
    const keys = desk.proxy.of(SEND).map(({ headers }) => headers['idempotency-key'])
    expect(keys).toHaveLength(4)
    expect(keys[1]).toBe(keys[2])
    expect(keys[2]).toBe(keys[3])
    expect(keys[0]).not.toBe(keys[1])
  })

  test('a call goes by the key that it is given', async () => {
    const [first, second] = [await send({ idempotencyKey: `${name}-7` }), await send({ idempotencyKey: `${name}-7` })]
    expect(second).toEqual(first)
  })

  test.each(['ausgang-ü', 'событие-1', '用户-1', 'a\nb', '\ud83d'])(
    'a key may have any characters: %j',
    async (key) => {
      const idempotencyKey = `${name}-${key}`
      const [first, second] = [await send({ idempotencyKey }), await send({ idempotencyKey })]
      expect(second).toEqual(first)
      for (const end of ['用', ' ']) expect(await send({ idempotencyKey: idempotencyKey + end })).not.toEqual(first)
    },
  )

  test('two repetitions are made, or as many as are asked for', async () => {
    const lost = () => befall(SEND, ...Array<Fault>(9).fill('lost on the way'))
    lost()
    const error = await failure(send())
    expect(error).toBeInstanceOf(ConnectionError)
    expect((error as ConnectionError).cause).toHaveProperty('message')
    expect(desk.proxy.of(SEND)).toHaveLength(3)
    desk.proxy.reset()
    lost()
    expect(await failure(send({ maxRetries: 0 }))).toBeInstanceOf(ConnectionError)
    expect(desk.proxy.of(SEND)).toHaveLength(1)
  })

  test('what may not happen twice is not repeated when nobody knows whether it happened', async () => {
    const { hooks } = await tract.hooks.list()
    const id = hooks[0]?.id as string
    befall(TEST, 'answer lost')
    expect(await failure(tract.hooks.test({ id }))).toBeInstanceOf(ConnectionError)
    expect(desk.proxy.of(TEST)).toHaveLength(1)
  })

  test('what may not happen twice is repeated when the service did not begin with it', async () => {
    const { hooks } = await tract.hooks.list()
    befall(TEST, unavailable, busy(0))
    expect(await tract.hooks.test({ id: hooks[0]?.id as string })).toMatchObject({ acknowledged: false })
    expect(desk.proxy.of(TEST)).toHaveLength(3)
  })

  test('a read is repeated', async () => {
    befall(USER, 'answer lost', { status: 502, body: 'Bad gateway' })
    expect((await tract.users.get({ user_id })).user_id).toBe(user_id)
  })

  test('the service says how long to wait', async () => {
    befall(SEND, busy(1))
    const startedAt = performance.now()
    await send()
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000)
  })

  test('what would wait too long fails at once, and says how long', async () => {
    befall(SEND, busy(3600))
    const error = (await failure(send())) as RateLimitError
    expect(error).toBeInstanceOf(RateLimitError)
    expect([error.code, error.retryAfter]).toEqual(['rate_limited', 3600])
    expect(desk.proxy.of(SEND)).toHaveLength(1)
  })

  test('a service that is not there for long says so, too', async () => {
    befall(SEND, { ...unavailable, headers: { ...unavailable.headers, 'retry-after': '3600' } })
    const error = (await failure(send())) as ServerError
    expect(error).toBeInstanceOf(ServerError)
    expect([error.code, error.retryAfter]).toEqual(['unavailable', 3600])
  })

  test('the last answer is the error, when repetition did not help', async () => {
    befall(SEND, unavailable, unavailable, unavailable)
    const error = (await failure(send())) as ServerError
    expect(error).toBeInstanceOf(ServerError)
    expect([error.code, error.message]).toEqual(['unavailable', 'Not now.'])
  })

  test('a refusal is not repeated', async () => {
    await failure(tract.users.get({ user_id: 'nobody' }))
    expect(desk.proxy.of(USER)).toHaveLength(1)
  })

  test('an attempt that takes too long is broken off, and made again', async () => {
    befall(USER, 'silence')
    // on a busy machine another one may take too long as well
    const often = { timeout: 300, totalTimeout: Number.POSITIVE_INFINITY, maxRetries: 100 }
    expect((await tract.users.get({ user_id }, often)).user_id).toBe(user_id)
    expect(desk.proxy.of(USER).length).toBeGreaterThanOrEqual(2)
  })

  test('a call ends when all its time is up', async () => {
    befall(USER, ...Array<Fault>(9).fill('silence'))
    const error = await failure(tract.users.get({ user_id }, { timeout: 400, totalTimeout: 900, maxRetries: 9 }))
    expect(error).toBeInstanceOf(TimeoutError)
    // there is time for this many, and for ten by the number alone
    expect(desk.proxy.of(USER).length).toBeLessThanOrEqual(3)
  })

  test('a call may take for ever', async () => {
    const forever = { timeout: Number.POSITIVE_INFINITY, totalTimeout: Number.POSITIVE_INFINITY, maxRetries: 0 }
    expect((await tract.users.get({ user_id }, forever)).user_id).toBe(user_id)
    const fresh = desk.tract({ ...transport, ...forever })
    expect((await fresh.users.get({ user_id })).user_id).toBe(user_id)
    await fresh.close()
  })

  test('a call ends when it is aborted: before, while it is made, and while it waits', async () => {
    const reason = new Error('the agent went home')
    const early = await failure(tract.users.get({ user_id }, { signal: AbortSignal.abort(reason) }))
    expect(early).toBeInstanceOf(AbortError)
    expect((early as AbortError).cause).toBe(reason)
    expect(desk.proxy.of(USER)).toHaveLength(0)

    for (const fault of ['silence', busy(20)] as const) {
      const controller = new AbortController()
      desk.proxy.fault = ({ path }) => {
        if (path !== USER) return undefined
        setTimeout(() => controller.abort(reason), 20)
        return fault
      }
      const error = await failure(tract.users.get({ user_id }, { signal: controller.signal }))
      expect([(error as AbortError).name, (error as AbortError).cause]).toEqual(['AbortError', reason])
    }
  })

  test('a signal has one listener for all the calls that it ends, and none once they are over', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const listeners = () => getEventListeners(signal, 'abort').length
    const calls = (count: number) => Array.from({ length: count }, () => tract.users.get({ user_id }, { signal }))
    await Promise.all(calls(20))
    expect(listeners()).toBe(0)
    desk.proxy.reset()
    desk.proxy.fault = ({ path }) => (path === USER ? 'silence' : undefined)
    const ended = Promise.all(calls(20).map(failure))
    await until(() => desk.proxy.of(USER).length === 20, 'all of them to be under way')
    expect(listeners()).toBe(1)
    controller.abort()
    expect((await ended).every((error) => error instanceof AbortError)).toBe(true)
    expect(listeners()).toBe(0)
  })

  test('an answer of somebody else is told from one of the service', async () => {
    for (const fault of [
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Please log in</h1>' },
      { status: 200, headers: { 'content-length': '0' } },
      { status: 200, body: '"welcome"' },
      { status: 302, headers: { location: 'https://elsewhere.example.com/' } },
      { status: 404, body: 'nothing here' },
    ]) {
      befall(USER, fault)
      const error = (await failure(tract.users.get({ user_id }))) as UnexpectedResponseError
      expect(error).toBeInstanceOf(UnexpectedResponseError)
      expect(error.response.status).toBe(fault.status)
    }
  })

  test('a service that is not there is a connection error', async () => {
    const nowhere = desk.tract({ ...transport, maxRetries: 0 }, 'http://127.0.0.1:9')
    const error = (await failure(nowhere.hooks.list())) as ConnectionError
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toMatch(/ECONNREFUSED|bad port/)
  })
})
