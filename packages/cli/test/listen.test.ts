import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { Cli } from './support/cli.js'
import { Gateway } from './support/gateway.js'
import { type Heard, LocalServer, receiving } from './support/local-receiver.js'
import { ServiceProcess } from './support/service-process.js'

let service: TestService
let cli: Cli
let desk: Caller
let md: Caller
let secret: string
const closing: { close(): Promise<void> }[] = []

beforeAll(async () => {
  service = await TestService.start()
})
afterAll(() => service.close())
beforeEach(async () => {
  // alone in its organisation, a desk gets every conversation
  const world = await service.world({ desk: 'ect', md: 'md' })
  desk = world.listeners.desk
  md = world.listeners.md
  cli = await Cli.create()
  await cli.profiles(service.url, { desk: desk.credentials })
  secret = (await cli.run('listen', '--print-secret')).stdout.trim()
})
afterEach(async () => {
  await cli.close()
  await Promise.all(closing.splice(0).map((each) => each.close()))
})

async function local(
  handle?: (heard: Heard) => unknown,
  port?: number,
): Promise<{ heard: Heard[]; server: LocalServer }> {
  const { heard, listener } = receiving(secret, handle)
  const server = await LocalServer.start(listener, port)
  closing.push(server)
  return { heard, server }
}

const write = (user_id: string, text: string, by = md) =>
  ok(by.post('/platform/message/send/', { user_id, sender: 'ceu', message_body: text, user: {} }))
const texts = (heard: readonly Heard[], user: string) =>
  heard
    .filter(({ name, payload }) => name === 'message.receive' && payload.user_id === user)
    .map(({ payload }) => payload.message_body.text)
const hooks = async () => (await ok(desk.get('/tract/hooks/list/'))).hooks
const deliveries = async () => (await ok(desk.post('/tract/deliveries/list/', { limit: 200 }))).deliveries

describe('a receiver on a vendor’s machine', () => {
  test('gets what the hooks are sent, verifies it by one secret, and its answers are what counts', async () => {
    const { heard, server } = await local(({ name }) =>
      name === 'user_events.create_user' ? { ect_user_id: 'case-1' } : undefined,
    )
    const listening = cli.start('listen', '--forward-to', server.url, '--json')
    await listening.says('Listening for')
    await write('asha', 'one')
    await until(() => texts(heard, 'asha').length === 1)
    await write('asha', 'two')
    await until(() => texts(heard, 'asha').length === 2)
    expect(heard.map(({ delivery }) => delivery.sequence)).toEqual([1, 2, 3, 4, 5].slice(0, heard.length))
    expect(heard.at(-1)?.payload.ect_user_id).toBe('case-1')
    await until(() => listening.items.length === heard.length)
    expect(listening.items.at(-1)).toMatchObject({
      ...{ event: 'message.receive', user_id: 'asha', status: 200, attempt: 1, late: false },
      ...{ delivery: heard.at(-1)?.delivery.id, sender: 'ceu', text: 'two' },
    })
    const ended = await listening.interrupt()
    expect([ended.exit, ended.stderr]).toEqual([0, expect.stringMatching(/hooks stay at tract:stream/)])
    // what was answered last is written moments later
    await until(async () => (await deliveries()).every(({ state }: { state: string }) => state === 'delivered'))
  })

  test('that does not run yet gets everything once it does, in order', async () => {
    const first = await local()
    const { port } = first.server
    await first.server.close()
    const listening = cli.start('listen', '--forward-to', `http://127.0.0.1:${port}/`, '--events', 'message.receive')
    await listening.says('Listening for message.receive')
    for (const text of ['one', 'two', 'three']) await write('asha', text)
    await listening.says('connection_refused')
    const { heard } = await local(undefined, port)
    await until(() => texts(heard, 'asha').length === 3)
    expect(texts(heard, 'asha')).toEqual(['one', 'two', 'three'])
  })

  test('loses nothing when the command is killed in the middle of it, and goes on with the next one', async () => {
    let held = 0
    let hold = true
    const { heard, server } = await local(async () => {
      held++
      await until(() => !hold)
    })
    const listen = ['listen', '--forward-to', server.url, '--events', 'message.receive']
    const killed = cli.start(...listen)
    await killed.says('Listening')
    const users = ['asha', 'bela', 'chad']
    for (const text of ['one', 'two', 'three']) for (const user of users) await write(user, text)
    await until(() => held === users.length)
    await killed.kill()
    hold = false
    const next = cli.start(...listen)
    await until(() => users.every((user) => texts(heard, user).length === 3))
    for (const user of users) expect(texts(heard, user)).toEqual(['one', 'two', 'three'])
    await next.interrupt()
  })

  test('holds up nobody but the user that it is slow with', async () => {
    const { heard, server } = await local(
      ({ payload }) => payload.user_id === 'slow' && until(() => texts(heard, 'quick').length === 2),
    )
    const listening = cli.start('listen', '--forward-to', server.url, '--events', 'message.receive')
    await listening.says('Listening')
    await write('slow', 'one')
    await write('quick', 'one')
    await write('quick', 'two')
    await until(() => heard.length === 3)
    expect(heard.map(({ payload }) => payload.user_id)).toEqual(['quick', 'quick', 'slow'])
  })
})

