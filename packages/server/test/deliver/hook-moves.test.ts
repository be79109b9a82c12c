/** What a hook's move costs the database, and that what changes nothing costs nothing. */

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { makeListenerDue } from '../../src/deliver/claims.js'
import { bucketOf } from '../../src/lanes/bucket.js'

let service: TestService
/** What was executed by a name, and what was written to organisations and hooks, since the test began. */
let executed: string[] = []
let endRecording: () => void

beforeAll(async () => {
  const { prototype } = pg.Client
  const { query } = prototype
  prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const { name, text } = (typeof args[0] === 'object' && args[0] !== null ? args[0] : {}) as pg.QueryConfig
    if (name !== undefined) executed.push(name)
    if (/^update\W.*\b(organisations|hooks|listeners)\b/is.test(text ?? '')) executed.push('configuration')
    return Reflect.apply(query, this, args)
  } as typeof query
  endRecording = () => {
    prototype.query = query
  }
  service = await TestService.start({ delivery: { lanesInMemory: 0 } })
})
beforeEach(() => {
  executed = []
})
afterAll(async () => {
  endRecording()
  await service.close()
})

const moves = () => executed.filter((name) => name === 'lanes_make_listener_due').length
const writes = () => executed.filter((name) => name === 'configuration').length

async function setUp() {
  const receiver = await service.receiver()
  const world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
  const { desk } = world.listeners
  const register = async (url: string) =>
    ok(desk.post('/tract/hooks/register/', { category: 'message', subcategory: 'receive', url }))
  const hook = await register(`${receiver.url}/first`)
  return { ...world, desk, receiver, register, hook }
}

/** Lanes whose next attempt is far away, each for a user of its own. */
async function lanes(organisation: string, count: number): Promise<void> {
  const users = Array.from({ length: count }, (_, user) => `u${user}`)
  await service.stored.pool.query(
    `insert into lanes (bucket, organisation_id, listener, user_id, tail, next_at)
      select b, $1, 'desk', u, 1, now() + interval '1 hour' from unnest($2::int[], $3::text[]) as k(b, u)`,
    [organisation, users.map((user) => bucketOf(organisation, user)), users],
  )
}

const waiting = async (organisation: string): Promise<number> => {
  const lanes = await service.stored.rows('lanes', { organisation_id: organisation })
  return lanes.filter(({ next_at }) => next_at > new Date()).length
}

test('a move is one statement, wherever the lanes are', async () => {
  const { organisation, register, receiver } = await setUp()
  await lanes(organisation, 600)
  executed = []
  await register(`${receiver.url}/second`)
  expect(moves()).toBe(1)
  expect(await waiting(organisation)).toBe(0)
})

test('a backlog is made due a thousand lanes at a time', async () => {
  const { organisation } = await setUp()
  await lanes(organisation, 2_500)
  executed = []
  const buckets = await makeListenerDue(service.stored.pool, organisation, 'desk', new Date())
  expect(moves()).toBe(3)
  expect(await waiting(organisation)).toBe(0)
  const all = Array.from({ length: 2_500 }, (_, user) => bucketOf(organisation, `u${user}`))
  expect(buckets.toSorted((a, b) => a - b)).toEqual([...new Set(all)].sort((a, b) => a - b))
})

test('what changes nothing moves nothing, wakes nothing and is not written', async () => {
  const { organisation, desk, receiver, register, hook } = await setUp()
  const admin = await service.admin()
  const listener = (changes: object) =>
    admin.post('/platform/listeners/update/', { organisation_id: organisation, listener_id: 'desk', ...changes })
  const on = (caller: Caller, call: string, body: object = {}) =>
    caller.post(`/tract/hooks/${call}/`, { id: hook.id, ...body })
  const whole = async () => {
    const { rows } = await service.stored.pool.query(
      `select o.config_version, o.updated_at as o_at, l.updated_at as l_at, h.updated_at as h_at, h.status
        from organisations o join listeners l on l.organisation_id = o.id and l.listener_id = 'desk'
        join hooks h on h.organisation_id = o.id where o.id = $1`,
      [organisation],
    )
    return rows
  }
  const nothing = async (calls: Record<string, () => Promise<unknown>>) => {
    for (const [name, call] of Object.entries(calls)) {
      const before = await whole()
      executed = []
      await call()
      expect({ name, moves: moves(), writes: writes() }).toEqual({ name, moves: 0, writes: 0 })
      expect(await whole()).toEqual(before)
    }
  }
  await nothing({
    'the same URL': () => register(`${receiver.url}/first`),
    'the same URL in another form': () => register(`${receiver.url.replace('http', 'HTTP')}/x/../first`),
    'an enabled hook enabled': () => ok(on(desk, 'enable')),
    'an enabled listener enabled': () => ok(listener({ enabled: true })),
    'the name that it has': () => ok(listener({ name: 'desk' })),
    'an organisation as it is': () =>
      ok(admin.post('/platform/organisations/update/', { organisation_id: organisation, name: 'Test' })),
  })
  await ok(on(desk, 'disable', { reason: 'maintenance' }))
  await nothing({ 'a disabled hook disabled': () => ok(on(desk, 'disable', { reason: 'maintenance' })) })

  executed = []
  const enabled = await register(`${receiver.url}/first`)
  expect(enabled).toMatchObject({ id: hook.id, status: 'active' })
  expect(moves()).toBe(1)
  await ok(listener({ enabled: false }))
  await nothing({ 'a disabled listener disabled': () => ok(listener({ enabled: false })) })
  executed = []
  await ok(listener({ enabled: true }))
  expect(moves()).toBe(1)
})

test('a call that is repeated wakes the lanes again: whoever changed the hook may have died before it did', async () => {
  const { desk, receiver } = await setUp()
  const move = () =>
    ok(
      desk.post(
        '/tract/hooks/register/',
        { category: 'message', subcategory: 'receive', url: `${receiver.url}/third` },
        { 'idempotency-key': 'once' },
      ),
    )
  await move()
  executed = []
  await move()
  expect(moves()).toBe(1)
})

test('a development restart takes a statement for each hook that is moved or gets a new secret', async () => {
  executed = []
  const sandbox = await TestService.start({ environment: { TRACT_SANDBOX: 'on' } })
  try {
    const hooks = await until(() => sandbox.stored.count('hooks'), 'the hooks of the sandbox')
    expect(moves()).toBeLessThanOrEqual(2 * hooks)
  } finally {
    await sandbox.close()
  }
})
