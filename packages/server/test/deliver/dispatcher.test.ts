import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { QueryConfig, QueryResultRow } from 'pg'
import { Webhook } from 'standardwebhooks'
import type { Queryable } from '../../src/database/queryable.js'
import { makeListenerDue } from '../../src/deliver/claims.js'
import { RETRY_POLICY } from '../../src/deliver/health/retry-policy.js'
import type { HookDirectory } from '../../src/deliver/hook-directory.js'
import type { FailingLane, HookReport } from '../../src/deliver/reports.js'
import { Wakeups } from '../../src/lanes/wakeups.js'
import { type Receiver, startReceiver } from './receiver.js'
import { until } from './until.js'
import { World } from './world.js'

let world: World
let receiver: Receiver

beforeAll(async () => {
  world = await World.create()
  receiver = await startReceiver()
})
beforeEach(async () => {
  await world.rows('truncate lanes, deliveries, delivery_ends, attempts')
  receiver.received.length = 0
  receiver.behave = () => ({})
  world.hooks.set('desk', { url: receiver.url })
})
afterEach(() => world.stopAll())
afterAll(async () => {
  await world.close()
  await receiver.close()
})

const ids = () => receiver.received.map(({ id }) => id)
const attempts = () =>
  world.rows<{ number: number; status: number | null; error: string | null; answer: string | null }>(
    'select a.number, a.status, a.error, a.answer from attempts a join deliveries d on d.id = a.delivery_id order by d.sequence, a.number',
  )
const gaps = () =>
  receiver.received.flatMap(({ sequence, headers }) => (headers['tract-gap'] ? [[sequence, headers['tract-gap']]] : []))
const lane = async (listener = 'desk') => (await world.rows('select * from lanes where listener = $1', [listener]))[0]

describe('a delivery', () => {
  test('arrives signed, numbered and in order', async () => {
    const secrets = [randomBytes(32)]
    world.hooks.set('desk', { url: receiver.url, secrets })
    const items = await world.enqueue(
      'u1',
      Array.from({ length: 25 }, (_, index) => ({ listener: 'desk', body: `{"n":${index}}` })),
    )
    await world.dispatcher()
    await world.delivered()
    expect(ids()).toEqual(items.map(({ id }) => id))
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual(items.map((_, index) => index + 1))
    const webhook = new Webhook(secrets[0]?.toString('base64') ?? '')
    for (const [index, { body, headers }] of receiver.received.entries()) {
      expect(webhook.verify(body, headers as Record<string, string>)).toEqual({ n: index })
      expect(headers['tract-previous-id']).toBe(index === 0 ? undefined : items[index - 1]?.id)
    }
    expect(await world.states()).toEqual({ delivered: 25 })
    expect(await attempts()).toEqual(
      items.map(() => ({ number: 1, status: 200, error: null, answer: '{"success":true}' })),
    )
  })

  test('starts as soon as its commit is told of, without a poll', async () => {
    const { wakeups } = await world.dispatcher({ settings: { poll: 60_000 } })
    await world.enqueue('u1', [{ listener: 'desk' }])
    wakeups.wake(world.key('u1').bucket)
    await world.delivered()
  })

  test('starts when another process tells of it, without a poll', async () => {
    await world.dispatcher({ settings: { poll: 60_000 } })
    await world.enqueue('u1', [{ listener: 'desk' }])
    const elsewhere = new Wakeups(world.pool, () => {})
    elsewhere.wake(world.key('u1').bucket)
    await world.delivered()
  })

  test('starts even if nobody tells of it', async () => {
    await world.dispatcher()
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.delivered()
  })

  test('is signed with both secrets while they rotate', async () => {
    const secrets = [randomBytes(32), randomBytes(32)]
    world.hooks.set('desk', { url: receiver.url, secrets })
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher()
    await world.delivered()
    const [request] = receiver.received
    for (const secret of secrets) {
      const webhook = new Webhook(secret.toString('base64'))
      webhook.verify(request?.body ?? '', request?.headers as Record<string, string>)
    }
  })

  test('of create_user teaches what the listener calls the user', async () => {
    const createUser = { category: 'user_events', subcategory: 'create_user' }
    world.hooks.set('desk', { url: receiver.url }, createUser)
    receiver.behave = ({ sequence }) => ({ body: `{"success":true,"ect_user_id":"case-${sequence}"}` })
    await world.enqueue('u1', [{ listener: 'desk', ...createUser }, { listener: 'desk' }])
    await world.dispatcher()
    await world.delivered()
    expect(await lane()).toMatchObject({ ect_user_id: 'case-1' })
  })

  test('without a hook is cancelled, and the lane goes on', async () => {
    world.hooks.remove('desk')
    const other = { category: 'aeu_events', subcategory: 'allocated' }
    world.hooks.set('desk', { url: receiver.url }, other)
    await world.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk', ...other }])
    await world.dispatcher()
    await world.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual([2])
    expect(await world.states()).toEqual({ cancelled: 1, delivered: 1 })
  })

  test('whose row is gone holds nothing up', async () => {
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.rows('delete from deliveries')
    await world.dispatcher()
    await world.delivered()
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual([2])
  })
})

