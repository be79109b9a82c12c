/** What a vendor does to a hook, through the API, while deliveries go out. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import { Webhook } from 'standardwebhooks'
import { DELIVERY_SETTINGS } from '../../src/deliver/settings.js'

let service: TestService
let receiver: Receiver

beforeAll(async () => {
  service = await TestService.start({
    delivery: {
      retry: { ...DELIVERY_SETTINGS.retry, delays: [50, 50, 50, 100] },
      hookUnreachableAfter: 1_000,
    },
  })
})
beforeEach(async () => {
  receiver = await Receiver.start()
})
afterAll(() => service.close())

async function setUp() {
  const { listeners } = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
  await receiver.hear(listeners.desk, 'message.receive')
  const { hooks } = await ok(listeners.desk.get('/tract/hooks/list/'))
  return { ...listeners, hookId: hooks[0].id as string }
}

let texts = 0

/** A message that the desk is to hear; @returns its text. */
async function write(md: Caller): Promise<string> {
  const text = `text ${++texts}`
  await ok(md.post('/platform/message/send/', { user_id: 'u', message_body: text, sender: 'ceu', user: {} }))
  return text
}

const heard = () => receiver.messages().map(({ message_body }) => message_body.text)
const hear = (text: string) => receiver.waitFor(({ body }) => body.message_body?.text === text, text)

/** Which of the secrets the delivery can be verified with. */
function verifiedBy(delivery: { text: string; headers: object }, secrets: string[]): boolean[] {
  return secrets.map((secret) => {
    try {
      new Webhook(secret).verify(delivery.text, delivery.headers as Record<string, string>)
      return true
    } catch {
      return false
    }
  })
}

describe('a secret that is rotated', () => {
  test('signs beside the old one until that expires, and alone after that', async () => {
    const { md, desk, hookId } = await setUp()
    const old = receiver.secrets['message.receive'] as string
    const rotate = async () => (await ok(desk.post('/tract/hooks/rotate_secret/', { id: hookId }))).signing_secret
    const fresh: string = await rotate()
    const both = await hear(await write(md))
    expect(String(both.headers['webhook-signature']).split(' ')).toHaveLength(2)
    expect(verifiedBy(both, [old, fresh])).toEqual([true, true])

    const { previous_secret_expires_at: until24 } = await service.stored.row('hooks', { id: hookId })
    expect((until24.getTime() - Date.now()) / 3_600_000).toBeCloseTo(24, 1)
    await service.stored.change('hooks', { previous_secret_expires_at: ago(1) }, { id: hookId })
    // A process looks a hook up once a second.
    const alone = await until(async () => {
      const delivery = await hear(await write(md))
      return verifiedBy(delivery, [old])[0] ? null : delivery
    }, 'a delivery without the old signature')
    expect(verifiedBy(alone, [fresh])).toEqual([true])
    expect(String(alone.headers['webhook-signature']).split(' ')).toHaveLength(1)
    await receiver.close()
  })

  test('twice in a day leaves the last two', async () => {
    const { md, desk, hookId } = await setUp()
    const secrets = [receiver.secrets['message.receive'] as string]
    for (let round = 0; round < 2; round++)
      secrets.push((await ok(desk.post('/tract/hooks/rotate_secret/', { id: hookId }))).signing_secret)
    expect(verifiedBy(await hear(await write(md)), secrets)).toEqual([false, true, true])
    await receiver.close()
  })

  test('signs the next attempt of a delivery that was being tried', async () => {
    const { md, desk, hookId } = await setUp()
    const old = receiver.secrets['message.receive'] as string
    receiver.answer = () => ({ status: 500 })
    const text = await write(md)
    await hear(text)
    const fresh = (await ok(desk.post('/tract/hooks/rotate_secret/', { id: hookId }))).signing_secret
    const later = await until(
      () => receiver.received.find((delivery) => verifiedBy(delivery, [fresh])[0]),
      'an attempt with the new signature',
    )
    expect(verifiedBy(later, [old])).toEqual([true])
    const bodies = receiver.received.map(({ text }) => text)
    expect(new Set(bodies).size).toBe(1)
    receiver.answer = () => ({})
    await until(async () => (await pending(desk)) === 0)
    await receiver.close()
  })
})

