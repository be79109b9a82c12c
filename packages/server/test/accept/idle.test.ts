import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { ago, type Stored } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import { DELIVERY_SETTINGS } from '../../src/deliver/settings.js'

const DAY_MS = 86_400_000
const DAY_S = 86_400
/** Quick, and without a breaker: what was down is tried again as soon as it is up. */
const DELIVERY = {
  retry: { ...DELIVERY_SETTINGS.retry, delays: [20, 40] },
  breaker: { ...DELIVERY_SETTINGS.breaker, failures: 1_000_000 },
}

let service: TestService
let stored: Stored
let organisation: string
let listeners: Record<'iva' | 'md' | 'desk', Caller>
let desk: Receiver
let iva: Receiver
/** While it is true the desk takes no message. */
let isDown = false
let users = 0

beforeAll(async () => {
  service = await TestService.start({ delivery: DELIVERY })
  stored = service.stored
  // no listener takes control from a desk that is down for a while
  const world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' }, { unreachable_after: 3_600 })
  ;({ organisation, listeners } = world)
  ;[desk, iva] = await Promise.all([service.receiver(), service.receiver()])
  desk.answer = ({ hook }) => (isDown && hook === 'message.receive' ? { status: 503 } : {})
  await desk.hear(listeners.desk, 'message.receive', 'thread_control.released')
  await iva.hear(listeners.iva, 'message.receive')
})
afterEach(() => {
  isDown = false
})
afterAll(() => service.close())

const write = (user_id: string, message_body: string) =>
  ok(listeners.md.post('/platform/message/send/', { user_id, message_body, sender: 'ceu', user: {} }))
const send = (user_id: string, message_body: string) =>
  listeners.desk.post('/tract/message/send/', { user_id, message_body, sender: 'aeu' })
const pass = async (user_id: string) => {
  const request = { user_id, type: 'pass', requester: 'iva', receiver: 'desk' }
  expect((await ok(listeners.iva.post('/tract/thread_control/request', request))).success).toBe(true)
}
const complete = (by: Caller, user_id: string) =>
  ok(by.post('/tract/event/send', { user_id, type: 'conversation_state', subtype: 'complete' }))

/** A user in conversation with the desk, which has heard all of it. */
async function user(): Promise<string> {
  const user_id = `u${++users}`
  await write(user_id, 'My bill is wrong')
  await pass(user_id)
  await isAtRest(user_id)
  return user_id
}

const about = (user_id: string) => ({ organisation_id: organisation, user_id })

interface ThreadRow {
  owner: string | null
  state: string
  deadline_at: Date | null
}

async function thread(user_id: string): Promise<ThreadRow> {
  const { owner, conversation_state: state, deadline_at } = await stored.row('threads', about(user_id))
  return { owner, state, deadline_at }
}

const lane = (user_id: string) => stored.row('lanes', { ...about(user_id), listener: 'desk' })
const isAtRest = (user_id: string) => stored.delivered({ ...about(user_id), listener: 'desk' })

/** Two days go by on the thread, in which nothing is said; then its timer runs, and is set again or has nothing more to wait for. */
async function twoDaysLater(user_id: string): Promise<ThreadRow> {
  await stored.change('threads', { last_activity_at: ago(2 * DAY_S), deadline_at: ago(DAY_S) }, about(user_id))
  await until(async () => {
    const { deadline_at } = await thread(user_id)
    return deadline_at === null || deadline_at.getTime() > Date.now()
  }, 'the timer')
  return thread(user_id)
}

/** All that the desk has acknowledged, it has had for two days. */
const twoDaysAgo = (user_id: string) => stored.ageAttempts(2 * DAY_S, about(user_id))

