import { describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type pg from 'pg'
import { makeListenerDue } from '../../src/deliver/claims.js'
import type { HookReport } from '../../src/deliver/reports.js'
import { engine, ids, lane, receiver, useDispatching } from './dispatching.js'

useDispatching()

describe('a hook', () => {
  test('that is disabled keeps its lanes waiting, and they go on in order once it is enabled', async () => {
    const hook = engine.hooks.set('desk', { url: receiver.url, status: 'disabled' })
    const items = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    const { wakeups } = await engine.dispatcher()
    await until(async () => (await lane())?.next_at > new Date(Date.now() + 60_000), 'the lane rests')
    expect(receiver.received).toEqual([])
    expect(await lane()).toMatchObject({ lease: null, failing_since: null, attempt: 0 })
    engine.hooks.set('desk', { ...hook, status: 'active' })
    const buckets = await makeListenerDue(engine.pool, engine.organisationId, 'desk', new Date())
    expect(buckets).toEqual([engine.key('u1').bucket])
    for (const bucket of buckets) wakeups.wake(bucket)
    await engine.delivered()
    expect(ids()).toEqual(items.map(({ id }) => id))
  })

  test('that another process enables after it was read as disabled is called immediately', async () => {
    const hook = engine.hooks.set('desk', { url: receiver.url, status: 'disabled' })
    const items = await engine.enqueue('u1', [{ listener: 'desk' }])
    const written: string[] = []
    // the fault point: the hook was read, and that its lane rests is not written
    const enabledThere = async () => {
      engine.hooks.set('desk', { ...hook, status: 'active' })
      await makeListenerDue(engine.pool, engine.organisationId, 'desk', new Date())
    }
    await engine.dispatcher({
      settings: { poll: 3_600_000 },
      through: (pool) => ({
        query: async (statement: pg.QueryConfig) => {
          if (statement.name?.startsWith('results_record') && written.push(statement.name) === 1) await enabledThere()
          return pool.query(statement)
        },
      }),
    })
    await engine.delivered()
    expect(ids()).toEqual(items.map(({ id }) => id))
    expect(written.length).toBeGreaterThan(1)
  })

  test('that stays disabled for too long gives its deliveries up', async () => {
    engine.hooks.set('desk', { url: receiver.url, status: 'disabled' })
    await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    await engine.dispatcher({ settings: { keptWhileDisabled: 100 } })
    await engine.delivered()
    expect(await engine.states()).toEqual({ undeliverable: 2 })
    expect(receiver.received).toEqual([])
  })

  test('that answers 410 is reported, and the delivery is kept', async () => {
    receiver.answer = () => ({ status: 410 })
    const hook = engine.hooks.set('desk', { url: receiver.url })
    const gone: HookReport[] = []
    const hookGone = (report: HookReport) => {
      gone.push(report)
      engine.hooks.set('desk', { ...hook, status: 'disabled' })
    }
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher({ reports: { hookGone } })
    await until(async () => (await lane())?.next_at > new Date(Date.now() + 60_000), 'the lane rests')
    expect(gone[0]).toEqual({ hookId: hook.id, organisationId: engine.organisationId, listener: 'desk' })
    expect(await engine.states()).toEqual({ pending: 1 })
  })

  test('that moved is called at its new place from the next attempt on', async () => {
    const moved = await Receiver.start()
    receiver.answer = ({ attempt }) => {
      if (attempt === 2) engine.hooks.set('desk', { url: moved.url })
      return { status: 500 }
    }
    const items = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(moved.received.map(({ id, attempt }) => [id, attempt])).toEqual([
      [items[0]?.id, 3],
      [items[1]?.id, 1],
    ])
    await moved.close()
  })

  test('that has failed for too long is reported once', async () => {
    const hook = engine.hooks.set('desk', {
      url: receiver.url,
      failingSince: new Date(Date.now() - 1_000),
      failingMs: 1_000,
    })
    receiver.answer = ({ attempt }) => ({ status: attempt < 6 ? 500 : 200 })
    const news: string[] = []
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher({
      settings: { hookUnreachableAfter: 1_000 },
      reports: {
        hookUnreachable: ({ hookId, failingSince }) =>
          void news.push(`unreachable ${hookId} ${failingSince.getTime() === hook.failingSince?.getTime()}`),
        hookRecovered: ({ hookId }) => void news.push(`recovered ${hookId}`),
      },
    })
    await engine.delivered()
    expect(news).toEqual([`unreachable ${hook.id} true`, `recovered ${hook.id}`])
  })
})
