/** What a hostile sender tries: nothing of it reaches a handler, and nothing of it makes the receiver fail. */
import { describe, expect, test } from '@jest/globals'
import { createHookReceiver } from '../../src/webhooks/index.js'
import { type SignedDelivery, sign, signedDelivery } from '../../src/webhooks/testing.js'
import { newSecret, post, URL_OF_HOOK, watched } from './attempt.js'

const secret = newSecret()
const genuine = () => signedDelivery('message.receive', { secret })

/** The delivery with other headers; `undefined` leaves one out. */
function withHeaders(delivery: SignedDelivery, changes: Record<string, string | undefined>): RequestInit {
  const headers = Object.entries({ ...delivery.headers, ...changes }).filter(([, value]) => value !== undefined)
  return { ...delivery, headers: headers as [string, string][] }
}

describe('refused with 401, and not handled', () => {
  const attacks: [string, (delivery: SignedDelivery) => RequestInit | Promise<RequestInit>][] = [
    ['another body', (delivery) => ({ ...delivery, body: delivery.body.replace('bill', 'account') })],
    ['the same JSON, written otherwise', (delivery) => ({ ...delivery, body: `${delivery.body} ` })],
    ['no body', (delivery) => ({ ...delivery, body: null })],
    ['another id', (delivery) => withHeaders(delivery, { 'webhook-id': 'other' })],
    [
      'another time',
      (delivery) =>
        withHeaders(delivery, { 'webhook-timestamp': String(Number(delivery.headers['webhook-timestamp']) + 1) }),
    ],
    ['the secret of somebody else', () => signedDelivery('message.receive', { secret: newSecret() })],
    ['no signature', (delivery) => withHeaders(delivery, { 'webhook-signature': undefined })],
    ['no id', (delivery) => withHeaders(delivery, { 'webhook-id': undefined })],
    ['no time', (delivery) => withHeaders(delivery, { 'webhook-timestamp': undefined })],
    ['a signature of another version', (delivery) => withHeaders(delivery, signatureAs(delivery, 'v1a,'))],
    ['a signature without a version', (delivery) => withHeaders(delivery, signatureAs(delivery, ''))],
    ['a signature that is cut', (delivery) => withHeaders(delivery, cut(delivery))],
    ['an empty signature', (delivery) => withHeaders(delivery, { 'webhook-signature': 'v1,' })],
    ['a signature that is no base64', (delivery) => withHeaders(delivery, { 'webhook-signature': 'v1,%%%% v1,é' })],
    ['thousands of signatures', (delivery) => withHeaders(delivery, { 'webhook-signature': 'v1,AAAA '.repeat(8_000) })],
    ['a time that is no number', (delivery) => withHeaders(delivery, { 'webhook-timestamp': 'NaN' })],
    ['a time in hexadecimal', (delivery) => withHeaders(delivery, { 'webhook-timestamp': '0x6B0A3D98' })],
    ['a time with an exponent', (delivery) => withHeaders(delivery, { 'webhook-timestamp': '1e9' })],
    ['a negative time', (delivery) => withHeaders(delivery, { 'webhook-timestamp': '-1' })],
    ['an id that is too long', async (delivery) => resigned(delivery, 'a'.repeat(257))],
    ['an id with a space', async (delivery) => resigned(delivery, 'a b')],
    ['two ids', (delivery) => twice(delivery, 'webhook-id', 'other')],
    ['a gap that nobody signed', (delivery) => withHeaders(delivery, { 'tract-gap': GAP })],
    [
      'a gap with the signature of the body',
      (delivery) => withGap(delivery, GAP, delivery.headers['webhook-signature']),
    ],
    [
      'a gap with the signature of another',
      async (delivery) => withGap(delivery, GAP, await gapOf(delivery, '2-4 id-4')),
    ],
    ['a gap of another delivery', async (delivery) => withGap(delivery, GAP, await gapOf(await genuine(), GAP))],
    ['a gap that is none', async (delivery) => withGap(delivery, '4', await gapOf(delivery, '4'))],
    [
      'a body that is a gap',
      async (delivery) => ({
        ...withHeaders(delivery, { 'webhook-signature': await gapOf(delivery, GAP) }),
        body: GAP,
      }),
    ],
    ['two times', (delivery) => twice(delivery, 'webhook-timestamp', delivery.headers['webhook-timestamp'])],
  ]

  test.each(attacks)('%s', async (_name, attack) => {
    const { receiver, handled, errors } = watched({ secret })
    const answer = await post(receiver, await attack(await genuine()))
    expect(answer).toMatchObject({ status: 401, body: { success: false, error: expect.any(String) } })
    expect([handled, errors]).toEqual([[], []])
  })

  const signatureAs = (delivery: SignedDelivery, version: string) => ({
    'webhook-signature': delivery.headers['webhook-signature'].replace('v1,', version),
  })
  const GAP = '3-4 id-4'
  const withGap = (delivery: SignedDelivery, gap: string, signature: string) =>
    withHeaders(delivery, { 'tract-gap': gap, 'tract-gap-signature': signature })
  const gapOf = async ({ headers, body }: SignedDelivery, gap: string) => {
    const timestamp = Number(headers['webhook-timestamp'])
    return (await sign({ secret, id: headers['webhook-id'], timestamp, body, gap }))['tract-gap-signature'] ?? ''
  }
  const cut = (delivery: SignedDelivery) => ({
    'webhook-signature': delivery.headers['webhook-signature'].slice(0, -8),
  })
  const resigned = async (delivery: SignedDelivery, id: string) =>
    withHeaders(delivery, { ...(await sign({ secret, id, body: delivery.body })) })
  const twice = (delivery: SignedDelivery, name: string, value: string) => {
    const headers = new Headers(delivery.headers)
    headers.append(name, value)
    return { ...delivery, headers }
  }
})