describe('hooks that stood elsewhere', () => {
  let production: Receiver
  beforeEach(async () => {
    production = await Receiver.start()
    closing.push(production)
    await production.hear(desk, 'message.receive', 'thread_control.assigned')
    const { id } = (await hooks()).find((hook: { subcategory: string }) => hook.subcategory === 'assigned')
    await ok(desk.post('/tract/hooks/disable/', { id }))
  })
  const standing = async () =>
    Object.fromEntries(
      (await hooks()).map((hook: Record<string, string>) => [hook.subcategory, `${hook.url} ${hook.status}`]),
    )

  test('go back as they were when it ends, and hear what comes after', async () => {
    const before = await standing()
    const { heard, server } = await local()
    const listening = cli.start('listen', '--forward-to', server.url)
    await listening.says('Moved here meanwhile')
    expect(await standing()).toEqual({ receive: 'tract:stream active', assigned: 'tract:stream active' })
    await write('asha', 'one')
    await until(() => texts(heard, 'asha').length === 1)
    expect((await listening.interrupt()).stderr).toMatch(/Moved back/)
    expect(await standing()).toEqual(before)
    await write('asha', 'two')
    await production.waitFor(({ body }) => body.message_body?.text === 'two')
    expect(texts(heard, 'asha')).toEqual(['one'])
  })

  test('go back after the next run, where one was killed', async () => {
    const before = await standing()
    const { server } = await local()
    const killed = cli.start('listen', '--forward-to', server.url)
    await killed.says('Moved here meanwhile')
    await killed.kill()
    const next = cli.start('listen', '--forward-to', server.url)
    await next.says('Moved here meanwhile')
    await next.interrupt()
    expect(await standing()).toEqual(before)
  })
})

test('the newest of two for one listener stays, and the other one says so', async () => {
  const { heard, server } = await local()
  const older = cli.start('listen', '--forward-to', 'http://127.0.0.1:9', '--events', 'message.receive')
  await older.says('Listening')
  const newer = cli.start('listen', '--forward-to', server.url, '--events', 'message.receive')
  await newer.says('Listening')
  const ended = await older.end()
  expect([ended.exit, ended.stderr]).toEqual([1, expect.stringMatching(/has taken over/)])
  await write('asha', 'one')
  await until(() => texts(heard, 'asha').length === 1)
  await newer.interrupt()
})

test('goes on when its token has expired', async () => {
  // long enough for what a slow machine does with one token, before it is waited for
  const brief = await TestService.start({ environment: { TRACT_TOKEN_TTL: '15' } })
  closing.push(brief)
  const { listeners } = await brief.world({ desk: 'ect', md: 'md' })
  await cli.profiles(brief.url, { desk: listeners.desk.credentials })
  const { heard, server } = await local()
  const listening = cli.start('listen', '--forward-to', server.url, '--events', 'message.receive')
  await listening.says('Listening')
  // got later than the one that it began with
  const token = await brief.login(listeners.md.credentials)
  await until(async () => (await token.get('/tract/hooks/list/')).status === 401)
  await write('asha', 'one', await brief.login(listeners.md.credentials))
  await until(() => texts(heard, 'asha').length === 1)
  expect((await listening.interrupt()).exit).toBe(0)
})

