/** What the source document has in a form of its own: names of events that are no names, and `success` in an answer that says no. */

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, call, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'

const NAMES = [
  ['transition(aeu, aeu)', 'transition_aeu'],
  ['transition(team, team)', 'transition_team'],
  ['Entity update', 'entity_update'],
]

let service: TestService
let receiver: Receiver
let iva: Caller
let md: Caller
let desk: Caller

beforeAll(async () => {
  service = await TestService.start()
  ;({ iva, md, desk } = (await service.world({ iva: 'iva', md: 'md', desk: 'ect' })).listeners)
  receiver = await service.receiver()
  const user = { user_id: 'asha', message_body: 'Hello', sender: 'ceu', user: {} }
  await ok(md.post('/platform/message/send/', user))
  await ok(
    iva.post('/tract/thread_control/request', { user_id: 'asha', type: 'pass', requester: 'iva', receiver: 'desk' }),
  )
})
afterAll(() => service.close())

describe.each(NAMES)('the source’s %s is %s', (source, name) => {
  const category = 'aeu_events'
  const events = ['/tract/event/send', '/tract/events/send', '/platform/event/send/']

  test('at a registration, whose answer has the name', async () => {
    const url = `${receiver.url}/${name}`
    const hook = await ok(iva.post('/tract/hooks/register/', { category, subcategory: source, url }))
    expect(hook).toMatchObject({ category, subcategory: name })
    const again = await ok(iva.post('/tract/hooks/register/', { category, subcategory: name, url }))
    expect(again.id).toBe(hook.id)
  })

  test.each(events)('at %s, and hooks get the name', async (path) => {
    const sender = path.startsWith('/platform') ? await sac() : desk
    const metadata = randomUUID()
    await ok(sender.post(path, { user_id: 'asha', type: category, subtype: source, metadata }))
    const delivery = await receiver.waitFor(({ body }) => body.metadata === metadata)
    expect(delivery.body).toMatchObject({ type: category, subtype: name })
  })

  test('in a filter of deliveries', async () => {
    for (const filter of [{ category, subcategory: source }, { subcategory: source }]) {
      const { deliveries } = await ok(iva.post('/tract/deliveries/list/', filter))
      expect(deliveries.length).toBeGreaterThan(0)
      for (const { subcategory } of deliveries) expect(subcategory).toBe(name)
    }
  })
})

test.each(['transition', 'Entity update ', 'entity update', 'transition(aeu,aeu)', 'Entity  update'])(
  'no other spelling is a name: %s',
  async (subtype) => {
    const answer = await desk.post('/tract/event/send', { user_id: 'asha', type: 'aeu_events', subtype })
    expect([answer.status, answer.body.code]).toEqual([400, 'unknown_event'])
  },
)

/** The platform's own desk, which may send events of desks at the platform's operation too. */
let own: Caller | undefined
async function sac(): Promise<Caller> {
  if (own) return own
  const world = await service.world({ iva: 'iva', md: 'md', desk: 'sac' })
  await receiver.hear(world.listeners.iva, ...NAMES.map(([, name]) => `aeu_events.${name}`))
  const user = { user_id: 'asha', message_body: 'Hello', sender: 'ceu', user: {} }
  await ok(world.listeners.md.post('/platform/message/send/', user))
  own = world.listeners.desk
  return own
}

describe('an answer that acknowledges says `success: false` beside its error', () => {
  const event = { user_id: 'asha', type: 'aeu_events', subtype: 'received' }
  const request = { user_id: 'asha', type: 'take', requester: 'desk', receiver: 'desk' }
  const paths = [
    ['/tract/event/send', event],
    ['/tract/event/send/', event],
    ['/tract/events/send', event],
    ['/tract/thread_control/request', request],
  ] as const

  test.each(paths)('at %s', async (path, body) => {
    const at = (options: object) => call(service.url + path, { token: desk.token, body, ...options })
    const headers = { 'idempotency-key': randomUUID() }
    await at({ headers, body: { ...body, user_id: 'nobody' } })
    const hooksOnly = (await service.login(desk.credentials, 'hooks')).token
    const answers = [
      [400, await at({ body: '{' })],
      [400, await at({ body: {} })],
      [401, await at({ token: undefined })],
      [401, await at({ token: 'x' })],
      [403, await at({ token: hooksOnly })],
      [404, await at({ body: { ...body, user_id: 'nobody' } })],
      [404, await at({ headers, body: { ...body, user_id: 'nobody' } })],
      [405, await at({ method: 'PUT' })],
      [413, await at({ body: `"${'x'.repeat(300_000)}"` })],
      [415, await at({ headers: { 'content-type': 'text/plain' } })],
      [415, await at({ headers: { 'content-encoding': 'gzip' } })],
      [422, await at({ headers })],
    ] as const
    for (const [status, answer] of answers) {
      expect([answer.status, answer.text]).toEqual([status, answer.text])
      expect(answer.body).toMatchObject({ success: false, error: expect.stringMatching(/\S/) })
    }
  })

  test('and no other answer has it', async () => {
    const answers = [
      await desk.post('/tract/message/send/', {}),
      await desk.post('/tract/thread_control/listeners/', {}),
      await desk.post('/tract/event/nothing', {}),
    ]
    for (const { body } of answers) expect(body).not.toHaveProperty('success')
  })
})
