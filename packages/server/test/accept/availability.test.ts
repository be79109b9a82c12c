import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { ago } from '@tract/testing/stored'
import type { World } from '@tract/testing/world'

let service: TestService
let world: World<'iva' | 'md' | 'desk' | 'salon'>
let admin: Caller
let receiver: Receiver
let users = 0

beforeAll(async () => {
  service = await TestService.start()
  admin = await service.admin()
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect', salon: 'ect' })
  receiver = await service.receiver()
  const { md, desk, iva, salon } = world.listeners
  await receiver.hear(md, 'message.receive')
  await receiver.hear(iva, 'message.receive')
  await receiver.hear(desk, 'message.receive')
  await receiver.hear(salon, 'message.receive')
})
afterAll(() => service.close())

const say = (body: object, who: Caller = world.listeners.desk) => who.post('/tract/availability/set/', body)
const ask = async (body: object = {}, who: Caller = world.listeners.md) =>
  (await ok(who.post('/tract/availability/get/', body))).availability
const hours = (listener_id: string, hours: unknown) =>
  admin.post('/platform/listeners/update/', { organisation_id: world.organisation, listener_id, hours })
const pass = async (more: object = {}) => {
  const user_id = `user-${++users}`
  await world.write(user_id)
  const body = { user_id, type: 'pass', requester: 'iva', receiver: 'desk', ...more }
  return ok(world.listeners.iva.post('/tract/thread_control/request', body))
}
/** As if that much time had gone by since it was said. */
const lapse = () =>
  service.stored.change('availability', { valid_until: ago(1) }, { organisation_id: world.organisation })

const NEVER = { time_zone: 'UTC', weekly: [] }
const XMAS = { ...NEVER, exceptions: [{ date: '2099-12-25', spans: [{ opens: '09:00', closes: '10:00' }] }] }

describe('a listener says whether anybody is there', () => {
  test('and what it said last stands, of itself and of each team', async () => {
    await ok(say({ status: 'open', capacity: 9, valid_for_seconds: 60 }))
    const said = await ok(say({ status: 'busy', waiting: 7, estimated_wait_seconds: 0, valid_for_seconds: 60 }))
    expect(said).toEqual({
      receiver: 'desk',
      status: 'busy',
      waiting: 7,
      estimated_wait_seconds: 0,
      valid_until: expect.any(String),
    })
    await ok(say({ team: 'billing', status: 'closed', valid_for_seconds: 60 }))
    expect(await ask()).toMatchObject([
      { receiver: 'desk', status: 'busy' },
      { receiver: 'desk', team: 'billing', status: 'closed' },
      { receiver: 'iva', status: 'open' },
      { receiver: 'salon', status: 'open' },
    ])
    expect(await ask({ receiver: 'desk', team: 'billing' })).toMatchObject([{ team: 'billing', status: 'closed' }])
    // of a team that it says nothing of, what it says of itself counts
    expect(await ask({ receiver: 'desk', team: 'sales' })).toMatchObject([{ team: 'sales', status: 'busy' }])
  })

  test('it lapses, and then its hours count, and without hours it is open', async () => {
    await ok(say({ status: 'open', valid_for_seconds: 60 }))
    await ok(hours('desk', NEVER))
    expect(await ask({ receiver: 'desk' })).toMatchObject([{ status: 'open' }, { team: 'billing' }])
    await lapse()
    expect(await ask({ receiver: 'desk' })).toEqual([{ receiver: 'desk', status: 'closed' }])
    await ok(hours('desk', XMAS))
    expect(await ask({ receiver: 'desk' })).toEqual([{ receiver: 'desk', status: 'closed' }])
    const listed = await ok(admin.get(`/platform/listeners/?organisation_id=${world.organisation}`))
    expect(listed.listeners.find((one: { listener_id: string }) => one.listener_id === 'desk').hours).toEqual(XMAS)
    const updated = await ok(hours('desk', null))
    expect(updated).not.toHaveProperty('hours')
    expect(await ask({ receiver: 'desk' })).toEqual([{ receiver: 'desk', status: 'open' }])
  })

  test('what closes until a time stands until then', async () => {
    const reopens_at = new Date(Date.now() + 3_600_000).toISOString()
    const said = await ok(say({ status: 'closed', reopens_at, valid_for_seconds: 86_400 }))
    expect(said).toMatchObject({ status: 'closed', reopens_at, valid_until: reopens_at })
    await lapse()
  })

  test('what is open opens at no time, and what closes until a time that is over is not closed', async () => {
    const open = await ok(say({ status: 'busy', reopens_at: '2099-01-01T00:00:00.000Z', valid_for_seconds: 60 }))
    expect(open).toMatchObject({ status: 'busy' })
    expect(open).not.toHaveProperty('reopens_at')
    const closed = { status: 'closed', reopens_at: '2020-01-01T00:00:00.000Z', valid_for_seconds: 60 }
    expect(await ok(say(closed))).toEqual({ receiver: 'desk', status: 'open' })
  })

  test('what it cannot mean is refused by field, and what is kept is bounded', async () => {
    const issues = async (body: object) => (await say({ valid_for_seconds: 60, ...body })).body.issues
    const path = (path: string) => [expect.objectContaining({ path })]
    expect(await issues({ status: 'asleep' })).toEqual(path('/status'))
    expect(await issues({ status: 'open', valid_for_seconds: 604_801 })).toEqual(path('/valid_for_seconds'))
    for (let team = 0; team < 200; team++)
      await ok(say({ team: `team-${team}`, status: 'open', valid_for_seconds: 60 }, world.listeners.salon))
    const one = await say({ team: 'one more', status: 'open', valid_for_seconds: 60 }, world.listeners.salon)
    expect([one.status, one.body.issues]).toEqual([400, path('/team')])
    // one that stands is said again, and so is the whole
    for (const team of ['team-7', undefined])
      await ok(say({ team, status: 'closed', valid_for_seconds: 60 }, world.listeners.salon))
    await lapse()
    await ok(say({ team: 'one more', status: 'open', valid_for_seconds: 60 }, world.listeners.salon))
    expect(await ask({ receiver: 'salon' })).toMatchObject([{ status: 'open' }, { team: 'one more' }])
    await lapse()
  })

  test('hours that cannot be are refused by field, and nothing of the call is kept', async () => {
    const refused = await admin.post('/platform/listeners/update/', {
      organisation_id: world.organisation,
      listener_id: 'desk',
      name: 'Not kept',
      hours: { time_zone: 'Europe/Atlantis', weekly: [{ day: 'monday', opens: '9:00', closes: '17:00' }] },
    })
    expect(refused.body.issues).toContainEqual(expect.objectContaining({ path: '/hours/weekly/0/opens' }))
    const zone = await hours('desk', { time_zone: 'Europe/Atlantis', weekly: [] })
    expect(zone.body.issues).toEqual([
      { path: '/hours/time_zone', message: expect.stringContaining('there is no Europe/Atlantis') },
    ])
    const listed = await ok(admin.get(`/platform/listeners/?organisation_id=${world.organisation}`))
    expect(listed.listeners.map(({ name }: { name: string }) => name)).not.toContain('Not kept')
  })
})