test('shows of each delivery its id, and what it says', async () => {
  const { server } = await local()
  const listening = cli.start('listen', '--forward-to', server.url, '--events', 'message.receive')
  await listening.says('Listening')
  await write('asha', `My bill is \u001b[31mwrong\u0007 ${'again '.repeat(40)}`)
  await listening.says('My bill')
  const [line = ''] = listening.stdout.split('\n')
  const [{ id }] = await deliveries()
  expect(line).toContain(`200`)
  expect(line).toContain(id)
  expect(line).toContain('ceu: My bill is \\u001b[31mwrong\\u0007 again')
  expect(line).toMatch(/…$/)
  expect((await cli.run('deliveries', 'get', id)).exit).toBe(0)
  await listening.interrupt()
})

test('waits for a service that is not there yet, says so, and may be interrupted', async () => {
  const gateway = await Gateway.before(service.url)
  closing.push(gateway)
  gateway.answer = () => ({ status: 502 })
  await cli.profiles(gateway.url, { desk: desk.credentials })
  const { heard, server } = await local()
  const listen = ['listen', '--forward-to', server.url, '--events', 'message.receive']
  const waiting = cli.start(...listen)
  await waiting.says('The service is not there')
  await waiting.says('trying on')
  expect((await waiting.interrupt()).exit).toBe(0)
  const listening = cli.start(...listen)
  await listening.says('The service is not there')
  gateway.answer = () => undefined
  await listening.says('The service is there')
  await listening.says('Listening')
  await write('asha', 'one')
  await until(() => texts(heard, 'asha').length === 1)
  expect((await listening.interrupt()).exit).toBe(0)

  // where nothing listens at all
  await cli.profiles('http://127.0.0.1:9', { desk: desk.credentials })
  for (const args of [listen, ['tail']]) {
    const down = cli.start(...args)
    await down.says(args[0] === 'tail' ? 'The connection is lost' : 'The service is not there')
    expect((await down.interrupt()).exit).toBe(0)
  }
})

test('a client that may not have hooks is told which scope it lacks', async () => {
  const admin = await service.admin()
  const body = { organisation_id: (await ok(admin.get('/platform/organisations/'))).organisations[0].id }
  const created = await ok(
    admin.post('/platform/clients/', { ...body, listener_id: 'desk', name: 'x', scopes: ['deliveries'] }),
  )
  const env = {
    ...{
      TRACT_URL: service.url,
      TRACT_CLIENT_ID: created.client.client_id,
      TRACT_CLIENT_SECRET: created.client_secret,
    },
  }
  const ended = await cli.runWith({ env }, 'listen', '--forward-to', 'http://127.0.0.1:9')
  expect([ended.exit, ended.stderr]).toEqual([1, expect.stringMatching(/scope hooks[\s\S]+--profile/)])
})

test('a service that is killed and started again goes on where it was', async () => {
  const process = await ServiceProcess.create()
  closing.push(process)
  await process.start()
  const { listeners } = await process.demo()
  await cli.profiles(process.url, { desk: listeners.desk, iva: listeners.iva, md: listeners.message_delivery })
  const { heard, server } = await local()
  const listening = cli.start('listen', '--forward-to', server.url, '--events', 'message.receive')
  await listening.says('Listening')
  const say = (text: string) => cli.run('trigger', 'message.receive', '--user', 'asha', '--text', text, '-p', 'md')
  await say('one')
  expect((await cli.run('thread', 'pass', 'asha', 'desk', '-p', 'iva')).exit).toBe(0)
  await say('two')
  await until(() => texts(heard, 'asha').includes('two'))
  await process.kill()
  await listening.says('The connection is lost')
  await process.start()
  await listening.says('The connection is back')
  await say('three')
  await until(() => texts(heard, 'asha').includes('three'))
  expect(texts(heard, 'asha').slice(-2)).toEqual(['two', 'three'])
  await listening.interrupt()
})
