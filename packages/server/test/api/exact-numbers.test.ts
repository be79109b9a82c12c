/** Numbers with more digits than a double has: passed on as they came, or refused by name. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, call, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'

const BIG = '9007199254740993'
const NUMBERS = [BIG, '-12345678901234567890', '0.1234567890123456789', '123456789012345678901234567890']

let service: TestService
let receiver: Receiver
let iva: Caller
let md: Caller
let desk: Caller
let admin: Caller
let organisation: string

beforeAll(async () => {
  service = await TestService.start()
  const world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
  organisation = world.organisation
  ;({ iva, md, desk } = world.listeners)
  admin = await service.admin()
  receiver = await service.receiver()
  await receiver.hear(iva, 'message.receive')
  await receiver.hear(desk, 'message.receive', 'user_events.create_user')
})
afterAll(() => service.close())

const say = (fields: string) => `{"sender": "ceu", "message_body": "Hello", ${fields}}`
const send = (fields: string) => ok(md.post('/platform/message/send/', say(fields)))
const textTo = async (user: string, id: number, isHistory = false) => {
  const delivery = await receiver.waitFor(
    ({ body }) => body.user_id === user && body.message_id === id && (body.history === true) === isHistory,
  )
  return delivery.text
}

describe('digits are kept', () => {
  test.each(NUMBERS)('in metadata: %s', async (number) => {
    const { message_id } = await send(
      `"user_id": "m${number}", "user": {}, "metadata": {"a": ${number}, "b": [{"c": ${number}}]}`,
    )
    expect(await textTo(`m${number}`, message_id)).toContain(`"metadata":{"a":${number},"b":[{"c":${number}}]}`)
  })

  test.each([
    ['of a known type', `{"type": "TEXT", "text": "Hi", "data": {"quick_replies": [], "ref": ${BIG}}, "x": ${BIG}}`],
    ['of an unknown type', `{"type": "NEW", "order": ${BIG}}`],
    [
      'in a field that takes anything',
      `{"type": "CAROUSEL", "data": {"image_aspect_ratio": 1.77777777777777779, "width": "FAT", "items": [{"thumbnail": {"image": ""}, "meta": ${BIG}, "actionables": []}]}}`,
    ],
  ])('in an element %s', async (about, element) => {
    const user_id = `hsl-${about}`
    await send(`"user_id": "${user_id}", "user": {}`)
    const body = { user_id, sender: 'iva', message_body: element }
    await receiver.hear(md, 'message.receive')
    const { message_id } = await ok(iva.post('/platform/message/send/', body))
    expect(await textTo(user_id, message_id)).toContain(BIG)
    expect(await textTo(user_id, message_id)).not.toContain('exact-number')
  })

  test('in history, which comes out of the database, and in the timeline', async () => {
    await ok(
      admin.post('/platform/listeners/update/', { organisation_id: organisation, listener_id: 'desk', standby: false }),
    )
    const { message_id } = await send(`"user_id": "late", "user": {}, "metadata": {"order": ${BIG}}`)
    const element = `{"type": "NEW", "order": ${BIG}}`
    const said = await ok(
      iva.post('/platform/message/send/', { user_id: 'late', sender: 'iva', message_body: element }),
    )
    await ok(
      iva.post('/tract/thread_control/request', { user_id: 'late', type: 'pass', requester: 'iva', receiver: 'desk' }),
    )
    expect(await textTo('late', message_id, true)).toMatch(new RegExp(`"metadata":{"order": ?${BIG}}`))
    expect(await textTo('late', said.message_id, true)).toContain(`"order":${BIG}`)
    const timeline = await admin.get(`/platform/threads/timeline/?organisation_id=${organisation}&user_id=late`)
    expect(timeline.text).toContain(`"order":${BIG}`)
  })

  test('in details that come with messages, one for the other', async () => {
    const details = (account: string) => send(`"user_id": "changing", "user": {"details": {"account": ${account}}}`)
    for (const account of ['9007199254740993', '9007199254740995', '9007199254740995.5']) {
      await details(account)
      await details(account)
      const { text } = await desk.post('/tract/user/', { user_id: 'changing', details_requested: ['account'] })
      expect(text).toBe(`{"user_id":"changing","details":{"account":${account}}}`)
    }
  })

  test('in details, where they stay digit by digit when others change', async () => {
    const upsert = (details: string) => md.post('/platform/user/', `{"user_id": "detailed", "details": ${details}}`)
    await ok(upsert(`{"account": ${BIG}, "rate": 0.1234567890123456789}`))
    await ok(upsert('{"plan": {"since": 20}}'))
    const { text } = await desk.post('/tract/user/details/', {
      user_id: 'detailed',
      details_requested: ['account', 'rate', 'plan'],
    })
    expect(text).toBe(
      `{"user_id":"detailed","details":{"account":${BIG},"rate":0.1234567890123456789,"plan":{"since":20}}}`,
    )
    await send('"user_id": "detailed"')
    await ok(
      iva.post('/tract/thread_control/request', {
        user_id: 'detailed',
        type: 'pass',
        requester: 'iva',
        receiver: 'desk',
      }),
    )
    const created = await receiver.waitFor(
      ({ hook, body }) => hook === 'user_events.create_user' && body.user_id === 'detailed',
    )
    expect(created.body.details_available).toContainEqual({ name: 'account', type: 'number' })
  })
})

describe('what is not passed on is refused by name:', () => {
  const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  test.each([
    ['a limit', () => desk, '/tract/deliveries/list/', `{"limit": ${BIG}}`, '/limit'],
    [
      'a limit that only rounds to one',
      () => desk,
      '/tract/deliveries/list/',
      '{"limit": 1.00000000000000000001}',
      '/limit',
    ],
    [
      'a setting',
      () => admin,
      '/platform/organisations/',
      '{"name": "New", "unreachable_after": 60.0000000000000000001}',
      '/unreachable_after',
    ],
    ['an id', () => desk, '/tract/user/', `{"user_id": ${BIG}}`, '/user_id'],
    [
      'a member of a key',
      () => admin,
      '/platform/clients/',
      `{"name": "New", "scopes": ["platform:admin"], "jwks": {"keys": [${JSON.stringify(key).replace('}', `, "a/b": ${BIG}}`)}]}}`,
      '/jwks/keys/0/a~1b',
    ],
    [
      'the place of an object',
      () => md,
      '/platform/message/send/',
      say(`"user_id": "x", "user": {}, "metadata": ${BIG}`),
      '/metadata',
    ],
    [
      'the place of an object of ours',
      () => md,
      '/platform/message/send/',
      say(`"user_id": "x", "user": ${BIG}`),
      '/user',
    ],
    [
      'what no double is near',
      () => md,
      '/platform/message/send/',
      say('"user_id": "x", "user": {}, "metadata": {"a": [1e400]}'),
      '/metadata/a/0',
    ],
    [
      'what doubles take for zero',
      () => md,
      '/platform/message/send/',
      say('"user_id": "x", "user": {}, "metadata": {"a": 1e-400}'),
      '/metadata/a',
    ],
    [
      'digits without end',
      () => md,
      '/platform/message/send/',
      say(`"user_id": "x", "user": {}, "metadata": {"a": 0.${'1'.repeat(511)}}`),
      '/metadata/a',
    ],
  ])('%s', async (_about, caller, path, body, where) => {
    const answer = await caller().post(path, body)
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request'])
    expect(answer.body.issues).toContainEqual({ path: where, message: expect.stringMatching(/\S/) })
  })

  test('a number in an element', async () => {
    await send('"user_id": "element", "user": {}')
    const answer = await iva.post('/platform/message/send/', {
      user_id: 'element',
      sender: 'iva',
      message_body: '{"type": "NEW", "a": 1e-400}',
    })
    expect([answer.status, answer.body.issues]).toMatchObject([400, [{ path: '/message_body/a' }]])
  })
})

test('a call is repeated by its value, however it is written', async () => {
  const headers = { 'idempotency-key': 'the-same' }
  const post = (body: string) => call(`${service.url}/platform/message/send/`, { token: md.token, headers, body })
  const first = await ok(post(say(`"user_id": "same", "user": {}, "metadata": {"a": 1, "b": ${BIG}}`)))
  const again = `{"metadata": {"b": ${BIG}.0, "a": 1.0}, "user": {},  "user_id": "s\\u0061me", "message_body": "Hello", "sender": "ceu"}`
  const repeated = await post(again)
  expect([repeated.status, repeated.body.message_id, repeated.headers.get('idempotency-replayed')]).toEqual([
    200,
    first.message_id,
    'true',
  ])
  expect((await post(again.replace(BIG, '9007199254740992'))).body.code).toBe('idempotency_key_reused')
})
