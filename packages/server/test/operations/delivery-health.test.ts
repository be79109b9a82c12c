import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { Sliced } from '../../src/database/slices.js'
import { recordBreakers } from '../../src/deliver/health/fault-rows.js'
import { listDeliveryHealth } from '../../src/views/delivery-health.js'
import { healthOf, type Item, list, QUIET, SETTINGS, service, useService, write } from './health-lists.js'

useService()

describe('the health of deliveries', () => {
  let world: World<'md' | 'iva'>
  let receiver: Receiver

  beforeAll(async () => {
    world = await service.world({ md: 'md', iva: 'iva' })
    receiver = await Receiver.start()
    await receiver.hear(world.listeners.iva, 'message.receive')
  })
  afterAll(() => receiver.close())

  const health = () => healthOf(world.organisation, 'iva')

  test('is quiet where everything is delivered', async () => {
    await write(world.listeners.md, 'one')
    await until(async () => (await health()).waiting_lanes === 0, 'the delivery')
    expect(await health()).toEqual({ organisation_id: world.organisation, listener_id: 'iva', ...QUIET })
  })

  test('tells how much is being delivered at the moment', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    receiver.answer = async () => {
      await held
      return {}
    }
    await write(world.listeners.md, 'slow-one')
    await write(world.listeners.md, 'slow-two')
    await until(async () => (await health()).delivering_lanes === 2, 'two lanes under way')
    release()
    receiver.answer = () => ({})
    await until(async () => (await health()).waiting_lanes === 0, 'the deliveries')
    expect(await health()).toMatchObject(QUIET)
  })

  test('tells how far a listener lags, by its oldest head, and which of its endpoints are failing', async () => {
    receiver.answer = () => ({ status: 500 })
    const startedAt = Date.now()
    await write(world.listeners.md, 'one')
    await write(world.listeners.md, 'one')
    await write(world.listeners.md, 'two')
    const troubled = await until(async () => {
      const found = await health()
      return found.open_breakers.length > 0 && found.failing_lanes === 2 && found
    }, 'an open breaker')
    expect(troubled).toMatchObject({ waiting_lanes: 2, failing_lanes: 2, pending_deliveries: 3 })
    const { deliveries } = await ok(world.listeners.iva.post('/tract/deliveries/list/', { state: 'pending' }))
    const { id, created_at } = deliveries.at(-1)
    expect(troubled.oldest_head).toEqual({ delivery_id: id, created_at })
    expect(troubled.lag_ms).toBeGreaterThan(0)
    expect(troubled.lag_ms).toBeLessThanOrEqual(Date.now() - Date.parse(created_at))
    const [{ opened_at, ...breaker }] = troubled.open_breakers
    expect(breaker).toEqual({ origin: receiver.url, processes: 1 })
    expect(Date.parse(opened_at)).toBeGreaterThanOrEqual(startedAt)
    receiver.answer = () => ({})
    await until(async () => (await health()).open_breakers.length === 0, 'a closed breaker')
    await until(async () => (await health()).waiting_lanes === 0, 'everything delivered')
    expect(await health()).toMatchObject(QUIET)
  })

  test('tells what waits for a disabled hook', async () => {
    const [{ id }] = (await ok(world.listeners.iva.get('/tract/hooks/list/'))).hooks
    await ok(world.listeners.iva.post('/tract/hooks/disable/', { id }))
    await write(world.listeners.md, 'one')
    await until(async () => (await health()).waiting_lanes === 1, 'a lane that waits')
    expect(await health()).toMatchObject({ disabled_hooks: 1, pending_deliveries: 1, open_breakers: [] })
    await ok(world.listeners.iva.post('/tract/hooks/enable/', { id }))
    await until(async () => (await health()).waiting_lanes === 0, 'the delivery')
  })

  test('comes in pages by organisation and listener, each listener once', async () => {
    await service.world({ a: 'iva', b: 'ect', c: 'analytics' })
    const { listeners: all, next } = await list('health', { limit: '200' })
    expect(next).toBeUndefined()
    const nameOf = ({ organisation_id, listener_id }: Item) => `${organisation_id}/${listener_id}`
    const paged: Item[] = []
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page: Item = await list('health', { limit: '2', ...(after && { after }) })
      expect(page.listeners.length).toBeLessThanOrEqual(2)
      paged.push(...page.listeners)
      after = page.next
    }
    expect(paged.map(nameOf)).toEqual(all.map(nameOf))
    expect(all.map(nameOf)).toEqual([...all.map(nameOf)].sort())
    expect((await list('health', { organisation_id: randomUUID() })).listeners).toEqual([])
  })

  test('counts the processes that hold a breaker open, and forgets those that are gone', async () => {
    const now = Date.now()
    // confirmed for an hour from now: no test takes so long that they are gone
    const confirmed = new Date(now + 3_600_000)
    const breaker = (openedAt: number) => ({
      organisationId: world.organisation,
      listener: 'md',
      origin: 'https://md.example.com',
      openedAt: new Date(openedAt),
    })
    const stalled = randomUUID()
    await recordBreakers(service.stored.pool, stalled, [breaker(now - 50_000)], new Date(now - 40_000))
    await recordBreakers(service.stored.pool, randomUUID(), [breaker(now - 5_000)], confirmed)
    const other = randomUUID()
    await recordBreakers(service.stored.pool, other, [breaker(now - 9_000)], confirmed)
    const breakers = async () => (await healthOf(world.organisation, 'md')).open_breakers
    const origin = 'https://md.example.com'
    expect(await breakers()).toEqual([{ origin, opened_at: new Date(now - 9_000).toISOString(), processes: 2 }])
    await recordBreakers(service.stored.pool, other, [], confirmed)
    expect(await breakers()).toEqual([{ origin, opened_at: new Date(now - 5_000).toISOString(), processes: 1 }])
    // it was only held up, and comes back
    for (const confirmedAt of [new Date(now - 40_000), confirmed])
      await recordBreakers(service.stored.pool, stalled, [breaker(now - 50_000)], confirmedAt)
    expect(await breakers()).toEqual([{ origin, opened_at: new Date(now - 50_000).toISOString(), processes: 2 }])
  })

  test('reads the lanes that wait, however many there are that do not', async () => {
    const { organisation: organisationId } = await service.world({ desk: 'ect' })
    // one connection, which says what it has read
    const client = await service.stored.pool.connect()
    await client.query(
      `insert into lanes (bucket, organisation_id, listener, user_id, head, tail)
        select i % 256, $1, 'desk', i::text, 1, 1 from generate_series(1, 40000) i`,
      [organisationId],
    )
    await client.query(
      `update lanes set tail = 3, next_at = now() + interval '1 hour', in_use_since = now() where organisation_id = $1 and bucket < 2`,
      [organisationId],
    )
    await client.query('analyze lanes')
    const pagesRead = async () => {
      await client.query('select pg_stat_force_next_flush()')
      const text = `select (heap_blks_hit + heap_blks_read)::float as pages from pg_statio_user_tables where relname = 'lanes'`
      return (await client.query<{ pages: number }>(text)).rows[0]?.pages ?? 0
    }
    const before = await pagesRead()
    const [row] = await listDeliveryHealth(new Sliced([client]), { organisationId, limit: 10 }, new Date())
    const pages = (await pagesRead()) - before
    client.release()
    expect(row).toMatchObject({ waiting_lanes: 313, pending_deliveries: 626 })
    expect(pages).toBeGreaterThan(0)
    expect(pages).toBeLessThan(700)
  })
})

test('a process that stops takes its breakers back', async () => {
  const other = await TestService.start({ delivery: SETTINGS })
  const { listeners, organisation } = await other.world({ md: 'md', iva: 'iva' })
  const receiver = await Receiver.start()
  await receiver.hear(listeners.iva, 'message.receive')
  receiver.answer = () => ({ status: 500 })
  await write(listeners.md, 'one')
  const { stored } = other
  await until(async () => (await stored.count('open_breakers')) === 1, 'an open breaker')
  expect(await stored.row('open_breakers')).toMatchObject({ organisation_id: organisation })
  await other.service.close()
  expect(await stored.rows('open_breakers')).toEqual([])
  await other.close()
  await receiver.close()
})