describe('a pass', () => {
  test('to a closed receiver is refused with when it opens, and nothing happens to the thread', async () => {
    const reopens_at = new Date(Date.now() + 3_600_000).toISOString()
    await ok(say({ status: 'closed', reopens_at, valid_for_seconds: 7_200 }))
    expect(await pass()).toEqual({
      success: false,
      reason: {
        code: 'receiver_closed',
        message: `'desk' is closed; it opens again at ${reopens_at}.`,
        owner: 'iva',
        epoch: 1,
        reopens_at,
      },
    })
    const { listeners } = await ok(
      world.listeners.iva.post('/tract/thread_control/listeners/', { user_id: `user-${users}` }),
    )
    const desk = listeners.find(({ id }: { id: string }) => id === 'desk')
    expect(desk).toMatchObject({ active: false, availability: { status: 'closed', reopens_at } })
    expect(listeners.find(({ id }: { id: string }) => id === 'md')).not.toHaveProperty('availability')
    expect(await pass({ when_closed: 'refuse' })).toMatchObject({ success: false })
    expect(await pass({ when_closed: 'wait' })).toMatchObject({ success: true, owner: 'desk' })
  })

  test('to a busy receiver, or to one whose word has lapsed, is a pass', async () => {
    await lapse()
    expect(await pass()).toMatchObject({ success: true, owner: 'desk' })
    await ok(say({ status: 'busy', waiting: 40, valid_for_seconds: 60 }))
    expect(await pass()).toMatchObject({ success: true, owner: 'desk' })
  })

  test('by hours', async () => {
    await lapse()
    await ok(hours('desk', NEVER))
    const refused = await pass()
    expect([refused.reason.code, refused.reason.message]).toEqual(['receiver_closed', "'desk' is closed."])
    await ok(hours('desk', null))
    expect(await pass()).toMatchObject({ success: true })
  })

  test('back to the default is a pass, closed or not', async () => {
    await pass()
    await ok(say({ status: 'closed', valid_for_seconds: 60 }, world.listeners.iva))
    await world.pass(`user-${users}`, 'desk', 'iva')
    await lapse()
  })
})

test('a desk tells of its queue, and everyone who hears the thread hears it', async () => {
  const ears = await Promise.all(
    (['md', 'iva', 'salon'] as const).map(async (name) => {
      const ear = await world.receiver(name, 'aeu_events.queued')
      return ear
    }),
  )
  await pass()
  const user_id = `user-${users}`
  const metadata = JSON.stringify({ position: 3, estimated_wait_seconds: 180 })
  await ok(world.listeners.desk.post('/tract/event/send', { user_id, type: 'aeu_events', subtype: 'queued', metadata }))
  for (const ear of ears) {
    const told = await ear.waitFor(({ hook }) => hook === 'aeu_events.queued')
    expect(told.body).toMatchObject({ user_id, listener: 'desk', metadata })
    await ear.close()
  }
})