describe('a failure', () => {
  test('is tried again with the same bytes, and the next delivery waits', async () => {
    receiver.behave = ({ sequence, attempt }) => ({ status: sequence === 1 && attempt < 4 ? 500 : 200, body: 'oops' })
    const body = '{ "a": 1.0, "é": "👋" }'
    const [first, second] = await world.enqueue('u1', [{ listener: 'desk', body }, { listener: 'desk' }])
    await world.dispatcher()
    await world.delivered()
    expect(ids()).toEqual([first?.id, first?.id, first?.id, first?.id, second?.id])
    expect(new Set(receiver.received.slice(0, 4).map((request) => request.body))).toEqual(new Set([body]))
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 1])
    expect((await attempts()).map(({ error }) => error)).toEqual(['status_5xx', 'status_5xx', 'status_5xx', null, null])
    expect(await lane()).toMatchObject({ head: 2, attempt: 0, failing_since: null })
  })

  test('of a payload that is refused ends after 5 tries, and the gap shows', async () => {
    receiver.behave = ({ sequence }) =>
      sequence === 1 ? { status: 422 } : sequence === 2 ? { body: '{"success":false}' } : {}
    const [, second, third] = await world.enqueue('u1', [
      { listener: 'desk' },
      { listener: 'desk' },
      { listener: 'desk' },
    ])
    await world.dispatcher()
    await world.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3])
    expect(await world.states()).toEqual({ undeliverable: 2, delivered: 1 })
    expect(receiver.received.at(-1)).toMatchObject({ id: third?.id, sequence: 3 })
    expect(gaps().at(-1)).toEqual([3, `1-2 ${second?.id}`])
  })

  test('of a payload does not count as failing time: the endpoint works', async () => {
    receiver.behave = ({ attempt }) => (attempt === 1 ? { status: 500 } : attempt === 2 ? { status: 422 } : {})
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher({
      settings: { retry: { ...RETRY_POLICY, delays: [10], refusalDelays: [60_000] } },
    })
    await until('the refusal is written', async () => (await lane())?.refusals === 1)
    expect(await lane()).toMatchObject({ attempt: 2, failing_since: null })
  })

  test.each([301, 401, 403, 404, 405, 407, 408, 418, 451])(
    'of %i keeps its turn, however often it comes',
    async (status) => {
      receiver.behave = ({ attempt, sequence }) => (sequence === 1 && attempt <= 12 ? { status, body: 'a page' } : {})
      await world.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
      await world.dispatcher()
      await world.delivered()
      expect(receiver.received.map(({ sequence }) => sequence)).toEqual([...Array.from({ length: 13 }, () => 1), 2])
      expect(await world.states()).toEqual({ delivered: 2 })
    },
  )

  test('of create_user, which a receiver may do without, soon lets the messages behind it go', async () => {
    receiver.behave = ({ sequence }) => (sequence === 1 ? { status: 404, body: '{"error":"no such path"}' } : {})
    world.hooks.set('desk', { url: receiver.url }, { category: 'user_events', subcategory: 'create_user' })
    await world.enqueue('u1', [
      { listener: 'desk', category: 'user_events', subcategory: 'create_user' },
      { listener: 'desk' },
    ])
    await world.dispatcher({
      settings: { retry: { ...RETRY_POLICY, refusalDelays: [600_000], optionalRefusalDelays: [5, 10, 20, 40] } },
    })
    await world.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 1, 1, 2])
    expect(await world.states()).toEqual({ undeliverable: 1, delivered: 1 })
  })

  test('of the endpoint does not count as a refusal', async () => {
    receiver.behave = ({ attempt }) => (attempt <= 8 ? { status: 503 } : attempt <= 12 ? { status: 400 } : {})
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher()
    await world.delivered()
    expect(await world.states()).toEqual({ delivered: 1 })
    expect(receiver.received).toHaveLength(13)
  })

  test('that outlasts the deadline makes it undeliverable, and the lane goes on behind the gap', async () => {
    receiver.behave = ({ sequence }) => ({ status: sequence === 1 ? 500 : 200 })
    const [first, second] = await world.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    await world.dispatcher({ settings: { retry: { ...RETRY_POLICY, delays: [20], deadline: 200 } } })
    await world.delivered()
    expect(await world.states()).toEqual({ undeliverable: 1, delivered: 1 })
    const [tried] = await world.rows<{ ms: number }>(
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
    world.hooks.set('desk', { url: receiver.url, secrets })
    receiver.behave = ({ sequence, attempt }) => ({ status: sequence < 3 || attempt === 1 ? 422 : 200 })
    const items = await world.enqueue(
      'u1',
      [1, 2, 3, 4].map(() => ({ listener: 'desk' })),
    )
    await world.dispatcher()
    await world.delivered()
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
    world.hooks.remove('desk')
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher()
    await world.delivered()
    await world.stopAll()
    world.hooks.set('desk', { url: receiver.url })
    const [, third] = await world.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    await world.rows('delete from deliveries where sequence = 2')
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher()
    await world.delivered()
    expect(gaps()).toEqual([[3, expect.stringMatching(/^1-2 /)]])
    expect(receiver.received.map(({ id }) => id)[0]).toBe(third?.id)
  })

  test.each([
    [429, 'rate_limited'],
    [503, 'status_5xx'],
  ])('of status %i with Retry-After waits as long as it was asked to', async (status, error) => {
    receiver.behave = ({ attempt }) => (attempt === 1 ? { status, headers: { 'retry-after': '1' } } : {})
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher()
    await world.delivered()
    const [first, second] = receiver.received
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990)
    expect((await attempts())[0]).toMatchObject({ status, error })
  })

  test('with a Retry-After of years waits for five minutes at most', async () => {
    receiver.behave = () => ({ status: 503, headers: { 'retry-after': '99999999' } })
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher()
    await until('it rests', async () => (await lane())?.attempt === 1)
    const { next_at: due } = (await lane()) as { next_at: Date }
    expect(due.getTime() - Date.now()).toBeLessThanOrEqual(300_000)
    expect(due.getTime() - (receiver.received[0]?.at ?? 0)).toBeGreaterThanOrEqual(300_000)
  })

  test('is told of, with the time since when', async () => {
    receiver.behave = ({ attempt }) => ({ status: attempt < 4 ? 500 : 200 })
    const told: FailingLane[] = []
    const before = Date.now()
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher({ reports: { laneFailing: (failing) => void told.push(failing) } })
    await world.delivered()
    expect(told).toHaveLength(3)
    expect(new Set(told.map(({ failingSince }) => failingSince.getTime())).size).toBe(1)
    expect(told[0]).toMatchObject({ ...world.key('u1'), listener: 'desk' })
    expect(told[0]?.failingSince.getTime()).toBeGreaterThanOrEqual(before)
  })

  test('of whoever is told holds nothing up', async () => {
    receiver.behave = ({ attempt }) => ({ status: attempt < 3 ? 500 : 200 })
    await world.enqueue('u1', [{ listener: 'desk' }])
    const laneFailing = () => Promise.reject(new Error('no'))
    await world.dispatcher({ reports: { laneFailing } })
    await world.delivered()
  })

  test('to look up the hook is tried again, and is no attempt', async () => {
    let asked = 0
    const find: typeof world.hooks.find = (...name) =>
      ++asked === 1 ? Promise.reject(new Error('the database is away')) : world.hooks.find(...name)
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher({ hooks: { find } })
    await world.delivered()
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([1])
  })
})

