/** What the platform tells of a user goes to who knows it, and former ids are understood. */
import { hash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { FIRST_ID, LAST_ID } from '../../src/database/time-ordered-id.js'
import { bucketOf } from '../../src/lanes/bucket.js'
import { forgetLanes } from '../../src/upkeep/forget-lanes.js'
import { forgetErased } from '../../src/upkeep/retention-rows.js'

type Name = 'iva' | 'md' | 'desk' | 'salon'
const KINDS = { iva: 'iva', md: 'md', desk: 'ect', salon: 'ect' } as const
const HOOKS = ['user_events.create_user', 'user_events.update_user', 'user_events.erase_user', 'message.receive']

let service: TestService
let world: World<Name>
let listeners: Record<Name, Caller>
let desk: Receiver
let salon: Receiver
let users = 0
let user_id: string

beforeAll(async () => {
  service = await TestService.start()
  world = await service.world<Name>(KINDS, {}, { salon: { standby: false } })
  listeners = world.listeners
  desk = await service.receiver()
  salon = await service.receiver()
  desk.answer = ({ hook }) =>
    hook === 'user_events.create_user' ? { body: { success: true, ect_user_id: 'case-1' } } : {}
  await desk.hear(listeners.desk, ...HOOKS)
  await salon.hear(listeners.salon, ...HOOKS)
  await desk.hear(listeners.md, 'user_events.update_user', 'user_events.erase_user')
})
afterAll(() => service.close())
beforeEach(async () => {
  user_id = `u${++users}`
  await tell({ third_party_user_id: '+91 1', user_name: 'Asha', details: { plan: 'old' } })
  await world.write(user_id)
  await heard('message.receive')
  await atRest()
})

const tell = (more: object) => ok(listeners.md.post('/platform/user/', { user_id, ...more }))
const ofUser = () => desk.received.filter(({ body }) => body.user_id === user_id)
const heard = (hook: string) => desk.waitFor((one) => one.hook === hook && one.body.user_id === user_id, hook)
/** The deliveries to the desk have ended, and what create_user was answered with is known. */
const atRest = () => service.stored.delivered({ user_id })
const refused = async (answer: Promise<Answer>): Promise<unknown[]> => {
  const { status, body } = await answer
  return [status, body.code]
}

describe('a change', () => {
  test('goes in order to who knows the user, with what has changed and what it was', async () => {
    await tell({ third_party_user_id: '+91 2', details: { plan: 'new', email: 'asha@example.com' } })
    await world.write(user_id, 'Again')
    await desk.waitFor(({ body }) => body.user_id === user_id && body.message_body?.text === 'Again')
    const lane = ofUser()
    expect(lane.map(({ hook }) => hook)).toEqual([HOOKS[0], HOOKS[3], HOOKS[1], HOOKS[3]])
    expect(lane.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
    expect(lane[2]?.body).toEqual({
      ...{
        user_id,
        type: 'user_events',
        conversation_number: '1',
        subtype: 'update_user',
        third_party_user_id: '+91 2',
        user_name: 'Asha',
        ect_user_id: 'case-1',
      },
      details_available: [
        { name: 'plan', type: 'string' },
        { name: 'email', type: 'string' },
      ],
      ...{ changed: ['third_party_user_id', 'details'], former_third_party_user_id: '+91 1' },
      timestamp: expect.any(String),
    })
    expect(salon.received.filter(({ body }) => body.user_id === user_id)).toEqual([])
  })

  test('that comes with a message goes before it', async () => {
    const body = { user_id, sender: 'ceu', message_body: 'New name', user: { user_name: 'Asha Rao' } }
    await ok(listeners.md.post('/platform/message/send/', body))
    await desk.waitFor((one) => one.body.user_id === user_id && one.body.message_body?.text === 'New name')
    expect(
      ofUser()
        .slice(2)
        .map(({ hook }) => hook),
    ).toEqual([HOOKS[1], HOOKS[3]])
  })

  test('that is none is not told', async () => {
    await tell({ user_name: 'Asha', details: { plan: 'old' } })
    await world.write(user_id, 'Again')
    await desk.waitFor(({ body }) => body.user_id === user_id && body.message_body?.text === 'Again')
    expect(ofUser().filter(({ hook }) => hook === 'user_events.update_user')).toEqual([])
  })
})

describe('a former third_party_user_id', () => {
  const say = (third_party_user_id: string) =>
    listeners.desk.post('/tract/message/send/', { user_id, third_party_user_id, sender: 'ect', message_body: 'Hi' })

  test('is taken from a listener as the present one is, and no other', async () => {
    await world.pass(user_id, 'iva', 'desk')
    for (const third_party_user_id of ['+91 2', '+91 3', null]) await tell({ third_party_user_id })
    await tell({ third_party_user_id: '+91 4' })
    for (const id of ['+91 1', '+91 2', '+91 3', '+91 4']) await ok(say(id))
    expect(await refused(say('+91 5'))).toEqual([409, 'user_mismatch'])
    const allocated = { user_id, third_party_user_id: '+91 1', type: 'aeu_events', subtype: 'allocated' }
    await ok(listeners.desk.post('/tract/event/send', allocated))
  })

  test('is kept for the last twenty', async () => {
    await world.pass(user_id, 'iva', 'desk')
    for (let number = 2; number <= 22; number++) await tell({ third_party_user_id: `+91 ${number}` })
    expect(await refused(say('+91 1'))).toEqual([409, 'user_mismatch'])
    await ok(say('+91 2'))
  })
})

describe('an erasure', () => {
  const erase = () => ok(listeners.md.post('/platform/user/erase/', { user_id }))

  test('is the last that who knew the user hears, with the ids and nothing else', async () => {
    await erase()
    const { body } = await heard('user_events.erase_user')
    expect(body).toEqual({
      user_id,
      type: 'user_events',
      conversation_number: '1',
      subtype: 'erase_user',
      ect_user_id: 'case-1',
      timestamp: expect.any(String),
    })
    expect(
      desk.received.filter((one) => one.hook === 'user_events.erase_user' && one.body.user_id === user_id),
    ).toHaveLength(1)
    expect(salon.received.filter((one) => one.body.user_id === user_id)).toEqual([])
    expect(await refused(listeners.desk.post('/tract/user/', { user_id }))).toEqual([404, 'user_not_found'])
    for (const table of ['users', 'threads', 'messages', 'events', 'conversations'])
      expect(await service.stored.rows(table, { user_id })).toEqual([])
  })

  test('comes before the user of that id who is created later, also to a desk that was down', async () => {
    const { answer } = desk
    const mine = user_id
    let isDown = true
    desk.answer = (request, response) =>
      isDown && request.body.user_id === mine ? { status: 503 } : answer(request, response)
    await world.write(user_id, 'Lost with the user')
    await erase()
    await world.write(user_id, 'Hello again')
    isDown = false
    await desk.waitFor(
      ({ body, status }) => body.user_id === user_id && body.message_body?.text === 'Hello again' && status === 200,
    )
    const after = ofUser()
      .filter(({ status }) => status === 200)
      .slice(2)
    expect(after.map(({ hook, body }) => [hook, body.message_id])).toEqual([
      ['user_events.erase_user', undefined],
      ['user_events.create_user', undefined],
      ['message.receive', 3],
    ])
    desk.answer = answer
  })

  test('keeps the numbers, so that what is said late of those before never means one of those after', async () => {
    const say = (message_body: string, more: object = {}) =>
      listeners.desk.post('/tract/message/send/', { user_id, sender: 'aeu', message_body, ...more })
    const send = (type: string, subtype: string, metadata: object, more: object = {}) =>
      listeners.desk.post('/tract/event/send', { user_id, type, subtype, metadata: JSON.stringify(metadata), ...more })
    const offer = async () =>
      (await ok(listeners.iva.post('/tract/thread_control/request', { user_id, type: 'offer', receiver: 'desk' })))
        .offer
    await desk.hear(listeners.desk, 'thread_control.offered')
    const { offer_number } = await offer()
    await ok(send('thread_control', 'accepted', { offer_number }))
    const { message_id } = await ok(say('On Thursday'))
    await erase()
    expect(await world.write(user_id, 'Back')).toMatchObject({ message_id: message_id + 1, conversation_number: '2' })

    const late = { conversation_number: '1' }
    expect((await offer()).offer_number).toBe(offer_number + 1)
    expect(await refused(send('thread_control', 'accepted', { offer_number }))).toEqual([409, 'no_offer'])
    await ok(send('thread_control', 'accepted', { offer_number: offer_number + 1 }))
    expect(await refused(say('On Friday', late))).toEqual([409, 'conversation_over'])
    expect(await refused(send('conversation_state', 'complete', {}, late))).toEqual([409, 'conversation_over'])
    expect(await refused(send('message', 'deleted', { message_id }))).toEqual([404, 'message_not_found'])
    await ok(say('Hello again', { conversation_number: '2' }))
  })

  test('leaves nothing that tells of the user, and the numbers go with the history', async () => {
    const { organisation } = world
    const bucket = bucketOf(organisation, user_id)
    const { pool } = service.stored
    const kept = () => service.stored.rows('erased_users', { organisation_id: organisation, bucket })
    await service.stored.remove('erased_users', { organisation_id: organisation })
    await erase()
    const [{ mark, ...numbers }] = await kept()
    expect(numbers).toEqual({
      ...{ bucket, organisation_id: organisation, erased_at: expect.any(Date) },
      ...{ conversation_number: 1, offer_number: 0, last_message_id: 1 },
    })
    // one who has the database and guesses the id cannot tell
    for (const text of [user_id, `${organisation} ${user_id}`, `${organisation}\n${user_id}`])
      expect(mark.equals(hash('sha256', text, 'buffer'))).toBe(false)
    await forgetErased(pool, bucket, new Date(Date.now() - 60_000), 500)
    expect(await kept()).toHaveLength(1)
    await forgetErased(pool, bucket, new Date(Date.now() + 60_000), 500)
    expect(await kept()).toEqual([])
    expect(await world.write(user_id, 'Back')).toMatchObject({ message_id: 1, conversation_number: '1' })
  })

  test('leaves no lane once its delivery is old, and that of a user who came back stays', async () => {
    await erase()
    await heard('user_events.erase_user')
    await atRest()
    const forget = () =>
      forgetLanes(
        service.stored.pool,
        { bucket: bucketOf(world.organisation, user_id), organisationId: world.organisation, after: FIRST_ID },
        LAST_ID,
        1_000,
      )
    const lanes = async () => (await service.stored.rows('lanes', { user_id })).map(({ listener }) => listener)
    expect(await lanes()).toEqual(['desk'])
    await world.write(user_id, 'Back')
    await atRest()
    const before = (await lanes()).length
    await forget()
    expect((await lanes()).length).toBe(before)
    await erase()
    await until(
      () =>
        desk.received.filter((one) => one.hook === 'user_events.erase_user' && one.body.user_id === user_id).length ===
        2,
      'the second erasure',
    )
    await atRest()
    await forget()
    expect(await lanes()).toEqual([])
    expect(await service.stored.rows('users', { user_id })).toEqual([])
  })
})
