import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { Queryable } from '../../src/database/queryable.js'
import { ALL_BUCKETS } from '../../src/lanes/delivery-places.js'
import { RETENTION_SETTINGS, Retention, type RetentionSettings } from '../../src/upkeep/retention.js'
import { Engine } from '../deliver/engine.js'
import { writePast } from '../support/history.js'

const DAY = 24 * 3_600_000

describe('history past its time, as callers see it', () => {
  let service: TestService
  let receiver: Receiver

  beforeAll(async () => {
    // So little is kept that what a test does is history while it looks.
    service = await TestService.start({ retention: { keep: 1_500, look: 50, round: 100 } })
    receiver = await service.receiver()
  })
  afterAll(() => service.close())

  test('is not listed, not found and not replayed, and the conversation goes on behind it', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    await receiver.hear(listeners.desk, 'message.receive')
    const write = (text: string) =>
      ok(listeners.md.post('/platform/message/send/', { user_id: 'u', message_body: text, sender: 'ceu', user: {} }))
    const list = async () => (await ok(listeners.desk.post('/tract/deliveries/list/', {}))).deliveries
    expect((await write('first')).message_id).toBe(1)
    const [first] = await until(async () => {
      const deliveries = await list()
      return deliveries[0]?.state === 'delivered' && deliveries
    }, 'the delivery')
    await until(async () => (await list()).length === 0, 'the end of its time')

    for (const path of ['get', 'retry', 'skip']) {
      const gone = await listeners.desk.post(`/tract/deliveries/${path}/`, { id: first.id })
      expect(gone).toMatchObject({ status: 404, body: { code: 'delivery_not_found' } })
    }
    const replayed = await listeners.desk.post('/tract/deliveries/replay/', { ids: [first.id] })
    expect(replayed).toMatchObject({ status: 404, body: { code: 'delivery_not_found' } })
    expect(await ok(listeners.desk.post('/tract/deliveries/replay/', { filter: {} }))).toEqual({ replayed: 0, ids: [] })
    const receipt = { user_id: 'u', type: 'message', subtype: 'read', metadata: JSON.stringify({ message_id: 1 }) }
    expect(await listeners.md.post('/platform/event/send/', receipt)).toMatchObject({
      status: 404,
      body: { code: 'message_not_found' },
    })

    // Numbers go on, and so does the chain of deliveries.
    expect((await write('second')).message_id).toBe(2)
    const second = await receiver.waitFor(({ body }) => body.message_body?.text === 'second')
    expect(second.headers).toMatchObject({ 'tract-sequence': '2', 'tract-previous-id': first.id })
    // A desk that takes over gets what is left of the conversation.
    await ok(
      listeners.iva.post('/tract/thread_control/request', {
        user_id: 'u',
        type: 'pass',
        requester: 'iva',
        receiver: 'desk',
      }),
    )
  })

  test('does not include what waits', async () => {
    const { listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    await receiver.hear(listeners.desk, 'message.receive')
    const { hooks } = await ok(listeners.desk.get('/tract/hooks/list/'))
    await ok(listeners.desk.post('/tract/hooks/disable/', { id: hooks[0].id }))
    const write = (text: string) =>
      ok(listeners.md.post('/platform/message/send/', { user_id: 'v', message_body: text, sender: 'ceu', user: {} }))
    await write('kept one')
    await write('kept two')
    const list = async () => (await ok(listeners.desk.post('/tract/deliveries/list/', {}))).deliveries
    const waiting = await list()
    expect(waiting.map(({ state }: { state: string }) => state)).toEqual(['pending', 'pending'])
    const isGone = (md: Caller, user_id: string, message_id: number) => async () => {
      const receipt = { user_id, type: 'message', subtype: 'read', metadata: JSON.stringify({ message_id }) }
      return (await md.post('/platform/event/send/', receipt)).status === 404
    }
    // Written later, for no listener that hears it: once it is gone, the time of the others is over.
    const { listeners: deaf } = await service.world({ iva: 'iva', md: 'md' })
    await ok(deaf.md.post('/platform/message/send/', { user_id: 'w', message_body: 'x', sender: 'ceu', user: {} }))
    await until(isGone(deaf.md, 'w', 1), 'the end of a message that no delivery needs')
    expect(await isGone(listeners.md, 'v', 2)()).toBe(false)
    expect(await list()).toEqual(waiting)
    await ok(listeners.desk.post('/tract/hooks/enable/', { id: hooks[0].id }))
    await receiver.waitFor(({ body }) => body.message_body?.text === 'kept two')
    expect(
      receiver
        .messages()
        .filter(({ user_id }) => user_id === 'v')
        .map(({ message_body }) => message_body.text),
    ).toEqual(['kept one', 'kept two'])
    await until(isGone(listeners.md, 'v', 2), 'the end of the messages')
  })
})