test('a second signature beside a wrong one counts, in one header or in two', async () => {
  const { receiver, handled } = watched({ secret })
  const first = await genuine()
  const both = `v1,AAAA ${first.headers['webhook-signature']} v2,BBBB`
  expect((await post(receiver, withHeaders(first, { 'webhook-signature': both }))).status).toBe(200)
  const second = await genuine()
  const headers = new Headers(second.headers)
  headers.set('webhook-signature', 'v1,AAAA')
  headers.append('webhook-signature', second.headers['webhook-signature'])
  expect((await post(receiver, { ...second, headers })).status).toBe(200)
  expect(handled).toHaveLength(2)
})

test('what the headers say that are not signed cannot keep a delivery away', async () => {
  const { receiver, handled } = watched({ secret })
  for (const sequence of ['-1', '0', '1.5', 'NaN', '9'.repeat(400), '1, 2', '__proto__'])
    await post(receiver, withHeaders(await genuine(), { 'tract-sequence': sequence, 'tract-attempt': sequence }))
  expect(handled).toHaveLength(7)
  for (const { delivery } of handled) expect(delivery).toMatchObject({ sequence: undefined, attempt: 1, test: true })
})

test('a replay is answered as the first time, and handled once', async () => {
  const { receiver, handled } = watched({ secret })
  const delivery = await genuine()
  for (let time = 0; time < 5; time++)
    expect(await post(receiver, delivery)).toMatchObject({ status: 200, body: { success: true } })
  expect(handled).toHaveLength(1)
})

test.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('%s is answered 405', async (method) => {
  const { headers } = await genuine()
  const answer = await post(watched({ secret }).receiver, { method, headers })
  expect(answer.status).toBe(405)
  expect(answer.headers.get('allow')).toBe('POST')
})

test.each(['[]', 'null', '"text"', '1', '{', '', '\u0000', 'not JSON'])(
  'a signed body %j is answered 400',
  async (body) => {
    const { receiver, handled, errors } = watched({ secret })
    const headers = await sign({ secret, id: 'msg_1', body })
    expect((await post(receiver, { method: 'POST', headers: { ...headers }, body })).status).toBe(400)
    expect([handled, errors]).toEqual([[], []])
  },
)

