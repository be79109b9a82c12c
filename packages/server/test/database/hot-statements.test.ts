/**
 * Every prepared statement that the service executes on the tables of users stays within buckets: so that the same statements run on one
 * PostgreSQL and on many, and none costs more for what others have. They are recorded as they are executed, by real traffic.
 */

import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { openPool } from '../../src/database/database.js'
import { onCitus } from '../../src/database/statement.js'
import { recordFaults } from '../../src/deliver/health/fault-rows.js'
import { recordResults } from '../../src/deliver/results.js'
import { DELIVERY_SETTINGS, type DeliverySettings } from '../../src/deliver/settings.js'
import { passOverOutages } from '../../src/lanes/bucket-leases.js'
import { bucketTables, planProblems, touches } from './statement-plan.js'

const SOURCE = new URL('../../src/', import.meta.url)

/** Timers and pauses so short that everything comes by. */
const DELIVERY: Partial<DeliverySettings> = {
  retry: { ...DELIVERY_SETTINGS.retry, delays: [20, 40, 60_000] },
  breaker: { failures: 4, firstProbe: 50, longestProbe: 100, probeLost: 1_000 },
  heartbeat: 200,
  poll: 100,
  faultReport: 100,
}

/** The text of each statement that was executed under a name, by that name. */
const recorded = new Map<string, string>()

/** Stands before the driver: a statement passes here from every pool and transaction. */
function record(): () => void {
  const { prototype } = pg.Client
  const { query } = prototype
  prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [statement] = args
    if (typeof statement === 'object' && statement !== null) {
      const { name, text } = statement as pg.QueryConfig
      if (name !== undefined) recorded.set(name, text)
    }
    return Reflect.apply(query, this, args)
  } as typeof query
  return () => {
    prototype.query = query
  }
}

/** The names of the prepared statements, as they stand in the source. */
function namesInSource(): string[] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const sources = files.map((file) => readFileSync(new URL(file, SOURCE), 'utf8'))
  return sources.flatMap((source) =>
    [...source.matchAll(/\bname: '([a-z_]+)',\s+(?:text|parameters)\b/g)].map(([, name = '']) => name),
  )
}

/** Statements about access and secrets: they touch no table of users, and `test/authentication` executes them. */
const ACCESS = /^(use_assertion|find_client_credentials|announce_access_change|list_|insert_revocation)/

let service: TestService
let endRecording: () => void
let explaining: pg.Pool
let tables: ReadonlySet<string>

beforeAll(async () => {
  endRecording = record()
  service = await TestService.start({
    delivery: DELIVERY,
    retention: { look: 50, round: 300, keep: 86_400_000 },
    search: { lag: 20, round: 300, rest: 0 },
  })
  explaining = openPool({ connectionString: service.databaseUrl, max: 1 }, () => {})
  tables = await bucketTables(explaining)
  await traffic()
})
afterAll(async () => {
  endRecording()
  await explaining.end()
  await service.close()
})

