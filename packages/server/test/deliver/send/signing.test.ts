import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { secretBytes, sign } from '../../../src/deliver/send/signing.js'

const secret = () => `whsec_${randomBytes(32).toString('base64')}`
const now = () => Math.floor(Date.now() / 1000)

const headers = (signature: string, timestamp: number) => ({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(timestamp),
  'webhook-signature': signature,
})

test('the standardwebhooks package verifies a signature', () => {
  const [key, timestamp] = [secret(), now()]
  const body = '{"message_body":{"text":"héllo 👋"}}'
  const signature = sign([secretBytes(key)], 'msg_1', timestamp, Buffer.from(body))
  expect(new Webhook(key).verify(body, headers(signature, timestamp))).toEqual(JSON.parse(body))
})

test('while a secret rotates, the holder of either one can verify', () => {
  const [next, previous, timestamp] = [secret(), secret(), now()]
  const signature = sign([secretBytes(next), secretBytes(previous)], 'msg_1', timestamp, Buffer.from('{}'))
  expect(signature.split(' ')).toHaveLength(2)
  for (const key of [next, previous]) new Webhook(key).verify('{}', headers(signature, timestamp))
  expect(() => new Webhook(secret()).verify('{}', headers(signature, timestamp))).toThrow()
})

test.each([
  ['another body', '{"a":1}', 'msg_1', 0],
  ['another id', '{}', 'msg_2', 0],
  ['another time', '{}', 'msg_1', 1],
])('%s does not verify', (_name, body, id, later) => {
  const [key, timestamp] = [secret(), now()]
  const signature = sign([secretBytes(key)], 'msg_1', timestamp, Buffer.from('{}'))
  const changed = { ...headers(signature, timestamp + later), 'webhook-id': id }
  expect(() => new Webhook(key).verify(body, changed)).toThrow()
})

test('a secret in another form is refused', () => {
  expect(() => secretBytes('c2VjcmV0')).toThrow(/whsec_/)
})
