/** The sandbox's parties in the real service: what they say and do comes over their hooks and their calls alone. */

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parseMessageBody } from '@tract/contract'
import { SANDBOX_ORGANISATION_ID as organisation_id } from '@tract/contract/sandbox'
import { type Caller, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { readConfig } from '../../src/config.js'

let service: TestService
let admin: Caller
let delivery: Caller
let desk: Caller

beforeAll(async () => {
  service = await TestService.start({ environment: { TRACT_SANDBOX: 'on' } })
  admin = await service.admin()
  delivery = await callerOf('message_delivery', ['platform:messages', 'platform:users', 'deliveries', 'hooks'])
  desk = await callerOf('desk', ['messages:write', 'events:write', 'threads:read', 'threads:control', 'hooks'])
})
afterAll(() => service.close())

async function callerOf(listener_id: string, scopes: string[]): Promise<Caller> {
  const client = { organisation_id, listener_id, name: 'Test', scopes }
  const created = await ok(admin.post('/platform/clients/', client))
  return service.login({ client_id: created.client.client_id, client_secret: created.client_secret })
}

const says = (user_id: string, message_body: string) =>
  ok(delivery.post('/platform/message/send/', { user_id, sender: 'ceu', message_body, user: {} }))

async function timeline(user_id: string) {
  const { entries } = await ok(
    admin.get(`/platform/threads/timeline/?organisation_id=${organisation_id}&user_id=${user_id}&limit=100`),
  )
  // oldest first
  return entries.reverse()
}

/** The element that the assistant answers with, once it has been delivered to message delivery. */
async function answerTo(user_id: string, words: string) {
  const { message_id } = await says(user_id, words)
  return until(async () => {
    const answer = (await timeline(user_id)).find(
      // biome-ignore lint/suspicious/noExplicitAny: an entry as it came
      ({ message, deliveries }: any) =>
        message?.sender === 'iva' &&
        message.message_id > message_id &&
        deliveries.some(
          ({ listener, state }: Record<string, string>) => listener === 'message_delivery' && state === 'delivered',
        ),
    )
    return answer?.message.message_body
  }, `an answer to “${words}”`)
}

test('the assistant answers with each kind of element, and each is valid', async () => {
  const user = `sandbox-${randomUUID()}`
  const elements = [
    await answerTo(user, 'Hi'),
    await answerTo(user, 'Show me plans'),
    await answerTo(user, 'Where is the store?'),
    await answerTo(user, 'Call me back'),
    await answerTo(user, 'Useful links'),
  ]
  expect(elements.map(({ type }) => type)).toEqual(['TEXT', 'CAROUSEL', 'CAROUSEL', 'FORM', 'BUTTON'])
  for (const element of elements) expect(parseMessageBody(JSON.stringify(element))).toEqual({ element, warnings: [] })
})

/** Waits until that was said to the user. */
const hears = (user_id: string, words: string | RegExp) =>
  until(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: an entry as it came
    return (await timeline(user_id)).find(({ message }: any) => message?.message_body.text?.match(words))?.message
  }, `“${words}” to be said`)

async function threadOf(user_id: string) {
  return ok(admin.get(`/platform/threads/get/?organisation_id=${organisation_id}&user_id=${user_id}`))
}

const isPinned = (user_id: string) =>
  until(async () => {
    const { owner, state } = await threadOf(user_id)
    return owner === 'desk' && state === 'pinned'
  }, 'an agent')

/** What the desk says of itself. */
const deskIs = (status: string, more: object = {}) =>
  ok(desk.post('/tract/availability/set/', { status, valid_for_seconds: 3_600, ...more }))

test('asked for a person, the assistant offers the thread to the desk, which allocates its agent, and the agent is heard', async () => {
  const user = `sandbox-${randomUUID()}`
  await answerTo(user, 'Talk to a person')
  await isPinned(user)
  expect(await hears(user, 'I am Ravi.')).toMatchObject({ sender: 'aeu', agent: { id: 'ravi', name: 'Ravi' } })
  const { listeners } = await ok(desk.post('/tract/thread_control/listeners/', { user_id: user }))
  expect(listeners.find(({ id }: { id: string }) => id === 'desk').context).toEqual({
    reason: 'asked_for_a_person',
    summary: 'The user wrote: Talk to a person',
  })
  const { message_id } = await ok(
    desk.post('/tract/message/send/', { user_id: user, sender: 'aeu', message_body: 'I am here.' }),
  )
  await until(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: an entry as it came
    const entry = (await timeline(user)).find(({ message }: any) => message?.message_id === message_id)
    const states = Object.fromEntries(
      entry.deliveries.map(({ listener, state }: Record<string, string>) => [listener, state]),
    )
    return states.message_delivery === 'delivered' && states.iva === 'delivered'
  }, 'the delivery of what the agent said')
  const unsettled = (await timeline(user)).flatMap(({ deliveries }: { deliveries: { state: string }[] }) =>
    deliveries.filter(({ state }) => state === 'undeliverable' || state === 'cancelled'),
  )
  expect(unsettled).toEqual([])
})

