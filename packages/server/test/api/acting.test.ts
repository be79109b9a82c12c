import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, call, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'

let service: TestService
let admin: Caller
let world: World<'iva' | 'md' | 'desk'>
let receiver: Receiver
const lines: string[] = []

beforeAll(async () => {
  service = await TestService.start({
    environment: { TRACT_LOG_LEVEL: 'info' },
    logTo: { write: (line: string) => void lines.push(line) },
  })
  admin = await service.admin()
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
  receiver = await service.receiver()
})
afterAll(() => service.close())

const as = (listener: string, organisation = world.organisation) => ({
  'tract-act-for': `${organisation}/${listener}`,
})
const get = (path: string, headers: Record<string, string>, token: string | undefined = admin.token) =>
  call(service.url + path, { method: 'GET', token, headers })
const hello = (user_id: string) => ({ user_id, message_body: 'Hello', sender: 'ceu', user: {} })

describe('an operator in place of a listener', () => {
  test('does what the listener does, with its hooks and in its name', async () => {
    const hook = { category: 'message', subcategory: 'receive', url: receiver.url }
    const { id } = await ok(admin.post('/tract/hooks/register/', hook, as('desk')))
    expect(
      (await ok(world.listeners.desk.get('/tract/hooks/list/'))).hooks.map((one: { id: string }) => one.id),
    ).toEqual([id])
    await ok(admin.post('/platform/message/send/', hello('acted'), as('md')))
    const control = { user_id: 'acted', type: 'pass', requester: 'iva', receiver: 'desk' }
    expect(await ok(admin.post('/tract/thread_control/request', control, as('iva')))).toMatchObject({ success: true })
    await ok(admin.post('/tract/message/send/', { user_id: 'acted', message_body: 'Ravi', sender: 'aeu' }, as('desk')))
    const { deliveries } = await ok(admin.post('/tract/deliveries/list/', { user_id: 'acted' }, as('desk')))
    expect(deliveries.length).toBeGreaterThan(0)
    expect(deliveries.every(({ listener }: { listener: string }) => listener === 'desk')).toBe(true)
  })

  test('does it with a session as well', async () => {
    const signedIn = await call(`${service.url}/platform/session/`, { body: service.demo.admin })
    const cookie = (signedIn.headers.get('set-cookie') as string).split(';')[0] as string
    const answer = await call(`${service.url}/tract/hooks/list/`, {
      method: 'GET',
      headers: { ...as('desk'), cookie, 'sec-fetch-site': 'same-origin' },
    })
    expect([answer.status, answer.body.hooks.length]).toEqual([200, 1])
    const foreign = await call(`${service.url}/tract/hooks/list/`, {
      method: 'GET',
      headers: { ...as('desk'), cookie, 'sec-fetch-site': 'same-site' },
    })
    expect(foreign.status).toBe(401)
  })

  test('may no more than a client of that listener', async () => {
    const sent = await admin.post('/platform/message/send/', hello('refused'), as('desk'))
    expect([sent.status, sent.body.code]).toEqual([403, 'insufficient_scope'])
    const spoken = await admin.post('/platform/message/send/', hello('refused'), as('iva'))
    expect([spoken.status, spoken.body.code]).toEqual([403, 'sender_not_allowed'])
    for (const path of ['/platform/organisations/', '/platform/session/'])
      expect((await get(path, as('iva'))).body.code).toBe('insufficient_scope')
  })

  test.each<[string, () => string]>([
    ['a listener that there is not', () => `${world.organisation}/nobody`],
    ['an organisation that there is not', () => `${randomUUID()}/desk`],
    ['no listener', () => `${world.organisation}/`],
    ['no organisation', () => 'desk'],
    ['more than one', () => `${world.organisation}/desk/iva`],
    ['two of them', () => `${world.organisation}/desk, ${world.organisation}/iva`],
    ['nothing', () => ''],
    ['a quote in its name', () => `${world.organisation}/desk'--`],
  ])('names %s and is refused', async (_what, header) => {
    const { status, body } = await get('/tract/hooks/list/', { 'tract-act-for': header() })
    expect([status, body.code]).toEqual([403, 'acting_refused'])
  })

  test('acts for no disabled listener', async () => {
    const listener = { organisation_id: world.organisation, listener_id: 'late' }
    await ok(admin.post('/platform/listeners/', { ...listener, kind: 'ect' }))
    expect((await get('/tract/hooks/list/', as('late'))).status).toBe(200)
    await ok(admin.post('/platform/listeners/update/', { ...listener, enabled: false }))
    expect((await get('/tract/hooks/list/', as('late'))).body.code).toBe('acting_refused')
  })

  test('uses a key for one listener, and not again for another', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const hook = { category: 'thread_control', subcategory: 'expired', url: receiver.url }
    const first = await admin.post('/tract/hooks/register/', hook, { ...headers, ...as('desk') })
    const again = await admin.post('/tract/hooks/register/', hook, { ...headers, ...as('desk') })
    expect([again.headers.get('idempotency-replayed'), again.body.id]).toEqual(['true', first.body.id])
    const other = await admin.post('/tract/hooks/register/', hook, { ...headers, ...as('iva') })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
  })

  test('is named in the log, with whom it acts for', async () => {
    const { headers } = await get('/tract/hooks/list/', as('desk'))
    const line = await until(() => lines.find((text) => text.includes(headers.get('x-request-id') as string)))
    expect(JSON.parse(line)).toMatchObject({
      clientId: service.demo.admin.client_id,
      organisationId: world.organisation,
      actingFor: 'desk',
    })
  })
})

describe('a listener’s own client', () => {
  test.each(['iva', 'md', 'desk'] as const)('acts for nobody, not even for itself: %s', async (name) => {
    for (const whom of ['desk', name]) {
      const { status, body } = await get('/tract/hooks/list/', as(whom), world.listeners[name].token)
      expect([status, body.code]).toEqual([403, 'acting_refused'])
    }
  })
})
