import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { Cli, type Run } from './support/cli.js'
import { Gateway } from './support/gateway.js'

let service: TestService
let cli: Cli
let gateway: Gateway
let receiver: Receiver
let desk: Caller
let md: Caller

beforeAll(async () => {
  service = await TestService.start()
})
afterAll(() => service.close())
beforeEach(async () => {
  const world = await service.world({ desk: 'ect', md: 'md' })
  desk = world.listeners.desk
  md = world.listeners.md
  receiver = await Receiver.start()
  await receiver.hear(desk, 'message.receive')
  gateway = await Gateway.before(service.url)
  cli = await Cli.create()
  await cli.profiles(gateway.url, { desk: desk.credentials })
})
afterEach(async () => {
  await cli.close()
  await gateway.close()
  await receiver.close()
})

async function tail(...args: string[]): Promise<Run> {
  const tailing = cli.start('tail', '--json', ...args)
  await tailing.says('Deliveries from now on')
  return tailing
}
const write = (user_id: string) =>
  ok(md.post('/platform/message/send/', { user_id, sender: 'ceu', message_body: 'Hello', user: {} }))
const of = (tailing: Run, user: string) =>
  tailing.items.filter(({ user_id }) => user_id === user).map(({ state }) => state)
const hook = async () => ({ id: (await ok(desk.get('/tract/hooks/list/'))).hooks[0].id })

test('goes on where it was when the service comes back', async () => {
  const tailing = await tail()
  gateway.answer = () => ({ status: 503 })
  gateway.closeConnections()
  await write('asha')
  await tailing.says('The connection is lost')
  gateway.answer = () => undefined
  await tailing.says('The connection is back')
  await until(() => of(tailing, 'asha').includes('delivered'))
  expect((await tailing.interrupt()).exit).toBe(0)
})

test('ends with an error that does not pass', async () => {
  const tailing = await tail()
  gateway.answer = () => ({ status: 403, body: '{"error":"Not this client.","code":"insufficient_scope"}' })
  const ended = await tailing.end()
  expect([ended.exit, JSON.parse(ended.stderr.trim().split('\n').at(-1) as string).error.code]).toEqual([
    1,
    'insufficient_scope',
  ])
})

test('ends in order when it is interrupted while the service does not answer', async () => {
  const tailing = await tail()
  let asked = 0
  gateway.answer = () => {
    asked++
    return 'silence'
  }
  await until(() => asked > 0)
  expect((await tailing.interrupt()).exit).toBe(0)
})

test('shows the end of what has been pending since before it began, or for more than a page', async () => {
  await ok(desk.post('/tract/hooks/disable/', await hook()))
  await write('before')
  const tailing = await tail()
  await write('first')
  const others = Array.from({ length: 210 }, (_, index) => `user-${index}`)
  for (const user of others) await write(user)
  await until(() => others.every((user) => of(tailing, user).length > 0))
  expect(of(tailing, 'before')).toEqual([])
  await ok(desk.post('/tract/hooks/enable/', await hook()))
  await until(() => ['before', 'first', ...others].every((user) => of(tailing, user).at(-1) === 'delivered'))
  expect(of(tailing, 'first').filter((state) => state === 'delivered')).toHaveLength(1)
  await tailing.interrupt()
})

test('shows what comes while the clock here is ahead, and nothing that was there before', async () => {
  await write('before')
  await receiver.waitFor(({ body }) => body.user_id === 'before')
  const ahead = `data:text/javascript,${encodeURIComponent('const now = Date.now; Date.now = () => now() + 3600_000')}`
  const tailing = cli.startWith({ NODE_OPTIONS: `--import=${ahead}` }, 'tail', '--json')
  await tailing.says('Deliveries from now on')
  await write('asha')
  await until(() => of(tailing, 'asha').at(-1) === 'delivered')
  expect(of(tailing, 'before')).toEqual([])
  await tailing.interrupt()
})