test('told to close from the chat, the desk is closed: the user hears until when, waits, and is served once it opens', async () => {
  const user = `sandbox-${randomUUID()}`
  expect((await answerTo(user, 'Is a person there?')).text).toMatch(/^Agent desk is open\./)
  await answerTo(user, 'Close the desk')
  const { reopens_at } = await until(async () => {
    const [own] = (await ok(desk.post('/tract/availability/get/', { receiver: 'desk' }))).availability
    return own.status === 'closed' && own
  }, 'the desk to close')
  const opens = `${reopens_at.slice(0, 10)} ${reopens_at.slice(11, 16)} UTC`
  expect((await answerTo(user, 'Is a person there?')).text).toContain(`Agent desk is closed until ${opens}.`)
  await says(user, 'Talk to a person')
  await hears(user, `Agent desk is closed, and opens again at ${opens}.`)
  expect((await threadOf(user)).owner).toBe('iva')

  await says(user, 'Wait at Agent desk')
  expect(await hears(user, 'You are number 1 in the queue.')).toMatchObject({ sender: 'ect' })
  expect(await threadOf(user)).toMatchObject({ owner: 'desk', state: 'incomplete' })
  await deskIs('closed', { waiting: 4 })
  await hears(user, 'You are number 5 in the queue.')
  await deskIs('open')
  await isPinned(user)
  await hears(user, 'I am Ravi.')
})

test('a busy desk tells each user the place in its queue; declined, the assistant says why, and open it takes the next', async () => {
  const [first, second] = [`sandbox-${randomUUID()}`, `sandbox-${randomUUID()}`] as const
  await deskIs('busy', { waiting: 2, estimated_wait_seconds: 180 })
  await says(first, 'Talk to a person')
  await hears(first, 'You are number 3 in the queue, and wait about 3 minutes.')
  await says(second, 'Talk to a person')
  await hears(second, 'You are number 4 in the queue')
  expect((await answerTo(first, 'Show me plans')).type).toBe('CAROUSEL')
  expect((await threadOf(first)).owner).toBe('iva')

  const metadata = JSON.stringify({ reason: 'all are at lunch' })
  await ok(desk.post('/tract/event/send', { user_id: first, type: 'thread_control', subtype: 'declined', metadata }))
  await hears(first, 'No agent can take it now: all are at lunch.')
  await deskIs('open')
  await isPinned(second)
  expect((await threadOf(first)).owner).toBe('iva')
})

test('an offer that no agent answers in time leaves the user with the assistant, who says so', async () => {
  const user = `sandbox-${randomUUID()}`
  const within = (offer_within: number) =>
    ok(admin.post('/platform/organisations/update/', { organisation_id, offer_within }))
  await within(1)
  await deskIs('busy')
  await says(user, 'Talk to a person')
  await hears(user, 'No agent answered in time. Can I help you?')
  expect((await threadOf(user)).owner).toBe('iva')
  await within(60)
  await deskIs('open')
})

test('with another desk there, the assistant asks which, and passes to the one that is named', async () => {
  const own = { organisation_id, listener_id: 'acme', kind: 'ect', name: 'Acme' }
  await ok(admin.post('/platform/listeners/', own))
  const user = `sandbox-${randomUUID()}`
  const choice = await answerTo(user, 'I want an agent')
  // biome-ignore lint/suspicious/noExplicitAny: an element as it came
  expect(choice.data.quick_replies.map((reply: any) => reply.actionable_text).sort()).toEqual([
    'Talk to Acme',
    'Talk to Agent desk',
  ])
  // it has no hook for messages, so that it cannot be passed anything: the assistant says why, and stays
  await answerTo(user, 'Talk to Acme')
  await until(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: an entry as it came
    const last = (await timeline(user)).filter(({ message }: any) => message).at(-1)
    return /^That did not work: /.test(last.message.message_body.text)
  }, 'what went wrong')
  await answerTo(user, 'Talk to Agent desk')
  await until(async () => {
    const query = `organisation_id=${organisation_id}&user_id=${user}`
    return (await ok(admin.get(`/platform/threads/get/?${query}`))).owner === 'desk'
  }, 'the desk in control')
  await ok(admin.post('/platform/listeners/update/', { organisation_id, listener_id: 'acme', enabled: false }))
})