/** All that the service does, once at least. */
async function traffic(): Promise<void> {
  const { organisation, listeners } = await service.world(
    { iva: 'iva', md: 'md', desk: 'ect', late: 'ect' },
    { unreachable_after: 3_600, on_request: 'ask', history_messages: 2 },
    { late: { standby: false } },
  )
  const { iva, md, desk, late } = listeners
  const receiver = await Receiver.start()
  await receiver.hear(md, 'message.receive', 'hook_events.disabled')
  await receiver.hear(desk, 'user_events.create_user', 'message.receive')
  await receiver.hear(late, 'message.receive')
  let isSlow = true
  let more: Promise<unknown> | undefined
  receiver.answer = async ({ hook }) => {
    // until the lease is prolonged, and there is more than was read, so that it is read on
    if (hook === 'user_events.create_user' && isSlow) {
      await until(() => more !== undefined && recorded.has('lanes_renew'), 'a heartbeat')
      await more
    }
    return {}
  }
  const write = (user_id: string, text: string, key?: string) =>
    ok(
      md.post(
        '/platform/message/send/',
        { user_id, message_body: text, sender: 'ceu', user: { user_name: 'Asha' } },
        key === undefined ? {} : { 'idempotency-key': key },
      ),
    )
  const control = (by: Caller, user_id: string, type: string, requester: string, to: string) =>
    ok(by.post('/tract/thread_control/request', { user_id, type, requester, receiver: to }))
  await write('u', 'first', 'once')
  await write('u', 'first', 'once')
  more = Promise.all(Array.from({ length: 30 }, (_, index) => write('u', `more ${index}`)))
  await more
  await write('u', 'once more', 'later')
  await receiver.waitFor(({ body }) => body.message_body?.text.startsWith('more'), 'what follows the first')
  isSlow = false
  await control(iva, 'u', 'pass', 'iva', 'desk')
  await ok(md.post('/platform/user/', { user_id: 'u', user_name: 'Asha Rao' }))
  await ok(desk.post('/tract/user/', { user_id: 'u' }))
  await ok(desk.post('/tract/thread_control/listeners/', { user_id: 'u' }))
  await ok(desk.post('/tract/availability/set/', { status: 'busy', valid_for_seconds: 60 }))
  const reply = { user_id: 'u', message_body: 'Hello', sender: 'ect', ect_user_id: 'case-1' }
  const { message_id } = await ok(desk.post('/tract/message/send/', reply))
  const receipt = { user_id: 'u', type: 'message', subtype: 'read', metadata: JSON.stringify({ message_id }) }
  await ok(md.post('/platform/event/send/', receipt))
  const feedback = { user_id: 'u', type: 'user_events', subtype: 'feedback', metadata: '{"score": 5}' }
  await ok(md.post('/platform/event/send/', feedback))
  // there is more history than it gets
  await control(iva, 'u', 'pass', 'iva', 'late')
  await control(iva, 'u', 'pass', 'iva', 'desk')

  // A desk whose payloads fail for a while: retries, a breaker, what is done by hand, and a timer for the owner.
  let fails = true
  receiver.answer = ({ hook }) => (fails && hook === 'message.receive' ? { status: 500 } : {})
  for (const user of ['v', 'w', 'x']) await write(user, 'is anybody there')
  await write('u', 'and here')
  const pending = await until(async () => {
    const { deliveries } = await ok(desk.post('/tract/deliveries/list/', { state: 'pending' }))
    return deliveries.find((one: { attempts: number }) => one.attempts >= 2)
  }, 'a delivery that failed twice')
  await ok(desk.post('/tract/deliveries/retry/', { id: pending.id }))
  await ok(desk.post('/tract/deliveries/get/', { id: pending.id }))
  await until(() => recorded.has('breakers_record'), 'a breaker that is told of')
  fails = false
  const { hooks } = await ok(desk.get('/tract/hooks/list/'))
  const messages = hooks.find(({ category }: { category: string }) => category === 'message')
  await ok(desk.post('/tract/hooks/disable/', { id: messages.id }))
  await write('x', 'to be skipped')
  const head = await until(async () => {
    const { deliveries } = await ok(desk.post('/tract/deliveries/list/', { state: 'pending', user_id: 'x' }))
    return deliveries.at(-1)
  }, 'a head that waits')
  await until(
    async () => (await desk.post('/tract/deliveries/skip/', { id: head.id })).status === 200,
    'a moment in which it is not being looked at',
  )
  await ok(desk.post('/tract/hooks/enable/', { id: messages.id }))
  await until(
    async () => (await ok(desk.post('/tract/deliveries/list/', { state: 'pending' }))).deliveries.length === 0,
    'the end of what waits',
  )
  await ok(desk.post('/tract/deliveries/replay/', { ids: [head.id] }))

  // A timer looks at what the owner has heard.
  await explaining.query("update threads set deadline_at = now() - interval '1 second' where owner is not null")
  await until(() => recorded.has('delivery_end'), 'the end of what an owner heard')

  // A hook that is gone is disabled, which its organisation's platform listeners hear.
  receiver.answer = ({ hook, body }) =>
    hook === 'message.receive' && body.message_body?.text === 'the last one' && body.in_control ? { status: 410 } : {}
  await write('u', 'the last one')
  await receiver.waitFor(({ hook }) => hook === 'hook_events.disabled')

  // A listener fetches its hooks, and no call waits.
  await ok(desk.post('/tract/hooks/stream/', {}))

  // What only trouble leads to.
  const key = { bucket: 1, organisationId: organisation, listener: 'desk', userId: 'nobody' }
  const now = new Date()
  await passOverOutages(explaining, [1, 2])
  await recordFaults(explaining, [
    { ...key, deliveryId: organisation, fault: 'attempt_not_made', error: 'none', count: 1, firstAt: now, lastAt: now },
  ])
  const untold = { failures: 0, attemptsMade: 0, refusals: 0, failingSince: null, releaseAt: now, ectUserId: null }
  const nothing = {
    ...key,
    ...untold,
    lease: organisation,
    since: 0,
    endedTo: 0,
    unacknowledged: 0,
    ends: [{ deliveryId: organisation, state: 'cancelled' as const, endedAt: now }],
    attempts: [],
  }
  await recordResults(explaining, [nothing], { again: true })
  await until(
    () => ['prune_deliveries', 'prune_users', 'prune_words', 'bucket_pruned'].every((name) => recorded.has(name)),
    'retention',
  )
  await explaining.query('update users set search_name = null')
  await until(() => ['message_words_insert', 'users_name'].every((name) => recorded.has(name)), 'what is searched')
  await receiver.close()
}

const problemsOf = async (statements: ReadonlyMap<string, string>) => {
  const found: Record<string, string[]> = {}
  for (const [name, text] of statements) {
    const problems = await planProblems(explaining, onCitus(text), tables)
    if (problems.length > 0) found[name] = problems
  }
  return found
}

test('the traffic executes every prepared statement of the store', () => {
  const expected = namesInSource().filter((name) => !ACCESS.test(name) && name !== 'buckets_release')
  expect(expected.length).toBeGreaterThan(20)
  expect(expected.filter((name) => !recorded.has(name))).toEqual([])
})

test('most of them are about users', async () => {
  const about = []
  for (const [name, text] of recorded) if (await touches(explaining, text, tables)) about.push(name)
  expect(about.length).toBeGreaterThan(20)
  expect(about.filter((name) => ACCESS.test(name))).toEqual([])
})

describe('each stays within buckets, and goes through no table from end to end', () => {
  test('on young tables', async () => {
    expect(await problemsOf(recorded)).toEqual({})
  })

  test('on tables whose size is known', async () => {
    await explaining.query('analyze')
    expect(await problemsOf(recorded)).toEqual({})
  })
})

test('one that does not is found', async () => {
  const text = 'select head from lanes where organisation_id = $1 and listener = $2 and user_id = $3'
  await explaining.query({ name: 'seeded_offender', text, values: [randomUUID(), 'desk', 'u'] })
  expect(await problemsOf(recorded)).toEqual({ seeded_offender: [expect.stringContaining('without a bucket')] })
  recorded.delete('seeded_offender')
})

test('one that inserts rows without a table of their slice is found', async () => {
  const text = 'insert into events (bucket, user_id) select 1, user_id from unnest($1::text[]) as k(user_id)'
  expect(await problemsOf(new Map([['seeded_offender', text]]))).toEqual({
    seeded_offender: ['inserts into events rows that come from no table'],
  })
})
