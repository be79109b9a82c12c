/** The bridge of the examples, between the real service and an inbox: killed, and with answers lost each way. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { QUICK } from '../../../server/test/deliver/quick-settings.js'
import { text } from '../../src/index.node.js'
import { TractPlatform } from '../../src/platform/index.node.js'
import { Example, source } from '../support/example.js'
import { FaultProxy } from '../support/fault-proxy.js'
import { Inbox } from '../support/inbox.js'

let service: TestService
let folder: string
let md: TractPlatform
let iva: TractPlatform
let desk: TractPlatform
let assistant: Receiver
let user: string
let inbox: Inbox
let proxy: FaultProxy
let environment: NodeJS.ProcessEnv
let bridge: Example

const platform = (name: 'iva' | 'message_delivery' | 'desk') => {
  const { client_id: clientId, client_secret: clientSecret } = service.demo.listeners[name]
  return new TractPlatform({ baseUrl: service.url, clientId, clientSecret })
}

beforeAll(async () => {
  service = await TestService.start({ delivery: QUICK })
  folder = await mkdtemp(join(tmpdir(), 'tract-bridge-'))
  md = platform('message_delivery')
  iva = platform('iva')
  desk = platform('desk')
  assistant = await service.receiver()
  await iva.hooks.register({ category: 'message', subcategory: 'receive', url: assistant.url })
})
afterAll(async () => {
  await Promise.all([md, iva, desk].map((client) => client.close()))
  await service.close()
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  user = `asha-${randomUUID()}`
  inbox = await Inbox.start()
  proxy = await FaultProxy.before(service.url)
  const { client_id, client_secret } = service.demo.listeners.desk
  const client = { TRACT_URL: proxy.url, TRACT_CLIENT_ID: client_id, TRACT_CLIENT_SECRET: client_secret }
  environment = { ...client, INBOX_URL: inbox.url, DESK_DIR: await mkdtemp(join(folder, 'bridge-')) }
  bridge = await Example.start('bridge', environment)
})
afterEach(async () => {
  await bridge.stop('SIGKILL')
  await proxy.close()
  await inbox.close()
})

const killed = async () => {
  await bridge.stop('SIGKILL')
  bridge = await Example.start('bridge', environment)
}
const write = (message_body: string, fields: object = {}) =>
  md.platformMessages.send({ user_id: user, sender: 'ceu', message_body, user: fields })
const ticket = (conversation = '1') =>
  until(() => inbox.ticketOf(user, conversation), `the ticket of conversation ${conversation}`)
const offer = () =>
  iva.threads.offer({ user_id: user, receiver: 'desk', context: { reason: 'billing', summary: 'Charged twice' } })
const waiting = async () => (await desk.deliveries.list({ user_id: user, state: 'pending' })).deliveries.length
const edit = (message_id: number, words: string) => {
  const metadata = { message_id, message_body: text(words) }
  return md.platformEvents.send({ user_id: user, type: 'message', subtype: 'edited', metadata })
}
const said = async (conversation_number: string) => {
  const all = []
  for await (const message of md.messages.list({ user_id: user, conversation_number })) all.push(message)
  return all.filter(({ listener }) => listener === 'desk')
}

test('is no longer than 250 lines', async () => {
  expect((await readFile(source('bridge'), 'utf8')).trimEnd().split('\n').length).toBeLessThanOrEqual(250)
})

test('loses nothing and doubles nothing, killed in between and with answers lost each way', async () => {
  const picture = await readFile(fileURLToPath(new URL('../../../server/demo/receipt.png', import.meta.url)))
  const count = 12
  await write('user 0', { user_name: 'Asha Rao', device_platform: 'WhatsApp' })
  await offer()
  const first = await ticket()
  let calls = 0
  proxy.fault = () => (++calls % 7 === 0 ? 'answer lost' : calls % 11 === 0 ? 'lost on the way' : undefined)
  inbox.agent(first, 'assigned')
  for (let index = 1; index <= count; index++) {
    const attachments =
      index === 3 ? [{ id: (await md.attachments.upload(picture, { name: 'receipt.png' })).id }] : undefined
    const body = {
      user_id: user,
      sender: 'ceu',
      message_body: `user ${index}`,
      ...(attachments && { attachments }),
    } as const
    await md.platformMessages.send(body)
    inbox.losses = index % 4 === 0 ? 1 : 0
    const isFile = index === 5
    inbox.say(first, isFile ? '' : `agent ${index}`, isFile ? [inbox.addFile('answer.png', picture)] : [])
    if (index % 5 === 0) await killed()
  }
  inbox.agent(first, 'closed', 'Paid back')
  inbox.say(first, 'too late')
  await until(() => first.lines.some(({ author }) => author === 'TRACT'), 'the refusal of what came too late')

  await until(() => first.lines.filter(({ author }) => author === 'ceu').length > count, 'what the user wrote')
  const lines = first.lines.filter(({ author }) => author !== 'TRACT')
  expect(lines.map(({ text }) => text)).toEqual(Array.from({ length: count + 1 }, (_, index) => `user ${index}`))
  expect(first.subject).toBe('Asha Rao WhatsApp billing')
  const sent = lines.flatMap(({ files }) => files.map((id) => inbox.files.find((file) => file.id === id)))
  expect(sent).toEqual([expect.objectContaining({ name: 'receipt.png', content: picture })])

  const answers = await said('1')
  const texts = answers.map(({ message_body }) => message_body.text)
  const expected = Array.from({ length: count }, (_, index) => (index === 4 ? 'answer.png' : `agent ${index + 1}`))
  expect(texts).toEqual(expected)
  expect(answers.every(({ agent }) => agent?.name === 'Ravi')).toBe(true)
  const sha256 = createHash('sha256').update(picture).digest('hex')
  expect(answers[4]?.attachments).toMatchObject([{ name: 'answer.png', sha256 }])
  const { outcome, owners } = await md.conversations.get({ user_id: user, conversation_number: '1' })
  expect([outcome, owners.at(-1)?.context]).toMatchObject([{ note: 'Paid back' }, { summary: 'Charged twice' }])
})

test('says whether it is open, declines while it is not, and hands back', async () => {
  await write('My bill is wrong')
  inbox.status = { status: 'closed', waiting: 2 }
  await killed()
  const status = async () => (await iva.availability.get({ receiver: 'desk' })).availability[0]?.status
  await until(async () => (await status()) === 'closed', 'the desk to be closed')
  expect(await offer()).toMatchObject({ success: false, reason: { code: 'receiver_closed' } })
  inbox.status = { status: 'open', waiting: 0 }
  await killed()
  await until(async () => (await status()) === 'open', 'the desk to be open')
  inbox.isAway = true
  await offer()
  await until(async () => (await waiting()) === 0, 'no to an offer')
  inbox.isAway = false
  await offer()
  const first = await ticket()
  inbox.agent(first, 'returned', 'It was about the app')
  await until(() => !first.isOpen, 'the ticket to be closed')
  const { owners } = await md.conversations.get({ user_id: user, conversation_number: '2' })
  expect(owners).toMatchObject([{ owner: 'iva', context: { reason: 'returned', summary: 'It was about the app' } }])
})

test('keeps what is said while the inbox is away and the bridge is killed, without holding TRACT up', async () => {
  await write('user 0')
  await offer()
  const first = await ticket()
  inbox.agent(first, 'assigned')
  await until(() => first.lines.length === 1, 'what was said before')
  inbox.isAway = true
  const sent: number[] = []
  for (let index = 1; index <= 6; index++) {
    sent.push((await write(`user ${index}`)).message_id)
    if (index % 3 === 0) {
      await until(async () => (await waiting()) === 0, 'TRACT to be rid of it')
      await killed()
    }
  }
  await edit(sent[1] as number, 'user 2, changed')
  inbox.isAway = false
  await until(() => first.lines.length === 7 && first.lines[2]?.text.endsWith('changed'), 'what waited')
  const texts = Array.from({ length: 7 }, (_, index) => `user ${index}${index === 2 ? ', changed' : ''}`)
  expect(first.lines.map(({ text }) => text)).toEqual(texts)
})

test('does not write what it read over with what hooks of before say', async () => {
  await write('user 0')
  inbox.isAway = true
  expect(await iva.threads.pass({ user_id: user, receiver: 'desk' })).toMatchObject({ success: true })
  const [edited, deleted] = [await write('user 1'), await write('user 2')].map(({ message_id }) => message_id)
  await edit(edited as number, 'user 1, changed')
  await edit(deleted as number, 'user 2, changed')
  await edit(edited as number, 'user 1, changed twice')
  const metadata = { message_id: deleted as number }
  await md.platformEvents.send({ user_id: user, type: 'message', subtype: 'deleted', metadata })
  await write('user 3')
  await until(async () => (await waiting()) === 0, 'the hooks to be stored')
  inbox.isAway = false
  const first = await ticket()
  await until(() => first.lines.length === 3, 'what was said before')
  await edit(edited as number, 'user 1, at last')
  await until(() => first.lines[1]?.text.endsWith('at last'), 'the edit')
  expect(inbox.written).toEqual(['user 0', 'user 1, changed twice', 'user 3', 'user 1, at last'])
})

const gone = { success: false, code: 'attachment_not_found', error: 'There is no such file.', request_id: 'r' }
const edited = (message_id: number) => edit(message_id, 'user 0, changed')
const deleted = (message_id: number) =>
  md.platformEvents.send({ user_id: user, type: 'message', subtype: 'deleted', metadata: { message_id } })

test.each([
  ['is edited', edited, ['user 0, changed', 'user 1']],
  ['is deleted', deleted, ['user 1']],
])(
  'a line that %s after it was made, and before that was known, does not stay as it was',
  async (_what, change, left) => {
    const { message_id } = await write('user 0')
    await write('user 1')
    inbox.lossesAt = /lines$/
    inbox.losses = Number.POSITIVE_INFINITY
    await offer()
    const first = await ticket()
    await until(() => first.lines.length === 1, 'the line')
    await change(message_id)
    await until(async () => (await waiting()) === 0, 'the hooks to be stored')
    await killed()
    inbox.losses = 0
    await until(() => first.lines.length === left.length && first.lines.at(-1)?.text === 'user 1', 'both messages')
    expect(first.lines.map(({ text }) => text)).toEqual(left)
  },
)

test('a file that is gone by the time at which it is read keeps nothing else away', async () => {
  const { id } = await md.attachments.upload(new TextEncoder().encode('%PDF-1.7'), { name: 'bill.pdf' })
  const said = { user_id: user, sender: 'ceu' as const, message_body: 'user 0', user: {} }
  await md.platformMessages.send({ ...said, attachments: [{ id }] })
  await write('user 1')
  const refused = { status: 404, headers: { 'content-type': 'application/json' }, body: JSON.stringify(gone) }
  proxy.fault = ({ method, path }) => (method === 'GET' && path.endsWith(id) ? refused : undefined)
  await offer()
  const first = await ticket()
  await until(() => first.lines.length === 2, 'both messages')
  expect(first.lines.map(({ text, files }) => [text, files])).toEqual([
    ['user 0', []],
    ['user 1', []],
  ])
})

test('keeps nothing of a user who is erased, and all of another whose name begins alike', async () => {
  const other = `${user} Rao`
  const files = ['arrivals.log', 'outbox.log', 'lines.log', 'messages.log']
  const kept = async () =>
    (await Promise.all(files.map((file) => readFile(join(environment.DESK_DIR as string, file), 'utf8')))).join('')
  let last = 0
  for (const user_id of [user, other]) {
    const message = { user_id, sender: 'ceu', message_body: `words of <${user_id}>`, user: {} } as const
    last = (await md.platformMessages.send(message)).message_id
    await iva.threads.offer({ user_id, receiver: 'desk' })
    const theirs = await until(() => inbox.ticketOf(user_id, '1'), 'the ticket')
    inbox.say(theirs, `answer to <${user_id}>`)
    await until(async () => (await kept()).includes(`answer to <${user_id}>`), 'the answer')
  }
  inbox.beforeErasure = async () => {
    inbox.say(await ticket(), `last words to <${user}>`)
    await until(async () => (await kept()).includes(`last words to <${user}>`), 'the last words')
  }
  await md.users.erase({ user_id: user })
  await until(async () => !(await kept()).includes(`<${user}>`), 'the words to be gone')
  const metadata = { message_id: last, message_body: text('said otherwise') }
  await md.platformEvents.send({ user_id: other, type: 'message', subtype: 'edited', metadata })
  await until(() => inbox.tickets[0]?.lines[0]?.text === 'said otherwise', 'the edit')
  expect(await kept()).toContain(`answer to <${other}>`)
})

test('splits what is long each way, and has it say something else, or nothing, by its parts', async () => {
  await write('My bill is wrong')
  await offer()
  const first = await ticket()
  await until(() => first.lines.length === 1, 'what was said before')
  const words = (count: number, end = 'the end') => `${'a line of the bill\n'.repeat(count)}${end}`
  const { message_id } = await write(words(1_000))
  const texts = () => first.lines.slice(1).map(({ text }) => text)
  await until(() => texts().join('') === words(1_000), 'the parts')
  expect(texts().length).toBeGreaterThan(3)
  const edited = async (message_body: string) => {
    await edit(message_id, message_body)
    await until(() => texts().join('') === message_body, 'the edit')
  }
  await edited(words(300, 'another end'))
  await killed()
  await edited(words(900, 'another end'))
  await md.platformEvents.send({ user_id: user, type: 'message', subtype: 'deleted', metadata: { message_id } })
  await until(() => texts().length === 0, 'the deletion')

  const line = inbox.say(first, words(9_000))
  const answers = async () => (await said('1')).filter(({ deleted_at }) => !deleted_at)
  const answer = async () => (await answers()).map(({ message_body }) => message_body.text).join('')
  const says = (expected: string) => until(async () => (await answer()) === expected, 'the answer')
  await says(words(9_000))
  expect((await answers()).length).toBe(3)
  inbox.say(first, words(4_000, 'another end'), [], line)
  await says(words(4_000, 'another end'))
  await killed()
  inbox.say(first, words(5_000), [], line)
  await says(words(5_000))
})
