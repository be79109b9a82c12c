import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { type Item, list, service, useService, write } from './health-lists.js'

useService()

describe('faults of the service itself', () => {
  let world: World<'md' | 'iva'>
  let receiver: Receiver

  beforeAll(async () => {
    world = await service.world({ md: 'md', iva: 'iva' })
    receiver = await Receiver.start()
    await receiver.hear(world.listeners.iva, 'message.receive')
  })
  afterAll(() => receiver.close())

  const faults = async (): Promise<Item[]> => (await list('faults', { organisation_id: world.organisation })).faults

  test('are listed while nothing can be sent, and apart from what a vendor sees', async () => {
    const hook = { organisation_id: world.organisation }
    const { secret } = await service.stored.row('hooks', hook)
    await service.stored.change('hooks', { secret: Buffer.from('sealed with another key') }, hook)
    await write(world.listeners.md, 'one')
    const fault = await until(async () => (await faults()).find(({ count }) => count > 1), 'a fault that came again')
    expect(fault).toMatchObject({ listener_id: 'iva', fault: 'attempt_not_made', state: 'pending' })
    expect(fault.error).toMatch(/^\w+$/)
    expect(Date.parse(fault.last_at)).toBeGreaterThan(Date.parse(fault.first_at))
    const seen = await ok(world.listeners.iva.post('/tract/deliveries/get/', { id: fault.delivery_id }))
    expect([seen.delivery.attempts, seen.attempts]).toEqual([0, []])
    expect(receiver.received).toEqual([])
    await service.stored.change('hooks', { secret }, hook)
    await receiver.waitFor(() => true)
    await until(async () => (await faults())[0].state === 'delivered', 'the state of the delivery')
  })

  test('are listed where what came of an attempt cannot be written, not even in part', async () => {
    await service.stored.pool.query("alter table lanes add constraint unlucky check (user_id <> 'unlucky' or head = 0)")
    await write(world.listeners.md, 'unlucky')
    const found = await until(
      async () => (await faults()).find(({ fault }) => fault === 'result_not_written'),
      'a fault at writing',
    )
    expect(found).toMatchObject({ listener_id: 'iva', error: '23514', state: 'pending' })
    await service.stored.pool.query('alter table lanes drop constraint unlucky')
  })

  test('come in pages, those of the newest deliveries first', async () => {
    const all = await faults()
    expect(all.length).toBeGreaterThanOrEqual(2)
    const first = await list('faults', { organisation_id: world.organisation, limit: '1' })
    expect(first.faults.map(({ delivery_id }: Item) => delivery_id)).toEqual([all[0].delivery_id])
    const rest = await list('faults', { organisation_id: world.organisation, after: first.next })
    expect(rest.faults.map(({ delivery_id }: Item) => delivery_id)).toEqual(all.slice(1).map((one) => one.delivery_id))
    const ids = all.map(({ delivery_id }) => delivery_id)
    expect(ids).toEqual([...ids].sort().reverse())
  })

  test('are not what receivers refuse', async () => {
    const before = (await faults()).length
    receiver.answer = () => ({ status: 400 })
    await write(world.listeners.md, 'three')
    await until(async () => {
      const { deliveries } = await ok(
        world.listeners.iva.post('/tract/deliveries/list/', { user_id: 'three', state: 'undeliverable' }),
      )
      return deliveries.length === 1
    }, 'the end of the delivery')
    expect((await faults()).length).toBe(before)
  })
})