describe('a hook', () => {
  test('that is disabled keeps its lanes waiting, and they go on in order once it is enabled', async () => {
    const hook = world.hooks.set('desk', { url: receiver.url, status: 'disabled' })
    const items = await world.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    const { wakeups } = await world.dispatcher()
    await until('the lane rests', async () => (await lane())?.next_at > new Date(Date.now() + 60_000))
    expect(receiver.received).toEqual([])
    expect(await lane()).toMatchObject({ lease: null, failing_since: null, attempt: 0 })
    world.hooks.set('desk', { ...hook, status: 'active' })
    const buckets = await makeListenerDue(world.pool, world.organisationId, 'desk', new Date())
    expect(buckets).toEqual([world.key('u1').bucket])
    for (const bucket of buckets) wakeups.wake(bucket)
    await world.delivered()
    expect(ids()).toEqual(items.map(({ id }) => id))
  })

  test('that stays disabled past retention gives its deliveries up', async () => {
    world.hooks.set('desk', { url: receiver.url, status: 'disabled' })
    await world.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    await world.dispatcher({ settings: { retention: 100 } })
    await world.delivered()
    expect(await world.states()).toEqual({ undeliverable: 2 })
    expect(receiver.received).toEqual([])
  })

  test('that answers 410 is reported, and the delivery is kept', async () => {
    receiver.behave = () => ({ status: 410 })
    const hook = world.hooks.set('desk', { url: receiver.url })
    const gone: HookReport[] = []
    const hookGone = (report: HookReport) => {
      gone.push(report)
      world.hooks.set('desk', { ...hook, status: 'disabled' })
    }
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher({ reports: { hookGone } })
    await until('the lane rests', async () => (await lane())?.next_at > new Date(Date.now() + 60_000))
    expect(gone[0]).toEqual({ hookId: hook.id, organisationId: world.organisationId, listener: 'desk' })
    expect(await world.states()).toEqual({ pending: 1 })
  })

  test('that moved is called at its new place from the next attempt on', async () => {
    const moved = await startReceiver()
    receiver.behave = ({ attempt }) => {
      if (attempt === 2) world.hooks.set('desk', { url: moved.url })
      return { status: 500 }
    }
    const items = await world.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    await world.dispatcher()
    await world.delivered()
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(moved.received.map(({ id, attempt }) => [id, attempt])).toEqual([
      [items[0]?.id, 3],
      [items[1]?.id, 1],
    ])
    await moved.close()
  })

  test('that has failed for too long is reported once', async () => {
    const hook = world.hooks.set('desk', {
      url: receiver.url,
      failingSince: new Date(Date.now() - 1_000),
      failingMs: 1_000,
    })
    receiver.behave = ({ attempt }) => ({ status: attempt < 6 ? 500 : 200 })
    const news: string[] = []
    await world.enqueue('u1', [{ listener: 'desk' }])
    await world.dispatcher({
      settings: { hookUnreachableAfter: 1_000 },
      reports: {
        hookUnreachable: ({ hookId, failingSince }) =>
          void news.push(`unreachable ${hookId} ${failingSince.getTime() === hook.failingSince?.getTime()}`),
        hookRecovered: ({ hookId }) => void news.push(`recovered ${hookId}`),
      },
    })
    await world.delivered()
    expect(news).toEqual([`unreachable ${hook.id} true`, `recovered ${hook.id}`])
  })
})

