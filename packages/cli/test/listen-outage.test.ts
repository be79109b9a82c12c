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
let local: Receiver
let desk: Caller
let md: Caller

const STREAM = '/tract/hooks/stream/'
const ANSWER = '/tract/hooks/answer/'
/** Where the hook stood before. */
let former: string

beforeAll(async () => {
  service = await TestService.start()
})
afterAll(() => service.close())
beforeEach(async () => {
  const world = await service.world({ desk: 'ect', md: 'md' })
  desk = world.listeners.desk
  md = world.listeners.md
  local = await Receiver.start()
  former = `${local.url}/former`
  await ok(desk.post('/tract/hooks/register/', { category: 'message', subcategory: 'receive', url: former }))
  proxy = await Gateway.before(service.url)
  cli = await Cli.create()
  await cli.profiles(proxy.url, { desk: desk.credentials })
})
afterEach(async () => {
  await cli.close()
  await proxy.close()
  await local.close()
})

async function listen() {
  const listening = cli.start('listen', '--forward-to', local.url, '--json')
  await listening.says('Moved here meanwhile')
  return listening
}
const write = (user_id: string) =>
  ok(md.post('/platform/message/send/', { user_id, sender: 'ceu', message_body: 'Hello', user: {} }))
const standing = async () => (await ok(desk.get('/tract/hooks/list/'))).hooks.map((hook: { url: string }) => hook.url)

test.each([502, 503])('a proxy’s page with %d is waited out', async (status) => {
  const listening = await listen()
  proxy.answer = (path) => (path === STREAM ? { status } : undefined)
  proxy.closeConnections()
  await listening.says('The connection is lost')
  await write('asha')
  proxy.answer = () => undefined
  await listening.says('The connection is back')
  await local.waitFor(({ body }) => body.user_id === 'asha')
  expect((await listening.interrupt()).exit).toBe(0)
})

test('the hooks go back also where it ends by an error, which is what it ends with', async () => {
  const listening = await listen()
  let isThere = true
  proxy.answer = (path) => {
    const fails = path === STREAM && isThere
    if (fails) isThere = false
    return fails ? { status: 404 } : undefined
  }
  proxy.closeConnections()
  const ended = await listening.end()
  expect([ended.exit, ended.stderr]).toEqual([3, expect.stringMatching(/Moved back[\s\S]+The answer is 404/)])
  expect(await standing()).toEqual([former])
})

test('they go back where nobody reads its output any more', async () => {
  const listening = await listen()
  listening.child.stdout?.destroy()
  await write('asha')
  expect((await listening.end()).exit).toBe(0)
  expect(await standing()).toEqual([former])
})

test('they go back where nobody reads what it says either, such as in `tract listen 2>&1 | head`', async () => {
  const listening = await listen()
  listening.child.stderr?.destroy()
  listening.child.stdout?.destroy()
  await write('asha')
  expect((await listening.end()).exit).toBe(0)
  expect(await standing()).toEqual([former])
})

test('where they cannot, it says that, and ends with what came first', async () => {
  const listening = await listen()
  proxy.answer = (path) => (path.startsWith('/tract/hooks/') ? { status: 404 } : undefined)
  proxy.closeConnections()
  const ended = await listening.end()
  expect([ended.exit, ended.stderr]).toEqual([
    3,
    expect.stringMatching(/could not be moved back[\s\S]+The answer is 404/),
  ])
  proxy.answer = () => undefined
  await (await listen()).interrupt()
  expect(await standing()).toEqual([former])
})

test.each([
  [{ status: 502 }, { message: expect.stringContaining('502') }],
  [
    { status: 403, body: '{"error":"This client may not have hooks.","code":"insufficient_scope"}' },
    { message: 'This client may not have hooks.', code: 'insufficient_scope' },
  ],
])('an answer that the service did not take is no late one: %j', async (refusal, error) => {
  const listening = await listen()
  proxy.answer = (path) => (path === ANSWER ? refusal : undefined)
  await write('asha')
  await until(() => listening.items.length > 0)
  expect(listening.items[0]).toMatchObject({ status: 200, late: false, not_taken: error })
  proxy.answer = () => undefined
  expect((await listening.interrupt()).exit).toBe(0)
})
