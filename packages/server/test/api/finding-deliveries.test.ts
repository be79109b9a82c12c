/** What operators and vendors do where deliveries fail: see what they wait for, take many at a time, and take them out as a file. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Delivery, DeliveryBulk, DeliveryWithAttempts } from '@tract/contract'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { cell } from '../../src/api/exports/csv.js'
import { DELIVERY_SETTINGS } from '../../src/deliver/settings.js'
import { bucketOf } from '../../src/lanes/bucket.js'
import { deliveryWait } from '../../src/views/delivery-wait.js'

const USERS = ['u1', 'u2', 'u3']

let service: TestService
let receiver: Receiver
let admin: Caller
let world: World<'iva' | 'md'>
let iva: Caller

beforeAll(async () => {
  // what failed once is tried again in an hour
  const delivery = { retry: { ...DELIVERY_SETTINGS.retry, delays: [3_600_000], jitter: 0 } }
  service = await TestService.start({ delivery: { ...delivery, faultReport: 100 } })
  receiver = await service.receiver()
  admin = await service.admin()
  world = await service.world({ iva: 'iva', md: 'md' })
  iva = world.listeners.iva
  await receiver.hear(iva, 'message.receive')
  receiver.answer = () => ({ status: 503 })
  for (const user of USERS) {
    await world.write(user, '=HYPERLINK("http://x")')
    await world.write(user, 'a "second", with a comma')
  }
  await until(async () => (await listed({ http_status: 503 })).length === USERS.length, 'heads that have failed')
})
afterAll(() => service.close())

const listed = async (filter: object): Promise<Delivery[]> =>
  (await ok(iva.post('/tract/deliveries/list/', filter))).deliveries
const get = (id: string, by = iva): Promise<DeliveryWithAttempts> => ok(by.post('/tract/deliveries/get/', { id }))
const waitOf = (by: Caller, user_id: string, reason: string) =>
  until(async () => {
    const { deliveries } = await ok(by.post('/tract/deliveries/list/', { user_id }))
    const { waits_for } = await get(deliveries[0].id, by)
    return waits_for?.reason === reason ? waits_for : undefined
  }, `a delivery that waits for ${reason}`)
const many = (action: 'retry' | 'skip', body: object): Promise<DeliveryBulk> =>
  ok(iva.post(`/tract/deliveries/${action}_many/`, body))
const exported = (what: string, parameters: Record<string, string> = {}, as = admin) =>
  as.get(`/platform/${what}/export/?${new URLSearchParams({ organisation_id: world.organisation, ...parameters })}`)

describe('a pending delivery', () => {
  test('says what it waits for: its turn, and the next attempt of the one before it', async () => {
    const [second, first] = await listed({ user_id: 'u1' })
    const head = await until(async () => {
      const { waits_for } = await get(first?.id ?? '')
      return waits_for?.reason === 'retry' ? waits_for : undefined
    }, 'a lane at rest')
    expect(head).toMatchObject({ reason: 'retry', ahead: 0, hook_id: expect.any(String) })
    expect(Date.parse(head.until ?? '')).toBeGreaterThan(Date.now() + 60_000)
    expect(head).not.toHaveProperty('head_id')
    expect((await get(second?.id ?? '')).waits_for).toEqual({ ...head, ahead: 1, head_id: first?.id })
  })

  test('says that its hook is disabled, and nothing once it has ended', async () => {
    const [, first] = await listed({ user_id: 'u1' })
    const { hooks } = await ok(iva.get('/tract/hooks/list/'))
    await ok(iva.post('/tract/hooks/disable/', { id: hooks[0].id }))
    await until(async () => (await get(first?.id ?? '')).waits_for?.reason === 'hook_disabled')
    await ok(iva.post('/tract/hooks/enable/', { id: hooks[0].id }))
    await until(async () => (await get(first?.id ?? '')).waits_for?.reason === 'retry', 'a lane at rest again')
  })

  test('says behind which breaker it waits', async () => {
    const other = await service.world({ iva: 'iva', md: 'md' })
    const failing = await service.receiver()
    failing.answer = () => ({ status: 503 })
    await failing.hear(other.listeners.iva, 'message.receive')
    for (let user = 0; user < DELIVERY_SETTINGS.breaker.failures; user++) await other.write(`user-${user}`)
    const waits = await waitOf(other.listeners.iva, 'user-0', 'breaker')
    expect(waits).toMatchObject({ ahead: 0, origin: failing.url, hook_id: expect.any(String) })
    await failing.close()
  })

  test('says that the stream which its hook stands at has no reader, and that its listener is disabled', async () => {
    const other = await service.world({ iva: 'iva', md: 'md' })
    const { iva } = other.listeners
    const hook = await ok(
      iva.post('/tract/hooks/register/', { category: 'message', subcategory: 'receive', url: 'tract:stream' }),
    )
    await other.write('asha')
    expect(await waitOf(iva, 'asha', 'no_reader')).toEqual({ reason: 'no_reader', ahead: 0, hook_id: hook.id })
    const listener = { organisation_id: other.organisation, listener_id: 'iva' }
    await ok(admin.post('/platform/listeners/update/', { ...listener, enabled: false }))
    const key = { organisationId: other.organisation, listener: 'iva', userId: 'asha' }
    const lane = { ...key, bucket: bucketOf(other.organisation, 'asha') }
    // the listener's tokens count no more, and no operator acts for it
    const waits = await until(async () => {
      const now = await deliveryWait(service.stored.pool, lane, 1, new Date())
      return now?.reason === 'attempt' ? undefined : now
    })
    expect(waits).toEqual({ reason: 'listener_disabled', ahead: 0 })
  })
})

describe('many that fail', () => {
  test('are found by a dry run, in steps, which changes nothing', async () => {
    const whole = await many('skip', { dry_run: true })
    expect(whole).toMatchObject({ matched: 3, changed: 0 })
    const first = await many('retry', { dry_run: true, limit: 2 })
    expect(first).toMatchObject({ matched: 2, changed: 0, more: true, next: first.deliveries[1]?.id })
    const rest = await many('retry', { dry_run: true, limit: 2, after: first.next })
    expect([...first.deliveries, ...rest.deliveries]).toEqual(whole.deliveries)
    expect(rest).not.toHaveProperty('more')
    expect(await many('skip', { dry_run: true, state: 'delivered' })).toMatchObject({ matched: 0 })
    expect(await many('skip', { dry_run: true, error: 'timeout' })).toMatchObject({ matched: 0 })
  })

  test('are skipped, and what is behind them goes', async () => {
    const { deliveries } = await many('skip', { dry_run: true, user_id: 'u1' })
    const done = await until(async () => {
      const answer = await many('skip', { user_id: 'u1', limit: 1 })
      return answer.changed === 1 ? answer : undefined
    }, 'a lane that is not being worked on')
    expect(done.deliveries).toMatchObject([{ id: deliveries[0]?.id, state: 'cancelled' }])
    expect((await get(deliveries[0]?.id ?? '')).delivery.state).toBe('cancelled')
  })

  test('are tried again now', async () => {
    receiver.answer = () => ({})
    await until(async () => {
      await many('retry', {})
      return (await listed({ state: 'pending' })).length === 0
    }, 'that all has arrived')
    expect(await many('retry', {})).toEqual({ matched: 0, changed: 0, deliveries: [] })
  })
})

describe('an export', () => {
  test('of deliveries is CSV with a line for each that the filter means', async () => {
    const { status, headers, text } = await exported('deliveries', { user_id: 'u2', state: 'delivered' })
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    expect(headers.get('content-disposition')).toBe('attachment; filename="deliveries.csv"')
    const [names, ...rows] = text.trimEnd().split('\r\n')
    expect(names).toBe('id,listener,user_id,sequence,category,subcategory,state,attempts,created_at,ended_at,replay_of')
    expect(rows.map((row) => row.split(',').slice(1, 4))).toEqual([
      ['iva', 'u2', '2'],
      ['iva', 'u2', '1'],
    ])
    expect((await exported('deliveries', { listener_id: 'md' })).text.trimEnd().split('\r\n')).toHaveLength(1)
  })

  test('of messages makes formulas harmless, and has the period that is asked for', async () => {
    const { text } = await exported('messages', { user_id: 'u1' })
    const [, first, second] = text.split('\r\n')
    expect(first).toContain(`,"'=HYPERLINK(""http://x"")",`)
    expect(second).toContain(',"a ""second"", with a comma",')
    const ndjson = await exported('messages', { user_id: 'u1', format: 'ndjson' })
    expect(ndjson.headers.get('content-type')).toBe('application/x-ndjson')
    const rows = ndjson.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { messages } = await ok(iva.post('/tract/messages/list/', { user_id: 'u1' }))
    expect(rows).toEqual(messages)
    const later = await exported('messages', { user_id: 'u1', from: '2999-01-01T00:00:00Z', format: 'ndjson' })
    const earlier = await exported('messages', { user_id: 'u1', to: '2999-01-01T00:00:00Z', format: 'ndjson' })
    expect([later.text, earlier.text]).toEqual(['', ndjson.text])
    expect(
      (await exported('messages', { user_id: 'u1', conversation_number: '9999999999', format: 'ndjson' })).text,
    ).toBe('')
  })

  test('of threads is the list, page by page', async () => {
    for (let user = 0; user < 205; user += 41)
      await Promise.all(
        Array.from({ length: 41 }, (_, at) => world.write(`many-${String(user + at).padStart(3, '0')}`, 'Hello')),
      )
    const { text } = await exported('threads', { user_id_prefix: 'many-', format: 'ndjson' })
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).user_id)
    expect(rows).toEqual(Array.from({ length: 205 }, (_, user) => `many-${String(user).padStart(3, '0')}`))
  })

  test('is the operator’s alone, and of one organisation', async () => {
    for (const what of ['threads', 'deliveries']) expect((await exported(what, {}, iva)).status).toBe(403)
    const other = await service.world({ iva: 'iva' })
    for (const what of ['threads', 'deliveries'])
      expect((await exported(what, { organisation_id: other.organisation, format: 'ndjson' })).text).toBe('')
    expect((await exported('messages', { organisation_id: other.organisation, user_id: 'u1' })).status).toBe(404)
  })

  test('that is asked for wrongly is answered as an error, and not begun', async () => {
    const wrong = [
      { format: 'xml' },
      { created_from: 'yesterday' },
      { http_status: '9007199254740993' },
      { error: 'x'.repeat(65) },
    ]
    for (const query of wrong)
      expect((await exported('deliveries', query as unknown as Record<string, string>)).status).toBe(400)
  })

  test('that its caller leaves gives its place to another', async () => {
    for (let time = 0; time < 6; time++) {
      const leaving = new AbortController()
      const url = `${service.url}/platform/threads/export/?organisation_id=${world.organisation}`
      const answer = await fetch(url, { headers: { authorization: `Bearer ${admin.token}` }, signal: leaving.signal })
      leaving.abort()
      expect(answer.status).toBe(200)
    }
    await until(async () => (await exported('threads')).status === 200, 'a place')
  })
})

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['＝1', "'＝1"],
  ['a\r\nb', '"a\r\nb"'],
  ['"', '""""'],
  [' a', '" a"'],
  ['a=1', 'a=1'],
  ['\t=1', "'\t=1"],
  [-1, '-1'],
  [undefined, ''],
])('%j is the cell %j', (value, expected) => {
  expect(cell(value)).toBe(expected)
})
