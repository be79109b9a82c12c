/** A service on a database with two slices: what is about one user is done in one, and what asks for all gets it from both. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Delivery } from '@tract/contract'
import { type Caller, ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { BUCKETS, firstBucket, Sliced } from '../../src/database/slices.js'
import { DELIVERY_SETTINGS } from '../../src/deliver/settings.js'

const SLICES = ['public_s1', 'public_s2']
const USERS = Array.from({ length: 12 }, (_, user) => `user ${String(user).padStart(2, '0')}`)
const TEXTS = ['My bill is wrong', 'Is anybody there', 'Thanks']

let service: TestService
let receiver: Receiver
let admin: Caller
let world: World<'iva' | 'md'>

beforeAll(async () => {
  // what failed once is tried again in an hour
  const delivery = { retry: { ...DELIVERY_SETTINGS.retry, delays: [3_600_000], jitter: 0 } }
  service = await TestService.start({ environment: { TRACT_SLICES: '2' }, delivery, search: { lag: 10, rest: 0 } })
  receiver = await Receiver.start()
  admin = await service.admin()
  world = await service.world({ iva: 'iva', md: 'md' })
  await receiver.hear(world.listeners.iva, 'message.receive')
  await Promise.all(
    USERS.map(async (user) => {
      for (const text of TEXTS) await world.write(user, text)
    }),
  )
  await until(() => receiver.messages().length >= USERS.length * TEXTS.length, 'what all users wrote')
  await until(hasAllEnded, 'the end of all deliveries')
})
afterAll(async () => {
  await receiver.close()
  await service.close()
})

const lanes = () => Promise.all(SLICES.map((slice) => service.stored.rows(`${slice}.lanes`)))
const hasAllEnded = async () => (await lanes()).flat().every(({ head, tail }) => head === tail)
const query = (parameters: Record<string, string>) =>
  new URLSearchParams({ organisation_id: world.organisation, ...parameters })
const deliveries = async (filter: object): Promise<Delivery[]> =>
  (await ok(world.listeners.iva.post('/tract/deliveries/list/', filter))).deliveries

describe('slices', () => {
  test.each([1, 2, 3, 7, 64])('of %i, each has its own range of buckets', (count) => {
    const slices = new Sliced(Array.from({ length: count }, (_, slice) => slice))
    const isRight = Array.from({ length: BUCKETS }, (_, bucket) => {
      const slice = slices.of(bucket)
      const isIn = firstBucket(slice, count) <= bucket && bucket < firstBucket(slice + 1, count)
      return isIn && [0, 1, 128, 255].every((byte) => slices.of(slices.bucketBeside(bucket, byte)) === slice)
    })
    expect(isRight).not.toContain(false)
  })

  test('of one, a key lies in the bucket that it has always had', () => {
    const one = new Sliced(['all'])
    const bytes = Array.from({ length: BUCKETS }, (_, byte) => byte)
    expect(bytes.map((byte) => one.bucketBeside(77, byte))).toEqual(bytes)
  })

  test('have users each, of their own buckets only', async () => {
    const [some = [], others = []] = await lanes()
    expect([...some, ...others].map(({ user_id }) => user_id).sort()).toEqual(USERS)
    expect([some.length > 0, others.length > 0]).toEqual([true, true])
    expect(some.every(({ bucket }) => bucket < firstBucket(1, 2))).toBe(true)
    expect(others.every(({ bucket }) => bucket >= firstBucket(1, 2))).toBe(true)
  })

  test('deliver what each user wrote, in order', () => {
    for (const user of USERS) {
      const heard = receiver.messages().filter(({ user_id }) => user_id === user)
      expect(heard.map(({ message_body }) => message_body.text)).toEqual(TEXTS)
    }
  })
})

describe('a list of all', () => {
  const pages = async (parameters: Record<string, string>): Promise<string[]> => {
    const found: string[] = []
    for (let after: string | undefined; ; ) {
      const page = await ok(
        admin.get(`/platform/threads/?${query({ ...parameters, limit: '5', ...(after && { after }) })}`),
      )
      found.push(...page.threads.map(({ user_id }: { user_id: string }) => user_id))
      if (page.next === undefined) return found
      after = page.next
    }
  }

  test('has threads by user id', async () => {
    expect(await pages({})).toEqual(USERS)
  })

  test('has threads by their last activity', async () => {
    await world.write('user 07', 'Hello again')
    const found = await pages({ order: 'last_activity' })
    expect(found[0]).toBe('user 07')
    expect([...found].sort()).toEqual(USERS)
  })

  test('has threads by what was said on them, in pages of any length', async () => {
    const found = await until(async () => {
      const users = await pages({ text: 'bill' })
      return users.length === USERS.length ? users : undefined
    }, 'words that were read')
    expect(found).toEqual(USERS)
    expect(await pages({ state: 'bot', user_id_prefix: 'user 1' })).toEqual(['user 10', 'user 11'])
  })

  test('has deliveries, the newest first', async () => {
    const ids = (await deliveries({ limit: 200 })).map(({ id }) => id)
    expect(ids).toHaveLength(USERS.length * TEXTS.length + 1)
    expect(ids).toEqual([...ids].sort().reverse())
    expect((await deliveries({ user_id: 'user 03' })).length).toBe(TEXTS.length)
  })

  test('adds up how deliveries are going', async () => {
    const overview = await ok(admin.get(`/platform/deliveries/overview/?${query({})}`))
    expect(overview).toMatchObject({ accepted: USERS.length * TEXTS.length + 1, backlog: 0, sampled: false })
  })
})

describe('what is done to many', () => {
  const messagesOf = (user: string) => deliveries({ user_id: user, category: 'message' })

  test('is done once by its key, in all slices or in none', async () => {
    const ids = (await Promise.all(USERS.map(messagesOf))).map(([first]) => first?.id)
    const { iva } = world.listeners
    const key = { 'idempotency-key': 'replay all' }
    const none = await iva.post('/tract/deliveries/replay/', { ids: [...ids, '01920c6e-7b11-7d00-8a44-5f6071829304'] })
    expect([none.status, none.body.code]).toEqual([404, 'delivery_not_found'])
    const first = await ok(iva.post('/tract/deliveries/replay/', { ids }, key))
    expect(first.replayed).toBe(USERS.length)
    expect(await ok(iva.post('/tract/deliveries/replay/', { ids }, key))).toEqual(first)
    await until(hasAllEnded, 'the end of copies')
    for (const user of USERS) expect((await messagesOf(user)).length).toBeGreaterThan(TEXTS.length)
  })

  test('retries and skips heads wherever they wait', async () => {
    receiver.answer = () => ({ status: 503 })
    for (const user of USERS) await world.write(user, 'Nobody answers')
    const failed = () => deliveries({ state: 'pending', attempts_from: 1, limit: 200 })
    await until(async () => (await failed()).length === USERS.length, 'heads that have failed')
    const health = await ok(admin.get(`/platform/deliveries/health/?${query({})}`))
    expect(health.listeners).toMatchObject([{ listener_id: 'iva', failing_lanes: USERS.length }, { failing_lanes: 0 }])
    const { iva } = world.listeners
    const [head] = await failed()
    expect(await ok(iva.post('/tract/deliveries/skip/', { id: head?.id }))).toMatchObject({ state: 'cancelled' })
    receiver.answer = () => ({})
    const done = await ok(iva.post('/tract/deliveries/retry_many/', { limit: 200 }))
    expect(done).toMatchObject({ matched: USERS.length - 1, changed: USERS.length - 1 })
    expect(done.deliveries.map(({ id }: Delivery) => id)).toEqual(
      [...done.deliveries.map(({ id }: Delivery) => id)].sort(),
    )
    await until(hasAllEnded, 'the end of the wait')
  })
})

describe('what is about one user', () => {
  test('is done once by its key, in the slice of the user', async () => {
    for (const user of USERS.slice(0, 4)) {
      const key = { 'idempotency-key': `key of ${user}` }
      const first = await world.write(user, 'Once', key)
      expect(await world.write(user, 'Once', key)).toEqual(first)
    }
  })

  test('goes with the user', async () => {
    const { md } = world.listeners
    for (const user of USERS.slice(0, 4)) {
      expect(await ok(md.post('/platform/user/erase/', { user_id: user }))).toMatchObject({ success: true })
    }
    const { threads } = await ok(admin.get(`/platform/threads/?${query({})}`))
    expect(threads.map(({ user_id }: { user_id: string }) => user_id)).toEqual(USERS.slice(4))
  })

  test('is not found by another organisation', async () => {
    const other = await service.world({ iva: 'iva', md: 'md' })
    for (const user of USERS.slice(4)) {
      const [delivery] = await deliveries({ user_id: user })
      const answer = await other.listeners.iva.post('/tract/deliveries/get/', { id: delivery?.id })
      expect([answer.status, answer.body.code]).toEqual([404, 'delivery_not_found'])
      const theirs = await other.listeners.iva.post('/tract/user/', { user_id: user })
      expect([theirs.status, theirs.body.code]).toEqual([404, 'user_not_found'])
    }
  })
})

test('the database keeps as many as it has', async () => {
  await expect(service.startAnother({ TRACT_SLICES: '3' })).rejects.toThrow(
    'TRACT_SLICES is 3, and the database has 2 since its first start: it keeps them. Set that, or nothing.',
  )
  const another = await service.startAnother()
  await another.close()
})
