/** The agent who speaks: a desk says it with a message, and all who hear the message are told. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'

const RAVI = { id: 'a-17', name: 'Ravi', avatar_url: 'https://desk.example.com/agents/a-17.png', team: 'billing' }

type Name = 'iva' | 'md' | 'desk' | 'salon' | 'watcher'

let service: TestService
let world: World<Name>
let listeners: Record<Name, Caller>
let hearers: Record<Exclude<Name, 'desk'>, Receiver>

beforeAll(async () => {
  service = await TestService.start()
  const kinds = { iva: 'iva', md: 'md', desk: 'ect', salon: 'ect', watcher: 'analytics' } as const
  world = await service.world<Name>(kinds)
  listeners = world.listeners
  const start = (name: Name) => world.receiver(name, 'message.receive')
  await start('desk')
  hearers = {
    iva: await start('iva'),
    md: await start('md'),
    salon: await start('salon'),
    watcher: await start('watcher'),
  }
})
afterAll(() => service.close())

async function withDesk(user_id: string): Promise<void> {
  await world.write(user_id)
  await world.pass(user_id, 'iva', 'desk')
}

const answer = (user_id: string, more: Record<string, unknown>) =>
  listeners.desk.post('/tract/message/send/', { user_id, sender: 'aeu', message_body: 'Hello, Ravi here', ...more })

test('stands on every hook of the message, and on those only', async () => {
  await withDesk('anna')
  await ok(answer('anna', { agent: RAVI }))
  await ok(answer('anna', { message_body: 'The tool itself', sender: 'ect' }))
  for (const [name, receiver] of Object.entries(hearers)) {
    const told = (text: string) =>
      receiver.waitFor(({ body }) => body.user_id === 'anna' && body.message_body.text === text, `${text} at ${name}`)
    expect((await told('Hello, Ravi here')).body.agent).toEqual(RAVI)
    expect((await told('The tool itself')).body).not.toHaveProperty('agent')
    if (name !== 'md') expect((await told('Hello')).body).not.toHaveProperty('agent')
  }
})

test('is in the timeline, and in the history that the next desk gets', async () => {
  await withDesk('ben')
  await ok(answer('ben', { agent: { id: 'a-18', name: 'Mia' } }))
  const query = new URLSearchParams({ organisation_id: world.organisation, user_id: 'ben' })
  const { entries } = await ok((await service.admin()).get(`/platform/threads/timeline/?${query}`))
  const agents = entries.flatMap(({ message }: { message?: { agent?: unknown } }) => (message ? [message.agent] : []))
  expect(agents).toEqual([{ id: 'a-18', name: 'Mia' }, undefined])

  await ok((await service.admin()).post('/platform/listeners/', late()))
  const { client, client_secret } = await ok((await service.admin()).post('/platform/clients/', lateClient()))
  const caller = await service.login({ client_id: client.client_id, client_secret })
  const receiver = await service.receiver()
  await receiver.hear(caller, 'message.receive')
  const pass = { user_id: 'ben', type: 'pass', requester: 'iva', receiver: 'late' }
  expect((await ok(listeners.iva.post('/tract/thread_control/request', pass))).success).toBe(true)
  const { body } = await receiver.waitFor(({ body }) => body.message_body.text === 'Hello, Ravi here')
  expect(body).toMatchObject({ history: true, agent: { id: 'a-18', name: 'Mia' } })
  await receiver.close()
})

const late = () => ({ organisation_id: world.organisation, listener_id: 'late', kind: 'ect' })
const lateClient = () => ({
  organisation_id: world.organisation,
  listener_id: 'late',
  name: 'Late',
  scopes: ['hooks', 'messages:write'],
})

test.each([
  [{ id: 'a-17' }, '/agent/name'],
  [{ id: '', name: 'Ravi' }, '/agent/id'],
  [{ ...RAVI, name: 'x'.repeat(257) }, '/agent/name'],
  [{ ...RAVI, team: 'x'.repeat(129) }, '/agent/team'],
  [{ ...RAVI, avatar_url: 'javascript:alert(1)' }, '/agent/avatar_url'],
  [{ ...RAVI, avatar_url: 'http://desk.example.com/a.png' }, '/agent/avatar_url'],
  [{ ...RAVI, email: 'ravi@example.com' }, '/agent/email'],
  ['Ravi', '/agent'],
])('%j is refused, and nothing is stored', async (agent, path) => {
  await withDesk('cy')
  const { status, body } = await answer('cy', { agent })
  expect(status).toBe(400)
  expect(body.code).toBe('invalid_request')
  expect(body.issues.map((issue: { path: string }) => issue.path)).toContain(path)
})

test('is not said of the user, the assistant or the system', async () => {
  const message = { user_id: 'anna', sender: 'ceu', message_body: 'Hello', agent: RAVI }
  const { status, body } = await listeners.md.post('/platform/message/send/', message)
  expect([status, body.issues[0].path]).toEqual([400, '/agent'])
})
