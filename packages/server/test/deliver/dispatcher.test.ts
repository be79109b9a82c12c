import { randomBytes } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import type { QueryConfig, QueryResultRow } from 'pg'
import { Webhook } from 'standardwebhooks'
import type { Queryable } from '../../src/database/queryable.js'
import type { HookDirectory } from '../../src/deliver/hook-directory.js'
import { Wakeups } from '../../src/lanes/wakeups.js'
import { attempts, engine, ids, lane, receiver, useDispatching } from './dispatching.js'

useDispatching()

describe('a delivery', () => {
  test('arrives signed, numbered and in order', async () => {
    const secrets = [randomBytes(32)]
    engine.hooks.set('desk', { url: receiver.url, secrets })
    const items = await engine.enqueue(
      'u1',
      Array.from({ length: 25 }, (_, index) => ({ listener: 'desk', body: `{"n":${index}}` })),
    )
    await engine.dispatcher()
    await engine.delivered()
    expect(ids()).toEqual(items.map(({ id }) => id))
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual(items.map((_, index) => index + 1))
    const webhook = new Webhook(secrets[0]?.toString('base64') ?? '')
    for (const [index, { text, headers }] of receiver.received.entries()) {
      expect(webhook.verify(text, headers as Record<string, string>)).toEqual({ n: index })
      expect(headers['tract-previous-id']).toBe(index === 0 ? undefined : items[index - 1]?.id)
    }
    expect(await engine.states()).toEqual({ delivered: 25 })
    expect(await attempts()).toEqual(
      items.map(() => ({ number: 1, status: 200, error: null, answer: '{"success":true}' })),
    )
  })

  test('starts as soon as its commit is told of, without a poll', async () => {
    const { wakeups } = await engine.dispatcher({ settings: { poll: 60_000 } })
    await engine.enqueue('u1', [{ listener: 'desk' }])
    wakeups.wake(engine.key('u1').bucket)
    await engine.delivered()
  })

  test('starts when another process tells of it, without a poll', async () => {
    await engine.dispatcher({ settings: { poll: 60_000 } })
    await engine.enqueue('u1', [{ listener: 'desk' }])
    const elsewhere = new Wakeups(engine.pool, () => {})
    elsewhere.wake(engine.key('u1').bucket)
    await engine.delivered()
  })

  test('starts even if nobody tells of it', async () => {
    await engine.dispatcher()
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.delivered()
  })

  test('is signed with both secrets while they rotate', async () => {
    const secrets = [randomBytes(32), randomBytes(32)]
    engine.hooks.set('desk', { url: receiver.url, secrets })
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    const [request] = receiver.received
    for (const secret of secrets) {
      const webhook = new Webhook(secret.toString('base64'))
      webhook.verify(request?.text ?? '', request?.headers as Record<string, string>)
    }
  })

  test('of create_user teaches what the listener calls the user', async () => {
    const createUser = { category: 'user_events', subcategory: 'create_user' }
    engine.hooks.set('desk', { url: receiver.url }, createUser)
    receiver.answer = ({ sequence }) => ({ body: `{"success":true,"ect_user_id":"case-${sequence}"}` })
    await engine.enqueue('u1', [{ listener: 'desk', ...createUser }, { listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    expect(await lane()).toMatchObject({ ect_user_id: 'case-1' })
  })

  test('without a hook is cancelled, and the lane goes on', async () => {
    engine.hooks.remove('desk')
    const other = { category: 'aeu_events', subcategory: 'allocated' }
    engine.hooks.set('desk', { url: receiver.url }, other)
    await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk', ...other }])
    await engine.dispatcher()
    await engine.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual([2])
    expect(await engine.states()).toEqual({ cancelled: 1, delivered: 1 })
  })

  test('whose row is gone holds nothing up', async () => {
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.stored.remove('deliveries')
    await engine.dispatcher()
    await engine.delivered()
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual([2])
  })
})

describe('stopping', () => {
  test('lets the attempt under way finish, writes it, and gives the lane back', async () => {
    let answer: () => void = () => {}
    receiver.answer = () => new Promise((resolve) => (answer = () => resolve({})))
    await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    const { stop } = await engine.dispatcher()
    await until(() => receiver.underWay === 1, 'the attempt is under way')
    const stopped = stop()
    answer()
    await stopped
    expect(receiver.received).toHaveLength(1)
    expect(await lane()).toMatchObject({ head: 1, lease: null })
    expect(await engine.states()).toEqual({ delivered: 1, pending: 1 })
  })

  test('gives back what a claim still brings that was under way', async () => {
    await engine.enqueue('u1', [{ listener: 'desk' }])
    let arrive: () => void = () => {}
    const held = new Promise<void>((resolve) => (arrive = resolve))
    const through = (pool: Queryable): Queryable => ({
      async query<Row extends QueryResultRow>(statement: QueryConfig) {
        const result = await pool.query<Row>(statement)
        if (statement.name === 'lanes_claim') await held
        if (statement.name === 'buckets_release') arrive()
        return result
      },
    })
    const { stop } = await engine.dispatcher({ through })
    await until(async () => (await lane())?.lease !== null, 'it is claimed')
    // The answer to the claim is late: the buckets have been given back before it comes.
    await stop()
    expect(await lane()).toMatchObject({ head: 0, lease: null })
    expect(receiver.received).toEqual([])
  })

  test('sends nothing more once a hook is looked up for which it waited', async () => {
    await engine.enqueue('u1', [{ listener: 'desk' }])
    let arrive: () => void = () => {}
    const held = new Promise<void>((resolve) => (arrive = resolve))
    let lookedFor = false
    const hooks: HookDirectory = {
      async find(...key) {
        lookedFor = true
        await held
        return engine.hooks.find(...key)
      },
    }
    const { stop } = await engine.dispatcher({ hooks })
    await until(() => lookedFor, 'the hook is looked up')
    const stopped = stop()
    arrive()
    await stopped
    expect(receiver.received).toEqual([])
    expect(await lane()).toMatchObject({ head: 0, lease: null })
  })

  test('breaks off what does not finish in time, and nothing of that counts', async () => {
    receiver.answer = ({ attempt }) => (receiver.received.length === 1 && attempt === 1 ? new Promise(() => {}) : {})
    await engine.enqueue('u1', [{ listener: 'desk' }])
    const { stop } = await engine.dispatcher({ timeoutMs: 10_000, settings: { lease: 20_000, heartbeat: 5_000 } })
    await until(() => receiver.underWay === 1, 'the attempt is under way')
    await stop(50)
    expect(await lane()).toMatchObject({ head: 0, lease: null, attempt: 0 })
    expect(await attempts()).toEqual([])
    await engine.dispatcher()
    await engine.delivered()
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([1, 1])
  })
})