describe('a test of a hook', () => {
  test.each([
    [200, undefined],
    [401, 'endpoint'],
    [404, 'payload'],
    [410, 'endpoint'],
    [422, 'payload'],
    [429, 'endpoint'],
    [500, 'endpoint'],
  ])('answered %i says whose fault it is', async (status, atFault) => {
    const { desk, hookId } = await setUp()
    receiver.answer = () => ({ status, body: status === 200 ? {} : { error: 'no' } })
    const result = await ok(desk.post('/tract/hooks/test/', { id: hookId }))
    expect(result).toMatchObject({ acknowledged: atFault === undefined, status })
    expect(result.at_fault).toBe(atFault)
    await receiver.close()
  })
})

const pending = async (desk: Caller): Promise<number> =>
  (await ok(desk.post('/tract/deliveries/list/', { state: 'pending' }))).deliveries.length

describe('a hook that is paused', () => {
  test('gets nothing until it is resumed, and then everything in order', async () => {
    const { md, desk, hookId } = await setUp()
    await hear(await write(md))
    await ok(desk.post('/tract/hooks/disable/', { id: hookId }))
    const waiting = [await write(md), await write(md), await write(md)]
    const lane = {
      organisation_id: (await service.stored.row('hooks', { id: hookId })).organisation_id,
      listener: 'desk',
    }
    await until(async () => {
      const { head, tail, lease, next_at } = await service.stored.row('lanes', lane)
      return head < tail && lease === null && next_at > ago(-600)
    }, 'the lane to rest')
    expect(heard()).toHaveLength(1)
    await ok(desk.post('/tract/hooks/enable/', { id: hookId }))
    await hear(waiting.at(-1) as string)
    expect(heard().slice(1)).toEqual(waiting)
    await receiver.close()
  })

  test('in the middle of an attempt keeps what was answered to that, and nothing comes after it', async () => {
    const { md, desk, hookId } = await setUp()
    let answer: () => void = () => {}
    receiver.answer = () => new Promise((resolve) => (answer = () => resolve({})))
    const first = await write(md)
    await hear(first)
    const second = await write(md)
    await ok(desk.post('/tract/hooks/disable/', { id: hookId }))
    answer()
    receiver.answer = () => ({})
    await until(async () => {
      const { deliveries } = await ok(desk.post('/tract/deliveries/list/', {}))
      return deliveries.map(({ state }: { state: string }) => state).join() === 'pending,delivered'
    }, 'the end of the first')
    expect(heard()).toEqual([first])
    await ok(desk.post('/tract/hooks/enable/', { id: hookId }))
    await hear(second)
    expect(heard()).toEqual([first, second])
    await receiver.close()
  })
})

