/** The last hour of an organisation in figures, as an operator sees it. */

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Overview } from '@tract/contract'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { Sliced } from '../../src/database/slices.js'
import { readOverview } from '../../src/views/overview.js'

let service: TestService
let receiver: Receiver
let admin: Caller
let world: World<'iva' | 'md' | 'observer'>

beforeAll(async () => {
  service = await TestService.start()
  receiver = await service.receiver()
  admin = await service.admin()
  world = await service.world({ iva: 'iva', md: 'md', observer: 'analytics' })
  await receiver.hear(world.listeners.iva, 'message.receive')
  await receiver.hear(world.listeners.observer, 'message.receive')
})
afterAll(() => service.close())

const overview = async (organisation = world.organisation): Promise<Overview> =>
  ok(admin.get(`/platform/deliveries/overview/?${new URLSearchParams({ organisation_id: organisation })}`))
const write = (userId: string) => world.write(userId)
const of = ({ listeners }: Overview, name: string) => listeners.find(({ listener_id }) => listener_id === name)

test('nothing happened in an organisation that nobody wrote to, or that is not there', async () => {
  const { organisation } = await service.world({ iva: 'iva' })
  for (const id of [organisation, randomUUID()]) {
    expect(await overview(id)).toEqual({
      ...{ from: expect.any(String), sampled: false, accepted: 0, delivered: 0, failed: 0, backlog: 0, listeners: [] },
    })
  }
})

test('what was accepted, delivered and refused is counted by listener and minute, with what waits', async () => {
  receiver.answer = ({ hook, body }) =>
    hook === 'message.receive' && body.user_id === 'failing' && body.in_control ? { status: 500 } : {}
  for (const user of ['asha', 'ben', 'failing']) await write(user)
  const seen = await until(async () => {
    const answer = await overview()
    const iva = of(answer, 'iva')
    const settled = of(answer, 'observer')?.delivered === 3 && iva?.delivered === 2 && answer.backlog === 1
    return settled && iva.failed > 0 ? answer : null
  }, 'the figures')
  expect(seen).toMatchObject({ sampled: false, accepted: 6, delivered: 5, backlog: 1 })
  expect(seen.oldest_head?.listener_id).toBe('iva')
  const { p50, p95, p99 } = seen.latency_ms ?? { p50: -1, p95: -1, p99: -1 }
  expect([0 <= p50, p50 <= p95, p95 <= p99]).toEqual([true, true, true])
  for (const { minutes, accepted, delivered, failed } of seen.listeners) {
    for (const { at } of minutes) expect([new Date(at).getUTCSeconds(), at >= seen.from]).toEqual([0, true])
    const total = (name: 'accepted' | 'delivered' | 'failed') => minutes.reduce((sum, each) => sum + each[name], 0)
    expect([total('accepted'), total('delivered'), total('failed')]).toEqual([accepted, delivered, failed])
  }
})

test('what is older than an hour is not counted', async () => {
  const later = new Date(Date.now() + 61 * 60_000)
  const { rows } = await readOverview(new Sliced([service.stored.pool]), world.organisation, later)
  expect(rows).toMatchObject([{ listener: null, accepted: 0, delivered: 0, failed: 0, latency_ms: null }])
})

test('of very much, some users stand for all', async () => {
  const { organisation } = await service.world({ iva: 'iva' })
  // many users of a minute ago: an id is its time, and its bucket any
  await service.stored.pool.query(
    `insert into deliveries (bucket, organisation_id, listener, user_id, sequence, id, category, subcategory, created_at, body)
      select n % 256, $1, 'iva', 'user-' || n, 1, (substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
        'message', 'receive', to_timestamp($2 / 1000.0), '{}'
      from generate_series(1, 100000) n, (select lpad(to_hex($2::bigint), 12, '0') as hex) h`,
    [organisation, Date.now() - 60_000],
  )
  const { sampled, accepted } = await overview(organisation)
  expect(sampled).toBe(true)
  expect(Math.abs(accepted - 100_000)).toBeLessThan(2_000)
})