describe('stopping', () => {
  test('lets the attempt under way finish, writes it, and gives the lane back', async () => {
    let answer: () => void = () => {}
    receiver.behave = () => new Promise((resolve) => (answer = () => resolve({})))
    await world.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    const { stop } = await world.dispatcher()
    await until('the attempt is under way', () => receiver.underWay === 1)
    const stopped = stop()
    answer()
    await stopped
    expect(receiver.received).toHaveLength(1)
    expect(await lane()).toMatchObject({ head: 1, lease: null })
    expect(await world.states()).toEqual({ delivered: 1, pending: 1 })
  })

  test('gives back what a claim still brings that was under way', async () => {
    await world.enqueue('u1', [{ listener: 'desk' }])
    let arrive: () => void = () => {}
    const held = new Promise<void>((resolve) => (arrive = resolve))
    const through = (pool: Queryable): Queryable => ({
      async query<Row extends QueryResultRow>(statement: QueryConfig) {
        const result = await pool.query<Row>(statement)
        if (statement.name === 'lanes_claim') await held
        return result
      },
    })
    const { stop } = await world.dispatcher({ through })
    await until('it is claimed', async () => (await lane())?.lease !== null)
    const stopped = stop()
    // A slow database: everything else has been given back by then.
    setTimeout(arrive, 200)
    await stopped
    expect(await lane()).toMatchObject({ head: 0, lease: null })
    expect(receiver.received).toEqual([])
  })

  test('sends nothing more once a hook is looked up for which it waited', async () => {
    await world.enqueue('u1', [{ listener: 'desk' }])
    let arrive: () => void = () => {}
    const held = new Promise<void>((resolve) => (arrive = resolve))
    let lookedFor = false
    const hooks: HookDirectory = {
      async find(...key) {
        lookedFor = true
        await held
        return world.hooks.find(...key)
      },
    }
    const { stop } = await world.dispatcher({ hooks })
    await until('the hook is looked up', () => lookedFor)
    const stopped = stop()
    arrive()
    await stopped
    expect(receiver.received).toEqual([])
    expect(await lane()).toMatchObject({ head: 0, lease: null })
  })

  test('breaks off what does not finish in time, and nothing of that counts', async () => {
    receiver.behave = ({ attempt }) => (receiver.received.length === 1 && attempt === 1 ? new Promise(() => {}) : {})
    await world.enqueue('u1', [{ listener: 'desk' }])
    const { stop } = await world.dispatcher({ timeoutMs: 10_000, settings: { lease: 20_000, heartbeat: 5_000 } })
    await until('the attempt is under way', () => receiver.underWay === 1)
    await stop(50)
    expect(await lane()).toMatchObject({ head: 0, lease: null, attempt: 0 })
    expect(await attempts()).toEqual([])
    await world.dispatcher()
    await world.delivered()
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([1, 1])
  })
})
