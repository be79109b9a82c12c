import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { type Received, Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { QUICK } from '../deliver/quick-settings.js'
import { Collector } from './collector.js'

const newTrace = (flags = '01') => {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')]
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` }
}

/** Of what a receiver got. */
const parts = (traceparent: unknown) => {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(String(traceparent)) ?? []
  return { traceId, spanId, flags }
}

interface Traced {
  service: TestService
  world: World<'md' | 'iva' | 'desk'>
  receiver: Receiver
}

async function start(environment: NodeJS.ProcessEnv): Promise<Traced> {
  const service = await TestService.start({ environment, delivery: QUICK })
  const world = await service.world({ md: 'md', iva: 'iva', desk: 'ect' })
  const receiver = await Receiver.start()
  await receiver.hear(world.listeners.iva, 'message.receive', 'user_events.create_user')
  await receiver.hear(world.listeners.desk, 'message.receive')
  return { service, world, receiver }
}

const write = ({ world }: Traced, user_id: string, traceparent?: string) =>
  ok(
    world.listeners.md.post(
      '/platform/message/send/',
      { user_id, message_body: 'Where is my order?', sender: 'ceu', user: { user_name: 'Asha Rao' } },
      traceparent === undefined ? {} : { traceparent },
    ),
  )

describe('with a collector', () => {
  let collector: Collector
  let traced: Traced

  beforeAll(async () => {
    collector = await Collector.start()
    traced = await start({ TRACT_OTLP_ENDPOINT: `${collector.url}/`, TRACT_TRACE_SAMPLE: '1' })
  })
  afterEach(() => {
    traced.receiver.answer = () => ({})
  })
  afterAll(async () => {
    await traced.receiver.close()
    await traced.service.close()
    await collector.close()
  })

  test('a message’s life is one trace: the call, and below it every attempt at every delivery', async () => {
    const { receiver, world } = traced
    const { traceId, spanId, traceparent } = newTrace()
    receiver.answer = ({ hook, headers }) => ({
      status: hook === 'message.receive' && headers['tract-attempt'] === '1' ? 500 : 200,
    })
    await write(traced, 'one', traceparent)
    // the assistant hears of the user, then of the message, and the desk of the message alone: five attempts
    const spans = await collector.trace(traceId, 6)
    expect(spans).toHaveLength(6)
    const [call, ...attempts] = [...spans].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    expect(call).toMatchObject({ name: 'sendPlatformMessage', kind: 'server', parentSpanId: spanId, failed: false })
    expect(call?.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/platform/message/send/',
      'http.response.status_code': 200,
      'tract.organisation_id': world.organisation,
      'tract.client_id': world.listeners.md.credentials.client_id,
    })
    expect(call?.resource).toMatchObject({ 'service.name': 'tract' })
    expect(attempts.map(({ name, kind, parentSpanId }) => [name, kind, parentSpanId])).toEqual(
      expect.arrayContaining([
        ['deliver user_events.create_user', 'client', call?.spanId],
        ['deliver message.receive', 'client', call?.spanId],
      ]),
    )
    expect(new Set(attempts.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([call?.spanId]))
    const failed = attempts.filter((attempt) => attempt.failed)
    expect(failed.map(({ attributes }) => [attributes['tract.attempt'], attributes['error.type']])).toEqual([
      [1, 'status_5xx'],
      [1, 'status_5xx'],
    ])
    expect(failed[0]?.attributes).toMatchObject({
      'http.response.status_code': 500,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(receiver.url).port),
    })
    // what a receiver gets is the span of the very attempt
    const heard = receiver.received.filter(({ body }) => body.user_id === 'one')
    expect(heard).toHaveLength(5)
    for (const { headers } of heard) {
      const span = attempts.find((attempt) => attempt.spanId === parts(headers.traceparent).spanId)
      expect(parts(headers.traceparent)).toEqual({ traceId, spanId: span?.spanId, flags: '01' })
      expect(span?.attributes).toMatchObject({
        'tract.delivery_id': headers['webhook-id'],
        'tract.attempt': Number(headers['tract-attempt']),
        'tract.sequence': Number(headers['tract-sequence']),
      })
    }
    for (const { startedAt, endedAt } of spans) expect(endedAt).toBeGreaterThanOrEqual(startedAt)
  })

  test('a call without a trace begins one', async () => {
    await write(traced, 'two')
    const { headers } = await traced.receiver.waitFor(({ body }) => body.user_id === 'two')
    const { traceId } = parts(headers.traceparent)
    const spans = await collector.trace(traceId as string, 4)
    expect(spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name)).toEqual(['sendPlatformMessage'])
  })

  test('a trace that its beginner does not record is passed on as it came, and not recorded', async () => {
    const { traceId, spanId, traceparent } = newTrace('00')
    await write(traced, 'three', traceparent)
    const { headers } = await traced.receiver.waitFor(({ body }) => body.user_id === 'three')
    expect(parts(headers.traceparent)).toMatchObject({ traceId, flags: '00' })
    expect(parts(headers.traceparent).spanId).not.toBe(spanId)
    const after = newTrace()
    await write(traced, 'three', after.traceparent)
    await collector.trace(after.traceId, 3)
    expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([])
  })

  test('what no call caused has a trace of its own, the same at every attempt', async () => {
    const { receiver, world, service } = traced
    await receiver.hear(world.listeners.desk, 'thread_control.returned')
    await receiver.hear(world.listeners.iva, 'thread_control.returned')
    await write(traced, 'four')
    const pass = { user_id: 'four', type: 'pass', requester: 'iva', receiver: 'desk' }
    await ok(world.listeners.iva.post('/tract/thread_control/request', pass))
    receiver.answer = ({ headers }) => ({ status: headers['tract-attempt'] === '1' ? 500 : 200 })
    const admin = await service.admin()
    await ok(
      admin.post('/platform/listeners/update/', {
        organisation_id: world.organisation,
        listener_id: 'desk',
        enabled: false,
      }),
    )
    const attempts = (): Received[] =>
      receiver.received.filter(({ hook, body }) => hook === 'thread_control.returned' && body.user_id === 'four')
    await until(() => attempts().length >= 2, 'both attempts')
    const traces = new Set(attempts().map(({ headers }) => parts(headers.traceparent).traceId))
    expect(traces.size).toBe(1)
    const spans = await collector.trace([...traces][0] as string, 2)
    expect(new Set(spans.map(({ parentSpanId }) => parentSpanId)).size).toBe(1)
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(2)
  })

  test('a call that is refused is no error of the service; one that fails is', async () => {
    const { service, world } = traced
    const call = async (traceparent: string) =>
      (await world.listeners.iva.post('/tract/user/', { user_id: 'nobody' }, { traceparent })).status
    const refused = newTrace()
    expect(await call(refused.traceparent)).toBe(404)
    const [first] = await collector.trace(refused.traceId, 1)
    expect([first?.attributes['http.response.status_code'], first?.failed]).toEqual([404, false])
    const failing = newTrace()
    await service.stored.pool.query('alter table users rename to elsewhere')
    expect(await call(failing.traceparent)).toBe(500)
    await service.stored.pool.query('alter table elsewhere rename to users')
    const [second] = await collector.trace(failing.traceId, 1)
    expect([second?.attributes['error.type'], second?.failed]).toEqual(['500', true])
  })

  test('say nothing of users, and no token or secret', () => {
    const text = JSON.stringify(collector.spans, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
    const { listeners } = traced.world
    for (const told of [
      'Asha',
      'Where is my order',
      '"one"',
      '"two"',
      listeners.md.token,
      listeners.md.credentials.client_secret,
    ])
      expect(text).not.toContain(told)
    expect(collector.spans.length).toBeGreaterThan(10)
  })
})

test('without a collector, what a caller sent goes out as it is', async () => {
  const traced = await start({})
  const { traceparent } = newTrace()
  await write(traced, 'one', traceparent)
  const { headers } = await traced.receiver.waitFor(() => true)
  expect(headers.traceparent).toBe(traceparent)
  await traced.receiver.close()
  await traced.service.close()
})

test('of a part of all traces, each is recorded as a whole or not at all', async () => {
  const collector = await Collector.start()
  const traced = await start({ TRACT_OTLP_ENDPOINT: collector.url, TRACT_TRACE_SAMPLE: '0.5' })
  const traces = Array.from({ length: 40 }, () => newTrace())
  for (const { traceparent } of traces) await write(traced, 'one', traceparent)
  await until(() => traced.receiver.received.length >= 81, 'every delivery')
  await traced.service.close() // sends what is left
  const counts = traces.map(({ traceId }) => collector.spans.filter((span) => span.traceId === traceId).length)
  const [first, ...others] = counts.filter((count) => count > 0)
  expect([0, 3, 4]).toContain(first)
  expect(others.filter((count) => count !== 3)).toEqual([])
  expect(others.length).toBeGreaterThan(5)
  expect(others.length).toBeLessThan(35)
  await traced.receiver.close()
  await collector.close()
})

test('a collector that is away holds up nothing, and is said to be away once', async () => {
  const lines: string[] = []
  const collector = await Collector.start()
  collector.status = 400
  const environment = { TRACT_OTLP_ENDPOINT: collector.url, TRACT_TRACE_SAMPLE: '1', TRACT_LOG_LEVEL: 'warn' }
  const service = await TestService.start({ environment, logTo: { write: (line) => lines.push(line) } })
  for (let requests = 0; requests < 2; requests = collector.requests) {
    await service.admin()
    await until(() => collector.requests > requests, 'an export')
  }
  await service.close()
  expect(lines.filter((line) => line.includes('traces are being lost'))).toHaveLength(1)
  await collector.close()
})
