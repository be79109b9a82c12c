/** What is signed and what is believed, checked against code that is not ours and against the service's own. */
import { describe, expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { secretBytes, sign as signAsService } from '../../../server/src/deliver/send/signing.js'
import { sign } from '../../src/webhooks/index.js'
import { signedDelivery } from '../../src/webhooks/testing.js'
import { newSecret, post, watched } from './attempt.js'

const now = () => Math.floor(Date.now() / 1000)

describe('sign()', () => {
  const body = '{"text":"héllo 👋"}'

  test('is what the standardwebhooks package verifies', async () => {
    const secret = newSecret()
    const headers = await sign({ secret, id: 'msg_1', body })
    expect(new Webhook(secret).verify(body, { ...headers })).toEqual(JSON.parse(body))
  })

  test('is what the service signs, with two secrets while one rotates', async () => {
    const secret = [newSecret(), newSecret()]
    const headers = await sign({ secret, id: 'msg_1', timestamp: 1_795_339_800, body: new TextEncoder().encode(body) })
    const theirs = signAsService(secret.map(secretBytes), 'msg_1', 1_795_339_800, Buffer.from(body))
    expect(headers).toEqual({ 'webhook-id': 'msg_1', 'webhook-timestamp': '1795339800', 'webhook-signature': theirs })
  })

  test.each(['', 'c2VjcmV0', 'whsec_', 'whsec_***', 'WHSEC_c2VjcmV0'])('refuses the secret %j', async (secret) => {
    await expect(sign({ secret, id: 'msg_1', body })).rejects.toThrow('A signing secret is whsec_')
  })
})

describe('a receiver believes', () => {
  test('what the standardwebhooks package signs', async () => {
    const secret = newSecret()
    const body = '{"user_id":"8812","message_body":{"type":"TEXT","text":"नमस्ते"}}'
    const date = new Date()
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(date.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign('msg_1', date, body),
    }
    const { receiver, handled } = watched({ secret })
    expect(await post(receiver, { method: 'POST', headers, body })).toMatchObject({
      status: 200,
      body: { success: true },
    })
    expect(handled).toMatchObject([{ payload: JSON.parse(body), delivery: { name: 'message.receive', id: 'msg_1' } }])
  })

  test('either secret while one rotates, and any of several hooks', async () => {
    const [old, next, other] = [newSecret(), newSecret(), newSecret()]
    const { receiver, handled } = watched({ secrets: [next, other] })
    for (const secret of [[old, next], [next], [other]])
      expect((await post(receiver, await signedDelivery('message.receive', { secret }))).status).toBe(200)
    expect((await post(receiver, await signedDelivery('message.receive', { secret: old }))).status).toBe(401)
    expect(handled).toHaveLength(3)
  })

  test('the secrets of the moment, where a function gives them', async () => {
    let secrets = [newSecret()]
    const { receiver } = watched({ secrets: async () => secrets })
    const [first = ''] = secrets
    expect((await post(receiver, await signedDelivery('message.receive', { secret: first }))).status).toBe(200)
    secrets = [newSecret()]
    expect((await post(receiver, await signedDelivery('message.receive', { secret: first }))).status).toBe(401)
    expect((await post(receiver, await signedDelivery('message.receive', { secret: secrets }))).status).toBe(200)
    secrets = []
    expect((await post(receiver, await signedDelivery('message.receive', { secret: first }))).status).toBe(401)
  })

  test.each([-299, 0, 299])('a time that is %i s away', async (seconds) => {
    const secret = newSecret()
    const { receiver } = watched({ secret })
    const delivery = await signedDelivery('message.receive', { secret, timestamp: now() + seconds })
    expect((await post(receiver, delivery)).status).toBe(200)
  })

  test.each([-302, 302, -86_400])('no time that is %i s away, though it is signed', async (seconds) => {
    const secret = newSecret()
    const { receiver, handled } = watched({ secret })
    const delivery = await signedDelivery('message.receive', { secret, timestamp: now() + seconds })
    expect(await post(receiver, delivery)).toMatchObject({
      status: 401,
      body: { error: expect.stringContaining('300 s') },
    })
    expect(handled).toEqual([])
  })
})

test('a receiver without a usable secret is not made', () => {
  expect(() => watched({ secrets: [] })).toThrow('needs the signing secret')
  expect(() => watched({ secret: undefined as unknown as string })).toThrow('needs the signing secret')
  expect(() => watched({ secrets: [newSecret(), 'secret'] })).toThrow('A signing secret is whsec_')
})