describe('a secret that is given', () => {
  const given = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`
  const register = (desk: Caller, subcategory: string, signing_secret: unknown) =>
    desk.post('/tract/hooks/register/', { category: 'message', subcategory, url: receiver.url, signing_secret })

  test('signs for every hook that it is given to; where there was another, both hold for a day', async () => {
    const { md, desk, hookId } = await setUp()
    const old = receiver.secrets['message.receive'] as string
    const shared = given(1)
    expect(await ok(register(desk, 'edited', shared))).toMatchObject({ signing_secret: shared })
    expect(await ok(register(desk, 'receive', shared))).toMatchObject({ id: hookId, signing_secret: shared })
    expect(verifiedBy(await hear(await write(md)), [old, shared])).toEqual([true, true])
    const { previous_secret_expires_at: until24 } = await service.stored.row('hooks', { id: hookId })
    expect((until24.getTime() - Date.now()) / 3_600_000).toBeCloseTo(24, 1)
    await receiver.close()
  })

  test('changes nothing where the hook has it, and is kept where none is given', async () => {
    const { md, desk, hookId } = await setUp()
    const [old, shared] = [receiver.secrets['message.receive'] as string, given(2)]
    await ok(register(desk, 'receive', shared))
    const row = await service.stored.row('hooks', { id: hookId })
    for (const again of [shared, undefined, null]) {
      expect(await ok(register(desk, 'receive', again))).not.toHaveProperty('signing_secret')
      expect(await service.stored.row('hooks', { id: hookId })).toEqual(row)
    }
    expect(verifiedBy(await hear(await write(md)), [old, shared])).toEqual([true, true])
    await receiver.close()
  })

  test.each(['', 'whsec_', 'whsec_c2hvcnQ=', given(3).slice(6), `${given(3)}\n`, `whsec_${'A'.repeat(42)}B=`, 7])(
    'is refused by name where it is %j',
    async (wrong) => {
      const { desk } = await setUp()
      const answer = await register(desk, 'receive', wrong)
      expect([answer.status, answer.body.code, answer.body.issues[0].path]).toEqual([
        400,
        'invalid_request',
        '/signing_secret',
      ])
      if (String(wrong).length > 10) expect(answer.text).not.toContain(wrong)
      await receiver.close()
    },
  )
})

describe('a stored secret that is damaged', () => {
  const hook = { category: 'message', subcategory: 'receive' }
  const signing_secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`
  const damage = (column: string, id: string) => service.stored.change('hooks', { [column]: Buffer.from('no') }, { id })
  const rotate = (desk: Caller, id: string) => ok(desk.post('/tract/hooks/rotate_secret/', { id }))
  const give = (desk: Caller) => ok(desk.post('/tract/hooks/register/', { ...hook, url: receiver.url, signing_secret }))

  test.each([
    ['secret', rotate],
    ['secret', give],
    // after a rotation; the address makes the process look again
    [
      'previous_secret',
      (desk: Caller) => ok(desk.post('/tract/hooks/register/', { ...hook, url: `${receiver.url}/` })),
    ],
  ] as const)('(%s) does not stop the one that took its place, which signs alone: %#', async (column, mend) => {
    const { md, desk, hookId } = await setUp()
    const rotated = await rotate(desk, hookId)
    await damage(column, hookId)
    const secret = (await mend(desk, hookId)).signing_secret ?? rotated.signing_secret
    const after = await hear(await write(md))
    expect(String(after.headers['webhook-signature']).split(' ')).toHaveLength(1)
    expect(verifiedBy(after, [secret])).toEqual([true])
    await receiver.close()
  })
})

test('a hook that is registered elsewhere moves with its secret, and what was failing goes there', async () => {
  const { md, desk, hookId } = await setUp()
  const secret = receiver.secrets['message.receive'] as string
  receiver.answer = () => ({ status: 500 })
  const first = await write(md)
  await hear(first)
  const elsewhere = await Receiver.start()
  const moved = await ok(
    desk.post('/tract/hooks/register/', { category: 'message', subcategory: 'receive', url: elsewhere.url }),
  )
  expect(moved).toMatchObject({ id: hookId, url: `${elsewhere.url}/` })
  expect(moved).not.toHaveProperty('signing_secret')
  const there = await elsewhere.waitFor(() => true)
  expect(there.body.message_body.text).toBe(first)
  expect(verifiedBy(there, [secret])).toEqual([true])
  await receiver.close()
  await elsewhere.close()
})

test('a hook at which nothing succeeds for too long is disabled, and the platform hears of it once', async () => {
  const { md, iva, desk, hookId } = await setUp()
  const platform = await Receiver.start()
  await platform.hear(iva, 'hook_events.disabled')
  await platform.hear(md, 'hook_events.disabled')
  receiver.answer = () => ({ status: 500 })
  const text = await write(md)
  const told = await platform.waitFor(({ hook }) => hook === 'hook_events.disabled')
  expect(JSON.parse(told.body.metadata)).toMatchObject({
    id: hookId,
    listener: 'desk',
    category: 'message',
    subcategory: 'receive',
    reason: expect.stringMatching(/^Nothing has succeeded since /),
  })
  await until(() => platform.received.length === 2, 'both platform listeners')
  const { hooks } = await ok(desk.get('/tract/hooks/list/'))
  expect(hooks[0]).toMatchObject({ status: 'disabled', disabled_reason: expect.stringContaining('Nothing has') })
  expect(await pending(desk)).toBe(1)
  receiver.answer = () => ({})
  receiver.received.length = 0
  await ok(desk.post('/tract/hooks/enable/', { id: hookId }))
  await hear(text)
  expect(platform.received).toHaveLength(2)
  await receiver.close()
  await platform.close()
})