describe('idle time', () => {
  test('does not run while a message of the user has not reached the owner, and runs from when it has', async () => {
    const user_id = await user()
    isDown = true
    await write(user_id, 'Is anybody there?')
    await write(user_id, 'Hello?')
    for (let times = 0; times < 2; times++)
      expect(await twoDaysLater(user_id)).toMatchObject({ owner: 'desk', state: 'incomplete' })

    isDown = false
    const reached = await desk.waitFor(({ body }) => body.message_body?.text === 'Hello?')
    expect(reached.body).toMatchObject({ user_id, conversation_number: '1' })
    await isAtRest(user_id)
    const { owner, deadline_at } = await twoDaysLater(user_id)
    expect(owner).toBe('desk')
    const ended = await stored.rows('wire_deliveries', { ...about(user_id), listener: 'desk' }, 'ended_at')
    expect(deadline_at?.getTime()).toBe(ended.at(-1).ended_at.getTime() + DAY_MS)

    // the answer that comes late is an answer in the same conversation
    expect((await ok(send(user_id, 'I am here now'))).conversation_number).toBe('1')
    await twoDaysAgo(user_id)
    expect(await twoDaysLater(user_id)).toEqual({ owner: null, state: 'complete', deadline_at: null })
  })

  test('runs from the end of a delivery that was given up', async () => {
    const user_id = await user()
    isDown = true
    await write(user_id, 'To be skipped')
    expect(await twoDaysLater(user_id)).toMatchObject({ owner: 'desk' })
    await until(async () => {
      const { deliveries } = await ok(listeners.desk.post('/tract/deliveries/list/', { user_id, state: 'pending' }))
      const [last] = deliveries
      return last && (await listeners.desk.post('/tract/deliveries/skip/', { id: last.id })).status === 200
    }, 'a moment in which the delivery is not being made')
    expect(await twoDaysLater(user_id)).toMatchObject({ owner: 'desk' })
    await stored.age(2 * DAY_S, 'delivery_ends', ['ended_at'], { organisation_id: organisation })
    expect(await twoDaysLater(user_id)).toMatchObject({ owner: null, state: 'complete' })
  })

  test('is held up by what the user wrote alone', async () => {
    const user_id = await user()
    await twoDaysAgo(user_id)
    isDown = true
    await ok(listeners.md.post('/platform/message/send/', { user_id, message_body: 'We are closed', sender: 'haptik' }))
    expect(await lane(user_id)).toMatchObject({ ceu_sequence: 1 })
    expect(await twoDaysLater(user_id)).toMatchObject({ owner: null, state: 'complete' })
  })

  test('concerns the owner alone: who only listens may be behind', async () => {
    const user_id = `u${++users}`
    isDown = true
    await write(user_id, 'My bill is wrong')
    await iva.waitFor(({ body }) => body.user_id === user_id)
    await stored.delivered({ ...about(user_id), listener: 'iva' })
    await twoDaysAgo(user_id)
    expect(await twoDaysLater(user_id)).toMatchObject({ owner: null, state: 'complete' })
  })

  test('ends control that is held without an open conversation, and tells who held it', async () => {
    const user_id = await user()
    await complete(listeners.desk, user_id)
    await pass(user_id)
    const { owner, state, deadline_at } = await thread(user_id)
    expect([owner, state]).toEqual(['desk', 'complete'])
    expect(deadline_at?.getTime()).toBeGreaterThan(Date.now())
    await isAtRest(user_id)
    await twoDaysAgo(user_id)
    expect(await twoDaysLater(user_id)).toEqual({ owner: null, state: 'complete', deadline_at: null })
    const released = await desk.waitFor(
      ({ hook, body }) => hook === 'thread_control.released' && body.user_id === user_id,
    )
    expect(JSON.parse(released.body.metadata)).toMatchObject({ from: 'desk', to: null, reason: 'idle' })
    await write(user_id, 'Thanks')
    expect(await thread(user_id)).toMatchObject({ owner: 'iva', state: 'bot' })
  })
})

test('what a lane says of the last message of the user is the same however messages are written', async () => {
  const user_id = await user()
  const sequences = []
  for (const text of ['one', 'two', 'three']) {
    await write(user_id, text)
    sequences.push((await lane(user_id)).ceu_sequence)
    await ok(listeners.md.post('/platform/message/send/', { user_id, message_body: text, sender: 'haptik' }))
    expect((await lane(user_id)).ceu_sequence).toBe(sequences.at(-1))
  }
  const fromUser = (await stored.rows('messages', { ...about(user_id), sender: 'ceu' })).map((each) => each.message_id)
  const wanted = { ...about(user_id), listener: 'desk', message_id: fromUser }
  const found = await stored.rows('deliveries', wanted, 'sequence')
  expect(found.slice(-3).map(({ sequence }) => sequence)).toEqual(sequences)
})
