import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { Exposition } from '../../src/telemetry/exposition.js'
import { Histogram } from '../../src/telemetry/instruments.js'
import { QUICK } from '../deliver/quick-settings.js'
import { type Family, parseMetrics } from './prometheus-text.js'

describe('the metrics of a service', () => {
  let service: TestService
  let world: World<'md' | 'iva'>
  let receiver: Receiver

  beforeAll(async () => {
    const environment = { TRACT_OPERATIONS_PORT: '0' }
    const breaker = { ...QUICK.breaker, failures: 3 } as NonNullable<typeof QUICK.breaker>
    service = await TestService.start({ environment, delivery: { ...QUICK, breaker } })
    world = await service.world({ md: 'md', iva: 'iva' }, { name: 'Secretive Telecom' })
    receiver = await world.receiver('iva', 'message.receive')
  })
  afterAll(() => service.close())

  const operations = () => service.service.operationsUrl as string
  const page = async () => (await fetch(`${operations()}/metrics`)).text()
  const write = (user_id: string, headers = {}) =>
    ok(
      world.listeners.md.post(
        '/platform/message/send/',
        { user_id, message_body: 'Where is my order?', sender: 'ceu', user: { user_name: 'Asha Rao' } },
        headers,
      ),
    )

  /** The sum of a metric's samples that have these labels. */
  async function read(name: string, labels: Record<string, string> = {}): Promise<number> {
    const families = parseMetrics(await page())
    const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''))
    if (!family) throw new Error(`there is no ${name}`)
    return sum(family, name, labels)
  }

  const sum = ({ samples }: Family, name: string, labels: Record<string, string>) =>
    samples
      .filter((sample) => sample.name === name)
      .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
      .reduce((total, { value }) => total + value, 0)

  /** What a metric grows by while something is done. */
  async function growth(name: string, labels: Record<string, string>, act: () => Promise<unknown>): Promise<number> {
    const before = await read(name, labels)
    await act()
    return (await read(name, labels)) - before
  }

  test('are Prometheus’ text format, with its media type', async () => {
    const answer = await fetch(`${operations()}/metrics`)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const families = parseMetrics(await answer.text())
    expect([...families.values()].filter(({ samples }) => samples.length === 0).map(({ name }) => name)).toEqual([
      'tract_events_accepted_total',
    ])
  })

  test('count messages as they are accepted, and a repetition once', async () => {
    const key = { 'idempotency-key': 'once' }
    const accepted = { sender: 'ceu' }
    expect(await growth('tract_messages_accepted_total', accepted, () => write('one'))).toBe(1)
    expect(await growth('tract_messages_accepted_total', accepted, () => write('one', key))).toBe(1)
    expect(await growth('tract_messages_accepted_total', accepted, () => write('one', key))).toBe(0)
  })

  test('count events by type', async () => {
    const body = { user_id: 'one', type: 'conversation_state', subtype: 'waiting' }
    const send = (headers = {}) => ok(world.listeners.iva.post('/tract/event/send', body, headers))
    await send({ 'idempotency-key': 'first' })
    const type = { type: 'conversation_state' }
    expect(await growth('tract_events_accepted_total', type, () => send())).toBe(1)
    expect(await growth('tract_events_accepted_total', type, () => send({ 'idempotency-key': 'first' }))).toBe(0)
  })

  test('count and time calls by operation, and what is no operation', async () => {
    const answered = { operation: 'listHooks', status: '200' }
    const list = () => ok(world.listeners.iva.get('/tract/hooks/list/'))
    expect(await growth('tract_http_requests_total', answered, list)).toBe(1)
    expect(await growth('tract_http_request_duration_seconds_count', { operation: 'listHooks' }, list)).toBe(1)
    const unknown = () => fetch(`${service.url}/no/such/path`)
    expect(await growth('tract_http_requests_total', { operation: 'none', status: '404' }, unknown)).toBe(1)
    const refused = () => fetch(`${service.url}/tract/hooks/list/`)
    expect(await growth('tract_http_requests_total', { operation: 'listHooks', status: '401' }, refused)).toBe(1)
  })

  test('count attempts by what came of them, deliveries as they end, and how long they took since they were accepted', async () => {
    await until(async () => (await read('tract_lanes_leased')) === 0, 'nothing under way')
    const before = await read('tract_deliveries_ended_total', { state: 'delivered' })
    const [acknowledged, refused, slow] = [
      await read('tract_delivery_attempts_total', { outcome: 'acknowledged' }),
      await read('tract_delivery_attempts_total', { outcome: 'status_4xx' }),
      await read('tract_delivery_lag_seconds_count'),
    ]
    receiver.answer = ({ headers }) => ({ status: headers['tract-attempt'] === '1' ? 400 : 200 })
    await write('two')
    await until(
      async () => (await read('tract_deliveries_ended_total', { state: 'delivered' })) === before + 1,
      'the delivery',
    )
    expect(await read('tract_delivery_attempts_total', { outcome: 'acknowledged' })).toBe(acknowledged + 1)
    expect(await read('tract_delivery_attempts_total', { outcome: 'status_4xx' })).toBe(refused + 1)
    expect(await read('tract_delivery_lag_seconds_count')).toBe(slow + 1)
    expect(await read('tract_delivery_attempt_duration_seconds_count')).toBeGreaterThanOrEqual(2)
  })

  test('show attempts under way, leased lanes and open breakers', async () => {
    const pending: (() => void)[] = []
    receiver.answer = () => new Promise((resolve) => pending.push(() => resolve({})))
    await write('three')
    await until(async () => (await read('tract_delivery_attempts_in_flight')) === 1, 'an attempt under way')
    expect(await read('tract_lanes_leased')).toBe(1)
    receiver.answer = () => ({ status: 503 })
    for (const resolve of pending) resolve()
    await write('four')
    await until(async () => (await read('tract_breakers_open')) === 1, 'an open breaker')
    receiver.answer = () => ({})
    await until(async () => (await read('tract_breakers_open')) === 0, 'a closed breaker')
    await until(async () => (await read('tract_lanes_leased')) === 0, 'nothing under way')
    expect(await read('tract_delivery_attempts_in_flight')).toBe(0)
  })

  test('show the connections to the database, and how the process is doing', async () => {
    for (const pool of ['api', 'delivery']) {
      expect(await read('tract_database_connections', { pool })).toBeGreaterThan(0)
      expect(await read('tract_database_connections_max', { pool })).toBeGreaterThan(0)
      expect(await read('tract_database_waiting', { pool })).toBe(0)
    }
    expect(await read('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
    expect(await read('process_start_time_seconds')).toBeCloseTo(Date.now() / 1000 - process.uptime(), -1)
    expect(await read('nodejs_eventloop_utilization_ratio')).toBeLessThanOrEqual(1)
    expect(await read('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
    const busy = () => ok(world.listeners.iva.get('/tract/hooks/list/'))
    expect(await growth('process_cpu_seconds_total', {}, busy)).toBeGreaterThan(0)
  })

  test('name no user, organisation, listener, client or address', async () => {
    const text = await page()
    const told = ['one', 'two', 'three', 'four', 'Secretive', world.organisation, '127.0.0.1', 'Asha']
    const labels = [...parseMetrics(text).values()].flatMap(({ samples }) =>
      samples.flatMap((sample) => Object.values(sample.labels)),
    )
    expect(labels.filter((label) => told.includes(label) || label === 'md')).toEqual([])
    for (const { credentials } of Object.values(world.listeners)) expect(text).not.toContain(credentials.client_id)
    expect(text).not.toContain(world.organisation)
  })

  test('are not at the port of the API, which has its own health checks', async () => {
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404)
    for (const url of [service.url, operations()])
      for (const path of ['/healthz', '/readyz']) expect((await fetch(url + path)).status).toBe(200)
  })
})

describe('the operations port', () => {
  test('is not served unless it is asked for', async () => {
    const service = await TestService.start()
    expect(service.service.operationsUrl).toBeNull()
    await service.close()
  })

  test('says that the service is not ready while it finishes, and is closed last', async () => {
    const service = await TestService.start({ environment: { TRACT_OPERATIONS_PORT: '0' }, delivery: QUICK })
    const operations = service.service.operationsUrl as string
    const { listeners } = await service.world({ md: 'md', iva: 'iva' })
    // of its own: it answers while the service closes
    const receiver = await Receiver.start()
    await receiver.hear(listeners.iva, 'message.receive')
    let answer: () => void = () => {}
    receiver.answer = () => new Promise((resolve) => (answer = () => resolve({})))
    const body = { user_id: 'one', message_body: 'Hello', sender: 'ceu', user: {} }
    await ok(listeners.md.post('/platform/message/send/', body))
    await receiver.waitFor(() => true)
    const closed = service.close()
    await until(async () => (await fetch(`${operations}/readyz`)).status === 503, 'not ready')
    expect((await fetch(`${operations}/healthz`)).status).toBe(200)
    expect(await (await fetch(`${operations}/metrics`)).text()).toContain('tract_delivery_attempts_in_flight 1\n')
    answer()
    await closed
    await expect(fetch(`${operations}/healthz`)).rejects.toThrow()
    await receiver.close()
  })
})

describe('the text of metrics', () => {
  test('has every bound of a histogram with all that is below it', () => {
    const histogram = new Histogram([0.1, 1])
    for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value)
    expect(new Exposition().histogram('h_seconds', 'How long.', [[{ kind: 'a' }, histogram]]).toString()).toBe(
      [
        '# HELP h_seconds How long.',
        '# TYPE h_seconds histogram',
        'h_seconds_bucket{kind="a",le="0.1"} 2',
        'h_seconds_bucket{kind="a",le="1"} 3',
        'h_seconds_bucket{kind="a",le="+Inf"} 4',
        'h_seconds_sum{kind="a"} 7.65',
        'h_seconds_count{kind="a"} 4',
        '',
      ].join('\n'),
    )
  })

  test('escapes what would break it', () => {
    const text = new Exposition().gauge('g', 'one\ntwo \\ three', [[{ label: 'a"b\\c\nd' }, 1]]).toString()
    expect(text).toBe('# HELP g one\\ntwo \\\\ three\n# TYPE g gauge\ng{label="a\\"b\\\\c\\nd"} 1\n')
    expect(parseMetrics(text).get('g')?.samples).toHaveLength(1)
  })
})