test('what is not signed is refused by a party', async () => {
  const { hooks } = await ok(delivery.get('/tract/hooks/list/'))
  const answer = await fetch(hooks[0].url, { method: 'POST', body: '{"user_id":"1"}' })
  expect(answer.status).toBe(401)
  expect((await fetch(new URL('/other', hooks[0].url), { method: 'POST' })).status).toBe(404)
})

const hooksOfDesk = async () => {
  const { hooks } = await ok(desk.get('/tract/hooks/list/'))
  return Object.fromEntries(hooks.map((hook: Record<string, string>) => [`${hook.category}.${hook.subcategory}`, hook]))
}

test('a process that is started anew has the parties from then on, and leaves alone what a person moved', async () => {
  const before = (await ok(delivery.get('/tract/hooks/list/'))).hooks
  const register = (category: string, subcategory: string, url: string) =>
    ok(desk.post('/tract/hooks/register/', { category, subcategory, url }))
  const moved = await register('thread_control', 'withdrawn', 'http://127.0.0.1:9/mine')
  await register('thread_control', 'expired', 'tract:stream')
  await ok(desk.post('/tract/hooks/unregister/', { id: (await hooksOfDesk())['thread_control.taken'].id }))
  const second = await service.startAnother({ TRACT_SANDBOX: 'on' })
  try {
    const after = (await ok(delivery.get('/tract/hooks/list/'))).hooks
    expect(after.map(({ id }: { id: string }) => id)).toEqual(before.map(({ id }: { id: string }) => id))
    expect(new URL(after[0].url).port).not.toBe(new URL(before[0].url).port)
    expect((await answerTo(`sandbox-${randomUUID()}`, 'Hi')).type).toBe('TEXT')
    const ofDesk = await hooksOfDesk()
    const { host } = new URL(after[0].url)
    expect(ofDesk['thread_control.withdrawn']).toMatchObject({ id: moved.id, url: 'http://127.0.0.1:9/mine' })
    // at a stream, or given back by now, it leads to the new process
    const streamed = ofDesk['thread_control.expired']
    expect(streamed.former_url ?? streamed.url).toBe(`http://${host}/desk`)
    expect(ofDesk['thread_control.taken'].url).toBe(`http://${host}/desk`)
  } finally {
    await second.close()
  }
})

test('where it cannot start, terminal and log say why and what to do, and the rest starts', async () => {
  const said: string[] = []
  const logged: string[] = []
  const before = (await ok(delivery.get('/tract/hooks/list/'))).hooks
  // its parties are at a loopback address, which is not allowed here
  const settings = { TRACT_SANDBOX: 'on', TRACT_EGRESS_ALLOW: '10.0.0.0/8', TRACT_LOG_LEVEL: 'error' }
  const other = await service.startAnother(settings, {
    notice: (text) => said.push(text),
    logTo: { write: (line) => logged.push(line) },
  })
  try {
    const why =
      /^The sandbox did not start: .*http,127\.0\.0\.1 in TRACT_EGRESS_ALLOW\. Mend that and start TRACT again\.$/
    expect(said).toEqual([expect.stringMatching(why)])
    expect(logged.map((line) => JSON.parse(line).msg)).toEqual(['the sandbox did not start'])
    expect((await fetch(`${other.url}/readyz`)).status).toBe(200)
    // what another process has stands as it did
    expect((await ok(delivery.get('/tract/hooks/list/'))).hooks).toEqual(before)
  } finally {
    await other.close()
  }
})

test('it is there in development, and elsewhere where it is asked for', () => {
  const sandbox = (environment: NodeJS.ProcessEnv) => readConfig(environment).sandbox
  expect(sandbox({})).toBe(true)
  expect(sandbox({ NODE_ENV: 'development' })).toBe(true)
  expect(sandbox({ NODE_ENV: 'production' })).toBe(false)
  expect(sandbox({ NODE_ENV: 'production', TRACT_SANDBOX: 'on' })).toBe(true)
  expect(sandbox({ TRACT_SANDBOX: 'off' })).toBe(false)
})
