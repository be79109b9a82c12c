/** A call that is made patiently goes on until it is done or refused for good. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { isRefusal, isTemporary, type PatientOptions, patiently } from '../../src/desk/index.js'
import { type AbortError, AuthenticationError, ConflictError, type Tract } from '../../src/index.node.js'
import { Desk } from '../support/desk.js'
import type { Fault } from '../support/fault-proxy.js'

const SEND = '/tract/message/send/'
const TOKEN = '/tract/auth/token/'
const json = { 'content-type': 'application/json' }
const answer = (status: number, code: string, headers = {}): Fault => ({
  status,
  headers: { ...json, ...headers },
  body: JSON.stringify({ error: 'No.', code, request_id: 'r' }),
})

let desk: Desk
let tract: Tract
let user_id: string
const clients: Tract[] = []

beforeAll(async () => {
  desk = await Desk.open()
  user_id = await desk.user('asha')
})
afterEach(() => desk.proxy.reset())
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await desk.close()
})

/** The faults befall the calls of a path in turn; then all goes well. */
function befall(path: string, ...faults: Fault[]): void {
  const left = [...faults]
  tract = desk.tract({ maxRetries: 0 })
  clients.push(tract)
  desk.proxy.fault = (call) => (call.path === path ? left.shift() : undefined)
}

const once = (options = {}) => tract.messages.send({ user_id, sender: 'ect', message_body: 'Hello' }, options)
const send = (options: PatientOptions = {}) => patiently((call) => once(call), options)
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect('the call').toBe('refused'),
    (error: unknown) => error,
  )

test('it goes on, with one key, through every kind of failure that passes, and takes effect once', async () => {
  const before = await desk.platform('desk').messages.send({ user_id, sender: 'ect', message_body: 'Before' })
  befall(SEND, 'lost on the way', 'answer lost', answer(503, 'unavailable'), { status: 404, body: 'no such backend' })
  const { data, response } = await patiently((call) => once(call).withResponse())
  expect(data.message_id).toBe(before.message_id + 1)
  expect(response.headers['idempotency-replayed']).toBe('true')
  const keys = desk.proxy.of(SEND).map(({ headers }) => headers['idempotency-key'])
  expect([keys.length, new Set(keys).size, typeof keys[0]]).toEqual([5, 1, 'string'])
})

test('it keeps the key that it is given', async () => {
  befall(SEND, answer(500, 'internal_error'))
  const failures: [string, number][] = []
  await send({ idempotencyKey: 'row-7', onFailure: (error, pause) => void failures.push([error.name, pause]) })
  expect(failures).toEqual([['ServerError', expect.any(Number)]])
  expect(desk.proxy.of(SEND).map(({ headers }) => headers['idempotency-key'])).toEqual(['row-7', 'row-7'])
})

test('it waits as long as it is asked to', async () => {
  befall(SEND, answer(429, 'rate_limited', { 'retry-after': '2' }))
  const startedAt = performance.now()
  await send()
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(2_000)
})

test('it waits for a token as well, and ends where the credentials do not hold', async () => {
  befall(TOKEN, answer(503, 'unavailable'), 'lost on the way')
  await send()
  expect(desk.proxy.of(TOKEN)).toHaveLength(3)
  befall(TOKEN, answer(401, 'invalid_client'))
  expect(await failure(send())).toBeInstanceOf(AuthenticationError)
})

test('it ends with a refusal', async () => {
  befall(SEND, answer(503, 'unavailable'), answer(409, 'not_in_control'))
  expect(await failure(send())).toBeInstanceOf(ConflictError)
  expect(desk.proxy.of(SEND)).toHaveLength(2)
})

test('it ends when it is aborted, also while it waits', async () => {
  befall(SEND, answer(429, 'rate_limited', { 'retry-after': '3600' }))
  const controller = new AbortController()
  const reason = new Error('the process stops')
  const sent = failure(send({ signal: controller.signal }))
  await until(() => desk.proxy.of(SEND).length > 0, 'the call')
  controller.abort(reason)
  const error = (await sent) as AbortError
  expect([error.name, error.operation, error.cause]).toEqual(['AbortError', 'messages.send', reason])
  expect(isTemporary(error)).toBe(false)
})

describe('isTemporary, and isRefusal,', () => {
  test.each<[string, Fault, 'temporary' | 'a refusal' | 'neither']>([
    ['a service that is down', 'lost on the way', 'temporary'],
    ['too many calls', answer(429, 'rate_limited'), 'temporary'],
    ['a service that is busy', answer(503, 'overloaded'), 'temporary'],
    ['a service that failed', answer(500, 'internal_error'), 'temporary'],
    ['a request that came too slowly', answer(408, 'request_timeout'), 'temporary'],
    [
      'a page of a proxy',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Back soon' },
      'temporary',
    ],
    ['control that another listener has', answer(409, 'not_in_control'), 'a refusal'],
    ['a field that is wrong', answer(400, 'invalid_request'), 'a refusal'],
    ['a key with another body', answer(422, 'idempotency_key_reused'), 'a refusal'],
    ['a scope that is missing', answer(403, 'insufficient_scope'), 'neither'],
  ])('tell what %s is', async (_what, fault, is) => {
    befall(SEND, fault)
    const error = await failure(once())
    expect([isTemporary(error), isRefusal(error)]).toEqual([is === 'temporary', is === 'a refusal'])
  })

  test('are not of what is no error of the SDK', () => {
    for (const error of [new Error('503'), undefined, null, { status: 503 }])
      expect([isTemporary(error), isRefusal(error)]).toEqual([false, false])
  })
})