describe('the removal of history', () => {
  let engine: Engine

  beforeAll(async () => {
    engine = await Engine.create()
  })
  afterAll(() => engine.close())

  const removing = (settings: Pick<RetentionSettings, 'keep'> & Partial<RetentionSettings>) =>
    new Retention({
      db: engine.pool,
      pool: engine.pool,
      buckets: () => new Set(ALL_BUCKETS),
      settings: { ...RETENTION_SETTINGS, look: 10, ...settings },
      onError: (error) => {
        throw error
      },
    })
  const deliveriesLeft = () => engine.stored.count('deliveries')

  test('goes on behind deliveries under way, and none is lost or reordered', async () => {
    const receiver = await Receiver.start()
    engine.hooks.set('desk', { url: receiver.url })
    await engine.dispatcher()
    // Everything is history as soon as it has ended.
    const retention = removing({ keep: 0, round: 1, rows: 20 })
    retention.start()
    const expected = new Map<string, string[]>()
    for (let round = 0; round < 20; round++) {
      for (let user = 0; user < 30; user++) {
        const items = await engine.enqueue(`user ${user}`, [{ listener: 'desk' }])
        expected.set(`user ${user}`, [...(expected.get(`user ${user}`) ?? []), ...items.map(({ id }) => id)])
      }
    }
    await engine.delivered()
    await until(async () => (await deliveriesLeft()) === 0, 'the end of the deliveries')
    await retention.stop()
    await engine.stopAll()
    const got = new Map(receiver.received.map(({ id, sequence }) => [id, sequence]))
    expect(receiver.received).toHaveLength(600)
    for (const ids of expected.values()) expect(ids.map((id) => got.get(id))).toEqual(ids.map((_, index) => index + 1))
    expect(await engine.stored.count('attempts')).toBe(0)
    const order = receiver.received.map(({ id }) => id)
    for (const ids of expected.values()) {
      const places = ids.map((id) => order.indexOf(id))
      expect(places).toEqual([...places].sort((a, b) => a - b))
    }
    await receiver.close()
  })

  test('that is told to stop asks the database nothing more', async () => {
    let asked = 0
    let stopped: Promise<void> | undefined
    const db: Queryable = {
      query(statement) {
        asked++
        // in the middle of a bucket
        if (asked === 3) stopped = retention.stop()
        return engine.pool.query(statement)
      },
    }
    const settings = { ...RETENTION_SETTINGS, look: 10, keep: DAY, round: 1 }
    const buckets = () => new Set(ALL_BUCKETS)
    const onError = (error: unknown) => {
      throw error
    }
    const retention = new Retention({ db, pool: engine.pool, buckets, settings, onError })
    retention.start()
    await until(() => stopped !== undefined, 'the third statement')
    await stopped
    expect(asked).toBeLessThanOrEqual(5)
  })

  test('that is killed in the middle leaves nothing half removed, and another process goes on', async () => {
    await engine.clear('threads', 'users', 'messages', 'events')
    await engine.stored.change('buckets', { pruned_at: null })
    const organisationId = randomUUID()
    const now = Date.now()
    const kept: string[] = []
    for (let user = 0; user < 60; user++) {
      const at = Array.from({ length: 12 }, (_, index) => new Date(now - (200 - 15 * index) * DAY))
      const past = { organisationId, userId: `u${user}`, listener: 'desk', at, undeliverable: [2] }
      // Some wait since the beginning; of the others what is younger than 90 days stays.
      const ids = await writePast(engine.pool, { ...past, ended: user % 10 === 0 ? 3 : 12 })
      kept.push(
        ...ids.filter((_, index) => (at[index] as Date).getTime() > now - 90 * DAY || (user % 10 === 0 && index >= 3)),
      )
    }
    const started = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        fileURLToPath(new URL('retention-process.ts', import.meta.url)),
        engine.database.url,
        String(90 * DAY),
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    )
    const before = 60 * 12
    await until(async () => (await deliveriesLeft()) < before, 'some removal')
    const ended = once(started, 'exit')
    started.kill('SIGKILL')
    await ended
    expect(await deliveriesLeft()).toBeGreaterThan(kept.length)
    // Each delivery that is there has its attempt, and each attempt its delivery.
    const torn = `select from deliveries d join lanes l using (bucket, organisation_id, listener, user_id)
      full join attempts a on a.delivery_id = d.id where (d.id is null) or (a.delivery_id is null and d.sequence <= l.head)`
    expect((await engine.pool.query(torn)).rows).toEqual([])

    const retention = removing({ keep: 90 * DAY })
    retention.start()
    await until(async () => (await engine.stored.count('buckets', { pruned_at: null })) === 0, 'the end')
    await retention.stop()
    const left = await engine.stored.rows('deliveries')
    expect(new Set(left.map(({ id }) => id))).toEqual(new Set(kept))
    expect((await engine.pool.query(torn)).rows).toEqual([])
    expect(await engine.stored.count('messages')).toBe(60 * 4)
    expect(await engine.stored.count('events')).toBe(60 * 4)
    expect(await engine.stored.count('delivery_ends', { state: 'undeliverable' })).toBe(0)
  })
})
