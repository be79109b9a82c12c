import { describe, expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { sendTest } from '../../../src/deliver/send/hook-test.js'
import { DELIVERY, SECRET as secret } from '../sample-delivery.js'
import { receiver, sender, target, useSender } from './sending.js'

useSender()

describe('an attempt', () => {
  test('carries the stored bytes and says what it is', async () => {
    const sent = await sender.send(target('/hook?a=b'), DELIVERY)
    const [request] = receiver.received
    expect(request?.text).toBe(DELIVERY.body)
    expect(request?.path).toBe('/hook?a=b')
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'tract/1.2.3',
      'webhook-id': DELIVERY.id,
      'tract-sequence': '7',
      'tract-previous-id': DELIVERY.place.previousId,
      'tract-attempt': '3',
    })
    expect(request?.headers).not.toHaveProperty('tract-replay')
    expect(sent).toMatchObject({
      verdict: { kind: 'acknowledged' },
      attempt: { status: 200, error: null, answer: '{"success":true}' },
    })
  })

  test('is verified by the standardwebhooks package', async () => {
    await sender.send(target(), DELIVERY)
    const [request] = receiver.received
    const webhook = new Webhook(secret.toString('base64'))
    expect(webhook.verify(request?.text ?? '', request?.headers as Record<string, string>)).toEqual(
      JSON.parse(DELIVERY.body),
    )
  })

  test('hands the trace context on, or begins a trace that is the same at every attempt', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    await sender.send(target(), { ...DELIVERY, traceparent })
    await sender.send(target(), DELIVERY)
    await sender.send(target(), { ...DELIVERY, attemptNumber: 4 })
    const traces = receiver.received.map(({ headers }) => String(headers.traceparent))
    expect(traces[0]).toBe(traceparent)
    expect(traces[1]).toMatch(/^00-01920c6e7b117d008a445f6071829304-[0-9a-f]{16}-00$/)
    expect(traces[2]?.slice(0, 36)).toBe(traces[1]?.slice(0, 36))
  })

  test('of the first delivery of a lane names none before it; of a replay says so', async () => {
    await sender.send(target(), { ...DELIVERY, place: { sequence: 1, previousId: null }, replay: true })
    const headers = receiver.received[0]?.headers
    expect(headers).not.toHaveProperty('tract-previous-id')
    expect(headers?.['tract-replay']).toBe('true')
  })
})

test('a test of a hook is one signed attempt that stands in no lane', async () => {
  receiver.answer = () => ({ status: 422, body: '{"error":"who is this?"}' })
  const result = await sendTest(sender, target(), { body: '{"user_id":"sample"}' })
  expect(result).toEqual({
    acknowledged: false,
    at_fault: 'payload',
    status: 422,
    error: 'status_4xx',
    answer: '{"error":"who is this?"}',
    duration_ms: expect.any(Number),
  })
  const [request] = receiver.received
  new Webhook(secret.toString('base64')).verify(request?.text ?? '', request?.headers as Record<string, string>)
  expect(request?.headers).not.toHaveProperty('tract-sequence')
  receiver.answer = () => ({})
  expect(await sendTest(sender, target(), { body: '{}' })).toMatchObject({ acknowledged: true, status: 200 })
  expect(receiver.received).toHaveLength(2)
})
