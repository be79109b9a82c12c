import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
/** The examples, each a process of its own on the built package, against the real service. */
import { call, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { QUICK } from '../../../server/test/deliver/quick-settings.js'
import { TractPlatform } from '../../src/platform/index.node.js'
import { Example, source } from '../support/example.js'
import { type Fault, FaultProxy } from '../support/fault-proxy.js'

type Party = 'iva' | 'message_delivery' | 'desk'

let service: TestService
let folder: string
let md: TractPlatform
let iva: TractPlatform
let desk: TractPlatform
let user: string
const examples: Example[] = []

beforeAll(async () => {
  service = await TestService.start({ delivery: QUICK })
  folder = await mkdtemp(join(tmpdir(), 'tract-examples-'))
  await writeFile(join(folder, 'demo.json'), JSON.stringify(service.demo))
  md = platform('message_delivery')
  iva = platform('iva')
  desk = platform('desk')
})

afterAll(async () => {
  await Promise.all([md, iva, desk].map((client) => client.close()))
  await service.close()
  await rm(folder, { recursive: true })
})

beforeEach(() => {
  user = `asha-${randomUUID()}`
})

/** A hook that no longer answers would hold up what the next example is to hear. */
afterEach(async () => {
  await Promise.all(examples.splice(0).map((example) => example.stop()))
  for (const client of [iva, desk])
    for await (const { id } of client.hooks.list()) await client.hooks.unregister({ id })
})

function platform(name: Party): TractPlatform {
  const { client_id: clientId, client_secret: clientSecret } = service.demo.listeners[name]
  return new TractPlatform({ baseUrl: service.url, clientId, clientSecret })
}

/** As the demo organisation's listener, or as what the environment says. */
async function start(name: string, environment: NodeJS.ProcessEnv = { TRACT_DATA_DIR: folder }): Promise<Example> {
  const example = await Example.start(name, environment)
  examples.push(example)
  return example
}

const write = (message_body: string, fields: object = {}) =>
  md.platformMessages.send({ user_id: user, sender: 'ceu', message_body, user: fields })

async function passToDesk(): Promise<void> {
  expect(await iva.threads.pass({ user_id: user, requester: 'iva', receiver: 'desk' })).toMatchObject({
    success: true,
  })
}

test.each([
  ['minimal', 30],
  ['iva', 40],
])('%s is no longer than %i lines', async (name, lines) => {
  expect((await readFile(source(name), 'utf8')).trimEnd().split('\n').length).toBeLessThanOrEqual(lines)
})

test('minimal: shows what the user writes, and answers', async () => {
  const example = await start('minimal')
  await write('My bill is wrong')
  await passToDesk()
  await write('Hello?')
  await example.says('message_id: 3')
  expect(example.said).toMatch(/ceu: My bill is wrong\n(.*\n)*ceu: Hello\?\n/)
  expect(example.said.match(/message_id/g)).toHaveLength(1)
})

test('express: opens a case, allocates an agent, and lets the agent answer', async () => {
  const example = await start('express')
  await write('My bill is wrong', { user_name: 'Asha Rao' })
  await passToDesk()
  const caseOf = () => call(`${example.url}/cases/${user}`, { method: 'GET' })
  await until(async () => (await caseOf()).body?.lines.length === 1, 'the case')
  expect((await caseOf()).body).toEqual({ user: 'Asha Rao', lines: ['ceu: My bill is wrong'] })
  const answered = await ok(
    call(`${example.url}/cases/${user}/answers`, { body: { text: 'The money goes back to you.' } }),
  )
  expect(answered).toMatchObject({ message_id: 2 })
  await write('Thank you')
  await until(async () => (await caseOf()).body?.lines.length === 2, "the user's answer")
  await iva.hooks.register({ category: 'message', subcategory: 'receive', url: 'http://127.0.0.1:9' })
  expect(await iva.threads.take({ user_id: user, requester: 'iva', receiver: 'iva' })).toMatchObject({
    success: true,
  })
  const late = await call(`${example.url}/cases/${user}/answers`, { body: { text: 'Anything else?' } })
  expect(late).toMatchObject({ status: 409, body: { error: expect.any(String) } })
})

test('fastify: hears of a gap, fetches what was given up, and takes what it has no handler for', async () => {
  const { client_id, client_secret } = service.demo.listeners.desk
  const environment = { TRACT_URL: service.url, TRACT_CLIENT_ID: client_id, TRACT_CLIENT_SECRET: client_secret }
  const example = await start('fastify', environment)
  expect(await ok(call(example.url, { method: 'GET' }))).toEqual({ desk: 'is open' })
  await write('hello')
  await passToDesk()
  await write('not for us')
  await write('are you there?')
  await example.says('ceu: are you there?')
  await example.says('ceu, again: not for us')
  expect(example.said).toMatch(/deliveries \d+ to \d+ were given up\nceu: are you there\?/)
  await md.platformEvents.send({ user_id: user, type: 'message', subtype: 'read', metadata: { message_id: 4 } })
  await example.says('message.read {"message_id":4}')
})

test('iva: answers what it knows, and passes on what it does not', async () => {
  const assistant = await start('iva')
  const example = await start('minimal')
  await write('My bill is wrong')
  await assistant.says('ceu: My bill is wrong')
  await write('I was charged twice')
  await assistant.says('passed to the desk')
  await write('Hello?')
  await example.says('ceu: Hello?')
  await assistant.says('ect: How can I help?')
  expect(assistant.said).not.toContain('not passed')
})

test('surviving: keeps its secrets and what it has to do over a crash, answers once, and waits for a service that is down', async () => {
  const { client_id, client_secret } = service.demo.listeners.desk
  const proxy = await FaultProxy.before(service.url)
  const DESK_DIR = await mkdtemp(join(folder, 'desk-'))
  const environment = { TRACT_URL: proxy.url, TRACT_CLIENT_ID: client_id, TRACT_CLIENT_SECRET: client_secret, DESK_DIR }
  try {
    const faults: Fault[] = ['lost on the way', 'lost on the way', 'lost on the way', 'lost on the way']
    proxy.fault = () => faults.shift()
    const first = await start('surviving', environment)
    expect(first.said).toContain('TRACT is not there yet')
    await write('My bill is wrong')
    await passToDesk()
    await write('Hello?')
    await first.says('answered')
    const secrets = await readFile(join(DESK_DIR, 'hook-secrets.json'), 'utf8')
    await first.stop('SIGKILL')

    const second = await start('surviving', environment)
    expect(await readFile(join(DESK_DIR, 'hook-secrets.json'), 'utf8')).toBe(secrets)
    await write('Are you there?')
    await second.says('ceu: Are you there?')
    await second.says('answered')
    const answers = []
    for await (const { listener, message_body } of md.messages.list({ user_id: user, conversation_number: '1' }))
      if (listener === 'desk') answers.push(message_body.text)
    expect(answers).toEqual(['How can I help?', 'How can I help?'])
  } finally {
    await proxy.close()
  }
})