describe('names that change a prototype', () => {
  const bodies = [
    '{"user_id":"u","message_body":{"type":"TEXT","text":"x"},"__proto__":{"polluted":1}}',
    '{"user_id":"u","message_body":{"type":"TEXT","text":"x","\\u005f_proto__":{"polluted":1}}}',
    '{"user_id":"u","message_body":{"type":"TEXT","text":"x","constructor":{"prototype":{"polluted":1}}}}',
    '{"user_id":"u","conversation_number":"1","type":"aeu_events","subtype":"allocated","metadata":"{\\"__proto__\\":{\\"polluted\\":1}}"}',
    '{"user_id":"u","conversation_number":"1","type":"aeu_events","subtype":"allocated","metadata":"{\\"\\\\u005f_proto__\\":{\\"polluted\\":1}}"}',
  ]
  test.each(bodies)('are left out of %s', async (body) => {
    const { receiver, handled } = watched({ secret })
    const headers = await sign({ secret, id: 'msg_1', body })
    expect((await post(receiver, { method: 'POST', headers: { ...headers }, body })).status).toBe(200)
    const [{ payload } = { payload: {} }] = handled
    expect(JSON.stringify(payload)).not.toContain('polluted')
    merge({}, payload)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('and only they are', async () => {
    const body = '{"user_id":"u","message_body":{"type":"TEXT","text":"__proto__","constructor":"Acme Ltd"}}'
    const { receiver, handled } = watched({ secret })
    const headers = await sign({ secret, id: 'msg_1', body })
    await post(receiver, { method: 'POST', headers: { ...headers }, body })
    expect(handled[0]?.payload).toEqual(JSON.parse(body))
  })

  /** As careless code does it. */
  function merge(target: Record<string, unknown>, source: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(source)) {
      if (typeof value !== 'object' || value === null) target[name] = value
      else {
        target[name] ??= {}
        merge(target[name] as Record<string, unknown>, value as Record<string, unknown>)
      }
    }
  }
})

describe('a body', () => {
  test('of 10 MB is refused by its Content-Length, unread', async () => {
    const delivery = await genuine()
    let pulled = 0
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(++pulled && 65_536)) })
    const headers = { ...delivery.headers, 'content-length': String(10 * 1024 * 1024) }
    const request = new Request(URL_OF_HOOK, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
    expect((await watched({ secret }).receiver.fetch(request)).status).toBe(413)
    expect(pulled).toBeLessThan(3)
  })

  test('of 10 MB without one is read to the limit only', async () => {
    const delivery = await genuine()
    let sent = 0
    let cancelled = false
    const body = new ReadableStream({
      pull: (controller) => {
        sent += 65_536
        if (sent > 10 * 1024 * 1024) controller.close()
        else controller.enqueue(new Uint8Array(65_536))
      },
      cancel: () => {
        cancelled = true
      },
    })
    const request = new Request(URL_OF_HOOK, { ...delivery, body, duplex: 'half' } as RequestInit)
    expect((await watched({ secret }).receiver.fetch(request)).status).toBe(413)
    expect(sent).toBeLessThan(1.5 * 1024 * 1024)
    expect(cancelled).toBe(true)
  })

  test('that does not end in time is given up', async () => {
    const delivery = await genuine()
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"user')) })
    const request = new Request(URL_OF_HOOK, { ...delivery, body, duplex: 'half' } as RequestInit)
    expect((await watched({ secret, bodyTimeoutMs: 50 }).receiver.fetch(request)).status).toBe(408)
  })

  test('that breaks off is answered 400', async () => {
    const delivery = await genuine()
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) })
    const request = new Request(URL_OF_HOOK, { ...delivery, body, duplex: 'half' } as RequestInit)
    expect((await watched({ secret }).receiver.fetch(request)).status).toBe(400)
  })

  test('that somebody has read already is answered with what to do', async () => {
    const { receiver, errors } = watched({ secret })
    const request = new Request(URL_OF_HOOK, await genuine())
    await request.json()
    const response = await receiver.fetch(request)
    expect([response.status, await response.json()]).toEqual([
      500,
      { success: false, error: expect.stringContaining('give the hook receiver the request first') },
    ])
    expect(errors).toHaveLength(1)
  })
})

test('an event cannot pass for a message or for a new user', async () => {
  const called: string[] = []
  const note = (payload: object, { name }: { name: string }) => {
    called.push(name)
    expect(payload).not.toHaveProperty('message_body')
  }
  const receiver = createHookReceiver({
    secret,
    handlers: { 'message.receive': () => fail(), 'user_events.create_user': () => fail() },
    fallback: note,
  })
  const fail = () => {
    throw new Error('not for this handler')
  }
  for (const [type, subtype] of [
    ['message', 'receive'],
    ['user_events', 'create_user'],
  ]) {
    const body = JSON.stringify({ user_id: 'u', conversation_number: '1', type, subtype })
    const headers = await sign({ secret, id: `msg_${type}`, body })
    expect((await post(receiver, { method: 'POST', headers: { ...headers }, body })).status).toBe(200)
  }
  expect(called).toEqual(['unknown', 'unknown'])
})

test.each(['leaseMs', 'toleranceSeconds', 'maxBodyBytes', 'bodyTimeoutMs'])(
  '%s that is no number, such as a setting that is missing, makes no receiver that lets everything through',
  (name) => {
    for (const value of [Number(undefined), -1])
      expect(() => createHookReceiver({ secret, [name]: value })).toThrow(
        `${name} is a number from 0, and not ${value}`,
      )
    createHookReceiver({ secret, [name]: undefined, handlers: {} })
  },
)
