import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { QueryConfig, QueryResultRow } from 'pg'
import { Webhook } from 'standardwebhooks'
import type { Queryable } from '../../src/database/queryable.js'
import { makeListenerDue } from '../../src/deliver/claims.js'
import { RETRY_POLICY } from '../../src/deliver/health/retry-policy.js'
import type { HookDirectory } from '../../src/deliver/hook-directory.js'
import type { FailingLane, HookReport } from '../../src/deliver/reports.js'
import { Wakeups } from '../../src/lanes/wakeups.js'
import { Engine } from './engine.js'

let engine: Engine
let receiver: Receiver

beforeAll(async () => {
  engine = await Engine.create()
  receiver = await Receiver.start()
})
beforeEach(async () => {
  await engine.rows('truncate lanes, deliveries, delivery_ends, attempts')
  receiver.received.length = 0
  receiver.answer = () => ({})
  engine.hooks.set('desk', { url: receiver.url })
})
afterEach(() => engine.stopAll())
afterAll(async () => {
  await engine.close()
  await receiver.close()
})

const ids = () => receiver.received.map(({ id }) => id)
const attempts = () =>
  engine.rows<{ number: number; status: number | null; error: string | null; answer: string | null }>(
    'select a.number, a.status, a.error, a.answer from attempts a join deliveries d on d.id = a.delivery_id order by d.sequence, a.number',
  )
const gaps = () =>
  receiver.received.flatMap(({ sequence, headers }) => (headers['tract-gap'] ? [[sequence, headers['tract-gap']]] : []))
const lane = async (listener = 'desk') => (await engine.rows('select * from lanes where listener = $1', [listener]))[0]

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
    await engine.rows('delete from deliveries')
    await engine.dispatcher()
    await engine.delivered()
    await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual([2])
  })
})

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
    const [tried] = await engine.rows<{ ms: number }>(
      `select extract(epoch from max(started_at + duration_ms * interval '1 millisecond') - min(started_at)) * 1000 as ms
        from attempts where delivery_id = $1`,
      [first?.id],
    )
    expect(Number(tried?.ms)).toBeGreaterThanOrEqual(198)
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
    await engine.rows('delete from deliveries where sequence = 2')
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

  test('that stays disabled past retention gives its deliveries up', async () => {
    engine.hooks.set('desk', { url: receiver.url, status: 'disabled' })
    await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    await engine.dispatcher({ settings: { retention: 100 } })
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
        return result
      },
    })
    const { stop } = await engine.dispatcher({ through })
    await until(async () => (await lane())?.lease !== null, 'it is claimed')
    const stopped = stop()
    // A slow database: everything else has been given back by then.
    setTimeout(arrive, 200)
    await stopped
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
