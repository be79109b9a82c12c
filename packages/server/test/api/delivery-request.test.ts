/** What deliveries carry can be looked at, before and after: the request of one, and what a replay would send. */

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Delivery, DeliveryReplayPreview, DeliveryWithAttempts } from '@tract/contract'
import { ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { Webhook } from 'standardwebhooks'

let service: TestService
let receiver: Receiver
let world: World<'iva' | 'md'>
let delivery: Delivery

const get = async (id: string): Promise<DeliveryWithAttempts> =>
  ok(world.listeners.iva.post('/tract/deliveries/get/', { id }))
const write = (text: string) => world.write('asha', text)
const listed = async (filter: object): Promise<Delivery[]> =>
  (await ok(world.listeners.iva.post('/tract/deliveries/list/', { category: 'message', ...filter }))).deliveries

beforeAll(async () => {
  service = await TestService.start()
  receiver = await service.receiver()
  world = await service.world({ iva: 'iva', md: 'md' })
  await receiver.hear(world.listeners.iva, 'message.receive')
  await write('Hello')
  delivery = await until(async () => (await listed({ state: 'delivered' }))[0])
})
afterAll(() => service.close())

test('a delivery shows the request that was made, its signature included', async () => {
  const { request, attempts } = await get(delivery.id)
  const [received] = receiver.received
  expect(attempts).toHaveLength(1)
  expect(request?.url).toBe(`${receiver.url}/message.receive`)
  expect(request?.body).toBe(received?.text)
  expect(received?.headers).toMatchObject(request?.headers ?? {})
  const secret = receiver.secrets['message.receive'] ?? ''
  const webhook = new Webhook(secret)
  expect(webhook.verify(request?.body ?? '', request?.headers ?? {})).toMatchObject({ user_id: 'asha' })
})

test('a preview shows what a replay would send, and sends nothing', async () => {
  const { iva } = world.listeners
  const filter = { category: 'message', user_id: 'asha', state: 'delivered' }
  const preview: DeliveryReplayPreview = await ok(iva.post('/tract/deliveries/replay/preview/', { filter }))
  expect(preview).toEqual({
    matched: 1,
    deliveries: [{ delivery, url: `${receiver.url}/message.receive`, body: receiver.received[0]?.text }],
  })
  expect(await listed({})).toEqual([delivery])
  const replayed = await ok(iva.post('/tract/deliveries/replay/', { filter }))
  expect(replayed.replayed).toBe(preview.matched)
  await until(() => receiver.received.length === 2)
  expect(receiver.received[1]?.text).toBe(preview.deliveries[0]?.body)
})

test('what waits shows no signature yet, and what has no hook any more no address', async () => {
  const { iva } = world.listeners
  const { hooks } = await ok(iva.get('/tract/hooks/list/'))
  await ok(iva.post('/tract/hooks/disable/', { id: hooks[0].id }))
  await write('Are you there?')
  const waiting = await until(async () => (await listed({ state: 'pending' }))[0])
  const { request, attempts } = await get(waiting.id)
  expect(attempts).toEqual([])
  expect(request?.headers).not.toHaveProperty('webhook-signature')
  expect(request?.headers).toMatchObject({ 'webhook-id': waiting.id, 'tract-sequence': String(waiting.sequence) })
  expect(JSON.parse(request?.body ?? '').message_body.text).toBe('Are you there?')
  await ok(iva.post('/tract/hooks/unregister/', { id: hooks[0].id }))
  const { request: before } = await get(delivery.id)
  expect(before).not.toHaveProperty('url')
  expect(before?.headers).not.toHaveProperty('webhook-signature')
})
