/** Hooks that stood elsewhere are never left at the stream: not by a run that is killed at any point, nor between two that overlap. */

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { Cli } from './support/cli.js'
import { Gateway } from './support/gateway.js'

let service: TestService
let cli: Cli
let proxy: Gateway
let production: Receiver
let desk: Caller
let md: Caller

const EVENTS = ['message.receive', 'message.read', 'thread_control.assigned']

beforeAll(async () => {
  service = await TestService.start({ streamGoneAfter: 3_000 })
})
afterAll(() => service.close())
beforeEach(async () => {
  const world = await service.world({ desk: 'ect', md: 'md' })
  desk = world.listeners.desk
  md = world.listeners.md
  production = await Receiver.start()
  await production.hear(desk, ...EVENTS)
  proxy = await Gateway.before(service.url)
  cli = await Cli.create()
  await cli.profiles(proxy.url, { desk: desk.credentials })
})
afterEach(async () => {
  await cli.close()
  await proxy.close()
  await production.close()
})

const LISTEN = ['listen', '--forward-to', 'http://127.0.0.1:9/', '--events', ...EVENTS]
const hooks = async (): Promise<{ url: string }[]> => (await ok(desk.get('/tract/hooks/list/'))).hooks
const areBack = async () => (await hooks()).every(({ url }) => url.startsWith(production.url))
const atTheStream = async () => (await hooks()).filter(({ url }) => url === 'tract:stream').length

/** Holds the call of this number to a path, and all after it, until it is let go. */
function holding(path: string, number: number): { isHeld: () => boolean } {
  let calls = 0
  proxy.answer = (called) => (called === path && ++calls >= number ? 'silence' : undefined)
  return { isHeld: () => calls >= number }
}

test.each([
  ['before it opens its stream', '/tract/hooks/stream/', 1],
  ['once it is open', '/tract/hooks/register/', 1],
  ['in the middle of moving them', '/tract/hooks/register/', 3],
  ['when all are moved', '/tract/hooks/stream/', 2],
])('killed %s, they are back by themselves, and hear what came', async (_when, path, call) => {
  const { isHeld } = holding(path, call)
  const killed = cli.start(...LISTEN)
  await until(isHeld)
  await killed.kill()
  await ok(md.post('/platform/message/send/', { user_id: 'asha', sender: 'ceu', message_body: 'one', user: {} }))
  await production.waitFor(({ body }) => body.message_body?.text === 'one')
  await until(areBack)
})

test('killed while it ends, they are back', async () => {
  const ending = cli.start(...LISTEN)
  await ending.says('Moved here meanwhile')
  expect(await atTheStream()).toBe(EVENTS.length)
  const { isHeld } = holding('/tract/hooks/stream/', 1)
  ending.child.kill('SIGINT')
  await until(isHeld)
  await ending.kill()
  await until(areBack)
})

test('one that is started while the former one ends has them all, and gives all back', async () => {
  for (let round = 0; round < 3; round++) {
    proxy.answer = () => undefined
    const former = cli.start(...LISTEN)
    await former.says('Moved here meanwhile')
    former.child.kill('SIGINT')
    const next = cli.start(...LISTEN)
    await next.says('Moved here meanwhile')
    await former.end()
    expect(await atTheStream()).toBe(EVENTS.length)
    expect((await next.interrupt()).stderr).toMatch(/Moved back: 3 hooks to/)
    expect(await areBack()).toBe(true)
  }
})

test('what another run left there is given back by the next one, whatever that listens for', async () => {
  const killed = cli.start(...LISTEN)
  await killed.says('Moved here meanwhile: 3 hooks from')
  await killed.kill()
  const next = cli.start(...LISTEN.slice(0, 4), 'message.receive')
  await next.says('Listening for message.receive')
  await next.interrupt()
  expect(await areBack()).toBe(true)
})

test('that were given back while the service could not be reached are fetched again, but for one that a person moved', async () => {
  const listening = cli.start(...LISTEN)
  await listening.says('Moved here meanwhile')
  proxy.answer = () => ({ status: 502 })
  proxy.closeConnections()
  await listening.says('The connection is lost')
  await until(areBack)
  const elsewhere = `${production.url}/new`
  await ok(desk.post('/tract/hooks/register/', { category: 'message', subcategory: 'read', url: elsewhere }))
  proxy.answer = () => undefined
  await listening.says('The connection is back')
  await until(async () => (await atTheStream()) === 2)
  await listening.interrupt()
  expect(await atTheStream()).toBe(0)
  expect((await hooks()).map(({ url }) => url)).toContain(elsewhere)
})
