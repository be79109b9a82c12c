/** What is posted of a message: the same bytes at each attempt and at each replay, whatever it is put together from. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { DELIVERY_SETTINGS } from '../../src/deliver/settings.js'

const LISTENERS = { iva: 'iva', md: 'md', desk: 'ect', other: 'ect', books: 'analytics' } as const
type Listener = keyof typeof LISTENERS

let service: TestService
let world: World<Listener>
let receivers: Record<Listener, Receiver>

beforeAll(async () => {
  const retry = { ...DELIVERY_SETTINGS.retry, delays: [20] }
  const breaker = { ...DELIVERY_SETTINGS.breaker, failures: 1_000 }
  service = await TestService.start({ delivery: { retry, breaker } })
  world = await service.world(LISTENERS)
  receivers = {} as typeof receivers
  for (const name of Object.keys(LISTENERS) as Listener[]) {
    receivers[name] = await world.receiver(name, 'message.receive')
  }
  await receivers.desk.hear(world.listeners.desk, 'user_events.create_user')
})
beforeEach(() => {
  for (const receiver of Object.values(receivers)) receiver.received.length = 0
})
afterAll(() => service.close())

const HEARERS = ['iva', 'desk', 'other', 'books'] as const
const texts = (name: Listener, id: string) =>
  receivers[name].received.filter((request) => request.id === id).map(({ text }) => text)
const messageTo = (name: Listener, text: string) =>
  receivers[name].waitFor(({ body, hook }) => hook === 'message.receive' && body.message_body.text === text)
const rowOf = (id: string) => service.stored.row('deliveries', { id })

/** JSON as its author wrote it, in an order and with digits that PostgreSQL's own JSON does not keep. */
const bodyOf = (text: string, payload: object) => {
  const reply = { title: 'Go', actionable_text: 'Go', type: 'TEXT_ONLY', is_default: 0, payload }
  return `{"text":"${text}","zz":12345678901234567890,"type":"TEXT","a":"é\\"\\\\👋","data":{"quick_replies":[${JSON.stringify(reply)}]}}`
}
const write = (user: string, text: string, payload: object) =>
  ok(
    world.listeners.md.post(
      '/platform/message/send/',
      `{"user_id":"${user}","sender":"ceu","user":{"user_name":"Asha"},"message_body":${bodyOf(text, payload)}}`,
    ),
  )

/** Fails once, so that the second attempt is of what was read from the database. */
const failOnce = () => {
  for (const receiver of Object.values(receivers)) {
    receiver.answer = ({ attempt, headers, hook }) =>
      attempt === 1 && hook === 'message.receive' && !headers['tract-replay'] ? { status: 500 } : {}
  }
}

/** Of a delivery: each attempt, what operators are shown of it, and its replay. */
async function everySent(name: Listener, id: string): Promise<string[]> {
  const caller: Caller = world.listeners[name]
  await until(() => texts(name, id).length === 2, 'a second attempt')
  await until(
    async () => (await ok(caller.post('/tract/deliveries/get/', { id }))).delivery.state === 'delivered',
    'the end of the delivery',
  )
  const shown = await ok(caller.post('/tract/deliveries/get/', { id }))
  const preview = await ok(caller.post('/tract/deliveries/replay/preview/', { ids: [id] }))
  const { ids } = await ok(caller.post('/tract/deliveries/replay/', { ids: [id] }))
  await receivers[name].waitFor((request) => request.id === ids[0], 'the replay')
  return [...texts(name, id), shown.request.body, preview.deliveries[0].body, ...texts(name, ids[0])]
}

test.each([
  ['a new conversation', 'first'],
  ['a conversation that goes on', 'second'],
])('a message of %s is the same to a hearer each time', async (_, text) => {
  failOnce()
  await write('same', text, { message: 'Go', gogo_message: '{secret}' })
  for (const name of HEARERS) {
    const { id } = await messageTo(name, text)
    const sent = await everySent(name, id)
    expect(sent).toHaveLength(5)
    expect(new Set(sent).size).toBe(1)
    const hidden = name === 'desk' || name === 'other'
    const payload = hidden ? { message: 'Go' } : { message: 'Go', gogo_message: '{secret}' }
    expect(sent[0]).toContain(bodyOf(text, payload))
    const row = await rowOf(id)
    // what is hidden from one hearer makes its body one of its own
    if (hidden) expect(row).toMatchObject({ message_id: null, ending: null, body: sent[0]?.replace(/}$/, '\u0001}') })
    else expect(row).toMatchObject({ message_id: expect.any(Number), body: null })
  }
})

test('a hearer has only what differs where nothing is hidden from it', async () => {
  failOnce()
  await write('alike', 'alike', { message: 'Go' })
  for (const name of HEARERS) {
    const { id } = await messageTo(name, 'alike')
    expect(new Set(await everySent(name, id)).size).toBe(1)
    const inControl = name === 'iva'
    expect(await rowOf(id)).toMatchObject({ message_id: 1, ending: `,"in_control":${inControl}\u0001}`, body: null })
  }
})

test('an erased user leaves nothing of what was posted', async () => {
  for (const receiver of Object.values(receivers)) receiver.answer = () => ({})
  await write('erased', 'remember me', { message: 'Go' })
  await messageTo('books', 'remember me')
  await ok(world.listeners.md.post('/platform/user/erase/', { user_id: 'erased' }))
  const openings = (await service.stored.rows('messages')).map(({ opening }) => opening)
  expect(openings.filter((opening) => opening?.includes('remember me'))).toEqual([])
  expect(await service.stored.rows('deliveries', { user_id: 'erased' })).toEqual([])
})
