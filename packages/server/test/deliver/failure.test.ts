import { randomBytes } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { Webhook } from 'standardwebhooks'
import { RETRY_POLICY } from '../../src/deliver/health/retry-policy.js'
import type { FailingLane } from '../../src/deliver/reports.js'
import { attempts, engine, gaps, ids, lane, receiver, useDispatching } from './dispatching.js'

useDispatching()

describe('a failure', () => {
  test('is tried again with the same bytes, and the next delivery waits', async () => {
    receiver.answer = ({ sequence, attempt }) => ({ status: sequence === 1 && attempt < 4 ? 500 : 200, body: 'oops' })
    const body = '{ "a": 1.0, "é": "👋" }'
    const [first, second] = await engine.enqueue('u1', [{ listener: 'desk', body }, { listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    expect(ids()).toEqual([first?.id, first?.id, first?.id, first?.id, second?.id])
    expect(new Set(receiver.received.slice(0, 4).map((request) => request.text))).toEqual(new Set([body]))
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 1])
    expect((await attempts()).map(({ error }) => error)).toEqual(['status_5xx', 'status_5xx', 'status_5xx', null, null])
    expect(await lane()).toMatchObject({ head: 2, attempt: 0, failing_since: null })
  })

  test('of a payload that is refused ends after 5 tries, and the gap shows', async () => {
    receiver.answer = ({ sequence }) =>
      sequence === 1 ? { status: 422 } : sequence === 2 ? { body: '{"success":false}' } : {}
    const [, second, third] = await engine.enqueue('u1', [
      { listener: 'desk' },
      { listener: 'desk' },
      { listener: 'desk' },
    ])
    await engine.dispatcher()
    await engine.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3])
    expect(await engine.states()).toEqual({ undeliverable: 2, delivered: 1 })
    expect(receiver.received.at(-1)).toMatchObject({ id: third?.id, sequence: 3 })
    expect(gaps().at(-1)).toEqual([3, `1-2 ${second?.id}`])
  })

  test('of a payload does not count as failing time: the endpoint works', async () => {
    receiver.answer = ({ attempt }) => (attempt === 1 ? { status: 500 } : attempt === 2 ? { status: 422 } : {})
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher({
      settings: { retry: { ...RETRY_POLICY, delays: [10], refusalDelays: [60_000] } },
    })
    await until(async () => (await lane())?.refusals === 1, 'the refusal is written')
    expect(await lane()).toMatchObject({ attempt: 2, failing_since: null })
  })

  test.each([301, 401, 403, 404, 405, 407, 408, 418, 451])(
    'of %i keeps its turn, however often it comes',
    async (status) => {
      receiver.answer = ({ attempt, sequence }) => (sequence === 1 && attempt <= 12 ? { status, body: 'a page' } : {})
      await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
      await engine.dispatcher()
      await engine.delivered()
      expect(receiver.received.map(({ sequence }) => sequence)).toEqual([...Array.from({ length: 13 }, () => 1), 2])
      expect(await engine.states()).toEqual({ delivered: 2 })
    },
  )

  test('of create_user, which a receiver may do without, soon lets the messages behind it go', async () => {
    receiver.answer = ({ sequence }) => (sequence === 1 ? { status: 404, body: '{"error":"no such path"}' } : {})
    engine.hooks.set('desk', { url: receiver.url }, { category: 'user_events', subcategory: 'create_user' })
    await engine.enqueue('u1', [
      { listener: 'desk', category: 'user_events', subcategory: 'create_user' },
      { listener: 'desk' },
    ])
    await engine.dispatcher({
      settings: { retry: { ...RETRY_POLICY, refusalDelays: [600_000], optionalRefusalDelays: [5, 10, 20, 40] } },
    })
    await engine.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 1, 1, 2])
    expect(await engine.states()).toEqual({ undeliverable: 1, delivered: 1 })
  })

  test('of the endpoint does not count as a refusal', async () => {
    receiver.answer = ({ attempt }) => (attempt <= 8 ? { status: 503 } : attempt <= 12 ? { status: 400 } : {})
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    expect(await engine.states()).toEqual({ delivered: 1 })
    expect(receiver.received).toHaveLength(13)
  })

  test('that outlasts the deadline makes it undeliverable, and the lane goes on behind the gap', async () => {
    receiver.answer = ({ sequence }) => ({ status: sequence === 1 ? 500 : 200 })
    const [first, second] = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    await engine.dispatcher({ settings: { retry: { ...RETRY_POLICY, delays: [20], deadline: 200 } } })
    await engine.delivered()
    expect(await engine.states()).toEqual({ undeliverable: 1, delivered: 1 })
    const tried = await engine.stored.rows('attempts', { delivery_id: first?.id }, 'number')
    const lasted = tried.at(-1).started_at.getTime() + tried.at(-1).duration_ms - tried[0].started_at.getTime()
    expect(lasted).toBeGreaterThanOrEqual(198)
    // To a receiver that took nothing of the first one, its name says that something is missing.
    expect(receiver.received.at(-1)).toMatchObject({ id: second?.id, sequence: 2 })
    expect(gaps()).toEqual([[2, `1-1 ${first?.id}`]])
  })

  test('after a gap tells of it at every attempt, signed, and of all where it ends unacknowledged itself', async () => {
    const secrets = [randomBytes(32), randomBytes(32)]
    engine.hooks.set('desk', { url: receiver.url, secrets })
    receiver.answer = ({ sequence, attempt }) => ({ status: sequence < 3 || attempt === 1 ? 422 : 200 })
    const items = await engine.enqueue(
      'u1',
      [1, 2, 3, 4].map(() => ({ listener: 'desk' })),
    )
    await engine.dispatcher()
    await engine.delivered()
    const [first, second] = items.map(({ id }) => id)
    expect(gaps()).toEqual([
      ...Array.from({ length: 5 }, () => [2, `1-1 ${first}`]),
      ...[1, 2].map(() => [3, `1-2 ${second}`]),
    ])
    const headers = receiver.received.find(({ sequence }) => sequence === 3)?.headers as Record<string, string>
    for (const secret of secrets)
      new Webhook(secret.toString('base64')).verify(
        headers['tract-gap'] ?? '',
        {
          'webhook-id': `tract-gap.${headers['webhook-id']}`,
          'webhook-timestamp': headers['webhook-timestamp'] ?? '',
          'webhook-signature': headers['tract-gap-signature'] ?? '',
        },
        { jsonParse: false },
      )
  })

  test('tells of a gap also after its process has ended, and of what was cancelled or is gone', async () => {
    engine.hooks.remove('desk')
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    await engine.stopAll()
    engine.hooks.set('desk', { url: receiver.url })
    const [, third] = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    await engine.stored.remove('deliveries', { sequence: 2 })
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    expect(gaps()).toEqual([[3, expect.stringMatching(/^1-2 /)]])
    expect(receiver.received.map(({ id }) => id)[0]).toBe(third?.id)
  })

  test.each([
    [429, 'rate_limited'],
    [503, 'status_5xx'],
  ])('of status %i with Retry-After waits as long as it was asked to', async (status, error) => {
    receiver.answer = ({ attempt }) => (attempt === 1 ? { status, headers: { 'retry-after': '1' } } : {})
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    const [first, second] = receiver.received
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990)
    expect((await attempts())[0]).toMatchObject({ status, error })
  })

  test('with a Retry-After of years waits for five minutes at most', async () => {
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '99999999' } })
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await until(async () => (await lane())?.attempt === 1, 'it rests')
    const { next_at: due } = (await lane()) as { next_at: Date }
    expect(due.getTime() - Date.now()).toBeLessThanOrEqual(300_000)
    expect(due.getTime() - (receiver.received[0]?.at ?? 0)).toBeGreaterThanOrEqual(300_000)
  })

  test('is told of, with the time since when', async () => {
    receiver.answer = ({ attempt }) => ({ status: attempt < 4 ? 500 : 200 })
    const told: FailingLane[] = []
    const before = Date.now()
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher({ reports: { laneFailing: (failing) => void told.push(failing) } })
    await engine.delivered()
    expect(told).toHaveLength(3)
    expect(new Set(told.map(({ failingSince }) => failingSince.getTime())).size).toBe(1)
    expect(told[0]).toMatchObject({ ...engine.key('u1'), listener: 'desk' })
    expect(told[0]?.failingSince.getTime()).toBeGreaterThanOrEqual(before)
  })

  test('of whoever is told holds nothing up', async () => {
    receiver.answer = ({ attempt }) => ({ status: attempt < 3 ? 500 : 200 })
    await engine.enqueue('u1', [{ listener: 'desk' }])
    const laneFailing = () => Promise.reject(new Error('no'))
    await engine.dispatcher({ reports: { laneFailing } })
    await engine.delivered()
  })

  test('to look up the hook is tried again, and is no attempt', async () => {
    let asked = 0
    const find: typeof engine.hooks.find = (...name) =>
      ++asked === 1 ? Promise.reject(new Error('the database is away')) : engine.hooks.find(...name)
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher({ hooks: { find } })
    await engine.delivered()
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([1])
  })
})
