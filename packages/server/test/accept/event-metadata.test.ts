import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'

let service: TestService
let hearers: Record<'iva' | 'md' | 'watcher' | 'salon', Receiver>
let listeners: Record<'iva' | 'md' | 'desk' | 'salon' | 'watcher', Caller>
let organisation_id: string
let users = 0

const HOOKS = ['waiting', 'pinned', 'complete'].map((subtype) => `conversation_state.${subtype}`)

beforeAll(async () => {
  service = await TestService.start()
  const kinds = { iva: 'iva', md: 'md', desk: 'ect', salon: 'ect', watcher: 'analytics' } as const
  const world = await service.world(kinds)
  listeners = world.listeners
  organisation_id = world.organisation
  const [iva, md, watcher, salon, desk] = await Promise.all(Array.from({ length: 5 }, () => service.receiver()))
  hearers = { iva, md, watcher, salon } as typeof hearers
  for (const [name, hearer] of Object.entries(hearers))
    await hearer.hear(listeners[name as 'iva'], ...HOOKS, 'thread_control.declined', 'message.receive')
  await desk?.hear(listeners.desk, 'message.receive')
})
afterAll(() => service.close())

/** A user in conversation with the desk. */
async function user(): Promise<string> {
  const user_id = `u${++users}`
  await ok(
    listeners.md.post('/platform/message/send/', {
      user_id,
      sender: 'ceu',
      message_body: 'My bill is wrong',
      user: {},
    }),
  )
  const pass = { user_id, type: 'pass', requester: 'iva', receiver: 'desk' }
  expect((await ok(listeners.iva.post('/tract/thread_control/request', pass))).success).toBe(true)
  return user_id
}

async function heard(receiver: Receiver, hook: string, user_id: string): Promise<string> {
  const { body } = await receiver.waitFor((delivery) => delivery.hook === hook && delivery.body.user_id === user_id)
  return body.metadata
}

describe.each(['waiting', 'pinned', 'complete'])('what a desk says with conversation_state/%s', (subtype) => {
  const send = async (metadata: string) => {
    const user_id = await user()
    await ok(listeners.desk.post('/tract/event/send', { user_id, type: 'conversation_state', subtype, metadata }))
    return user_id
  }

  test('reaches all who hear it, beside what TRACT knows, in a string', async () => {
    const outcome = '{"reason":"resolved","note":"Paid back","tags":["bill"],"case":12345678901234567890}'
    const user_id = await send(outcome)
    for (const receiver of Object.values(hearers)) {
      const metadata = await heard(receiver, `conversation_state.${subtype}`, user_id)
      expect(metadata.startsWith(outcome.slice(0, -1))).toBe(true)
      expect(JSON.parse(metadata)).toMatchObject({
        ...JSON.parse(outcome),
        conversation_number: '1',
        owner: subtype === 'complete' ? null : 'desk',
      })
    }
  })

  test('is kept with the thread', async () => {
    const user_id = await send('{"reason":"resolved"}')
    const admin = await service.admin()
    const query = new URLSearchParams({ organisation_id, user_id })
    const { entries } = await ok(admin.get(`/platform/threads/timeline/?${query}`))
    const [entry] = entries.filter(({ event }: { event?: { subtype: string } }) => event?.subtype === subtype)
    expect(JSON.parse(entry.event.metadata)).toMatchObject({ reason: 'resolved' })
  })

  test('is passed on as it came where it is text', async () => {
    const user_id = await send('Paid back, see case 9')
    for (const receiver of Object.values(hearers))
      expect(await heard(receiver, `conversation_state.${subtype}`, user_id)).toBe('Paid back, see case 9')
  })
})

test('what the owner says with thread_control/declined reaches who asked', async () => {
  const user_id = await user()
  const request = { user_id, type: 'request', requester: 'salon', receiver: 'salon' }
  expect(await ok(listeners.salon.post('/tract/thread_control/request', request))).toMatchObject({ status: 'pending' })
  const declined = { user_id, type: 'thread_control', subtype: 'declined', metadata: '{"reason":"busy"}' }
  await ok(listeners.desk.post('/tract/event/send', declined))
  const metadata = await heard(hearers.salon, 'thread_control.declined', user_id)
  expect(JSON.parse(metadata)).toEqual({ reason: 'busy', from: 'salon', to: 'desk', epoch: 2 })
})

test('an event before the first conversation is refused, and the refusal names who is in control', async () => {
  const user_id = `u${++users}`
  await ok(listeners.md.post('/platform/user/', { user_id, user_name: 'Asha' }))
  const event = { user_id, type: 'conversation_state', subtype: 'pinned' }
  const { status, body } = await listeners.desk.post('/tract/event/send', event)
  expect([status, body.code]).toEqual([409, 'no_conversation'])
  expect(body.error).toBe('This user has not had a conversation yet; nobody is in control.')
  expect(body).toMatchObject({ success: false, owner: null, epoch: 0 })
  expect(body).not.toHaveProperty('conversation_number')
})
