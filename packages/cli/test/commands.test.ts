import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { Webhook } from 'standardwebhooks'
import { CliWorld } from './support/cli-world.js'
import { Gateway } from './support/gateway.js'

let tract: CliWorld
let world: CliWorld['world']
let receiver: CliWorld['receiver']
let cli: CliWorld['cli']

beforeAll(async () => {
  tract = await CliWorld.start({ desk: ['message.receive'], iva: ['message.receive'], md: ['message.receive'] })
  ;({ world, receiver, cli } = tract)
})
afterAll(() => tract.close())

const write = (user_id: string, message_body = 'Hello') => world.write(user_id, message_body)
const deskUser = (user: string) => tract.deskUser(user)

describe('hooks', () => {
  test('are registered, listed, paused, rotated, tested and removed', async () => {
    const to = `${receiver.url}/message.read`
    const registered = await cli.run('hooks', 'register', 'message/read', 'message.sent', '--to', to, '--json')
    expect(registered.json).toMatchObject([
      { subcategory: 'read', signing_secret: expect.stringMatching(/^whsec_/) },
      { subcategory: 'sent', url: to },
    ])
    expect((await cli.run('hooks', 'list')).stdout).toMatch(/message\.read +active +http/)
    const disabled = await cli.run('hooks', 'disable', 'message.read', '--reason', 'a pause')
    expect(disabled.stdout).toMatch(/message\.read +disabled: a pause/)
    expect((await cli.run('hooks', 'enable', registered.json[0].id)).stdout).toMatch(/message\.read +active/)
    const rotated = await cli.run('hooks', 'rotate-secret', 'message.read', '--json')
    expect(rotated.json.signing_secret).not.toBe(registered.json[0].signing_secret)
    const tested = await cli.run('hooks', 'test', 'message.read')
    expect([tested.exit, tested.stdout]).toEqual([0, expect.stringMatching(/acknowledged +yes/)])
    receiver.answer = ({ hook }) => (hook === 'message.read' ? { status: 500 } : {})
    expect((await cli.run('hooks', 'test', 'message.read', '--json')).exit).toBe(1)
    const removed = await cli.run('hooks', 'unregister', 'message.read', 'message.sent')
    expect(removed.stdout).toMatch(/message\.read +removed/)
    const missing = await cli.run('hooks', 'enable', 'mesage.receive')
    expect([missing.exit, missing.stderr]).toEqual([2, expect.stringMatching(/Did you mean message.receive\?/)])
  })

  test('that are new share a secret, which is shown though one of them fails; the rest can get the same', async () => {
    const gateway = await Gateway.before(tract.service.url)
    let calls = 0
    gateway.answer = (path) =>
      path === '/tract/hooks/register/' && ++calls === 3
        ? { status: 400, body: '{"error":"no","code":"no"}' }
        : undefined
    const { credentials } = world.listeners.desk
    const env = {
      TRACT_URL: gateway.url,
      TRACT_CLIENT_ID: credentials.client_id,
      TRACT_CLIENT_SECRET: credentials.client_secret,
    }
    const to = ['--to', `${receiver.url}/shared`]
    const events = ['message.receive', 'aeu_events.received', 'aeu_events.allocated', 'aeu_events.user_timeout']
    const ended = await cli.runWith({ env }, 'hooks', 'register', ...events, ...to)
    expect(ended.exit).toBe(1)
    expect(ended.stderr).toMatch(/Not registered: aeu_events.allocated, aeu_events.user_timeout\..+\nerror: no/)
    expect(ended.stdout).toMatch(/message\.receive .+\(as before\)\naeu_events\.received .+ whsec_\S+\n$/)
    const [secret = ''] = /whsec_\S+/.exec(ended.stdout) ?? []
    const rest = ['hooks', 'register', 'aeu_events.*', ...to, '--json']
    const again = await cli.runWith({ env, input: `${secret}\n` }, ...rest, '--secret-stdin')
    expect(again.json.map((hook: { signing_secret?: string }) => hook.signing_secret)).toContain(secret)
    for (const name of events.slice(1)) {
      expect((await cli.run('hooks', 'test', name)).exit).toBe(0)
      const { text, headers } = receiver.received.at(-1) ?? { text: '', headers: {} }
      new Webhook(secret).verify(text, headers as Record<string, string>)
    }
    expect((await cli.run('hooks', 'unregister', ...events.slice(1))).exit).toBe(0)
    expect((await cli.run('hooks', 'register', events[0] ?? '', '--to', `${receiver.url}/message.receive`)).exit).toBe(
      0,
    )
    await gateway.close()
  })

  test('at an address that TRACT does not call are refused, with a way out', async () => {
    const ended = await cli.run('hooks', 'register', 'message.sent', '--to', 'https://10.0.0.1/')
    expect([ended.exit, ended.stderr]).toEqual([1, expect.stringMatching(/private.+\n[\s\S]*tract listen/)])
  })
})

test('whoami says which listener the client is, and what it has to live with', async () => {
  const said = await cli.run('whoami')
  expect(said.stdout).toMatch(/listener +desk\n[\s\S]*unreachable_after +60\n[\s\S]*tried again after +0.25, 1, 2, /)
  expect((await cli.run('whoami', '-p', 'iva', '--json')).json).toMatchObject({ listener: 'iva', kind: 'iva' })
})

describe('deliveries', () => {
  const list = async (...args: string[]) => (await cli.run('deliveries', 'list', '--json', ...args)).json

  test('are listed, shown, retried, skipped and replayed', async () => {
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '60' } })
    const user = await deskUser('chad')
    await write(user, 'two')
    const pending = await until(async () => {
      const [last, ...rest] = (await list('--user', user, '--state', 'pending')).toReversed()
      return last?.attempts > 0 && rest.length > 0 ? [last, ...rest] : null
    })
    const [head, next] = pending
    const shown = await cli.run('deliveries', 'get', head.id)
    expect(shown.stdout).toMatch(/state +pending[\s\S]+ATTEMPT[\s\S]+503 +status_5xx/)
    expect((await cli.run('deliveries', 'get', next.id)).stdout).toContain(`its turn behind 1 (${head.id})`)
    expect(
      (await list('--user', user, '--status', '503', '--attempts', '1')).map(({ id }: { id: string }) => id),
    ).toEqual([head.id])
    const meant = await cli.run('deliveries', 'skip-many', '--user', user, '--status', '503', '--dry-run')
    expect(meant.stdout).toMatch(new RegExp(`${head.id}\\n1 are meant\\.`))
    expect((await cli.run('deliveries', 'retry-many', '--error', 'timeout')).stdout).toBe('Done to 0 of 0.\n')
    expect((await cli.run('deliveries', 'retry', next.id)).stderr).toMatch(/--state pending/)
    expect((await cli.run('deliveries', 'skip', head.id, '--json')).json.state).toBe('cancelled')
    receiver.answer = () => ({})
    await until(
      async () =>
        (await cli.run('deliveries', 'retry', next.id)).exit === 0 || (await list('--state', 'pending')).length === 0,
    )
    await until(async () => (await list('--user', user, '--state', 'pending')).length === 0)
    const replayed = await cli.run('deliveries', 'replay', head.id, '--json')
    expect(replayed.json.replayed).toBe(1)
    await receiver.waitFor(({ headers }) => headers['tract-replay'] === 'true')
    expect((await cli.run('deliveries', 'replay', '--state', 'cancelled', '--since', '1h')).stdout).toMatch(
      /^1 sent again/,
    )
    const gradually = ['deliveries', 'replay', '--user', user, '--state', 'cancelled', '--rate', '1']
    expect((await cli.run(...gradually, '--dry-run')).stdout).toMatch(/\n1 would be sent again\./)
    expect((await cli.run(...gradually, '--json')).json).toMatchObject({ replayed: 1 })
    expect((await cli.run('deliveries', 'replay')).exit).toBe(2)
    expect((await list('--event', 'message.receive', '--limit', '2')).length).toBe(2)
    expect(await list('--until', '1d')).toEqual([])
  })

  test('and threads are found and taken out by an operator', async () => {
    const { admin } = tract.service.demo
    const env = {
      TRACT_URL: tract.service.url,
      TRACT_CLIENT_ID: admin.client_id,
      TRACT_CLIENT_SECRET: admin.client_secret,
    }
    const operate = (...args: string[]) => cli.runWith({ env }, ...args, '--organisation', world.organisation)
    const user = await deskUser('found')
    await write(user, '=1+1 and a walrus')
    const found = await until(async () => {
      const { stdout } = await operate('threads', 'list', '--search', 'Walrus')
      return stdout.includes('walrus') ? stdout : undefined
    }, 'that the message is read')
    expect(found).toMatch(/^USER .*\nfound +.*incomplete +desk /)
    expect((await operate('threads', 'export', '--user', 'fou')).stdout).toMatch(/^user_id,.*\r\nfound,/)
    expect((await operate('threads', 'transcript', user)).stdout).toContain(",'=1+1 and a walrus,")
    const lines = (await operate('deliveries', 'export', '--user', user, '--format', 'ndjson')).stdout
      .trimEnd()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line).user_id)).toEqual(lines.map(() => user))
    expect((await cli.run('threads', 'list')).exit).toBe(2)
  })

  test('the newest is named latest, wherever one is named', async () => {
    const user = await deskUser('newest')
    await until(async () => (await list('--state', 'pending')).length === 0)
    const [newest] = await list('--limit', '1')
    expect(newest.user_id).toBe(user)
    expect((await cli.run('deliveries', 'get', 'latest', '--json')).json.delivery.id).toBe(newest.id)
    expect((await cli.run('deliveries', 'get', 'latest')).stdout).toMatch(/body +\{.*newest/)
    expect((await cli.run('deliveries', 'skip', 'latest')).stderr).toMatch(/delivery_not_pending/)
    expect((await cli.run('deliveries', 'replay', 'latest', '--json')).json.replayed).toBe(1)
    const { credentials } = (await tract.service.world({ desk: 'ect' })).listeners.desk
    const env = {
      TRACT_URL: tract.service.url,
      TRACT_CLIENT_ID: credentials.client_id,
      TRACT_CLIENT_SECRET: credentials.client_secret,
    }
    const none = await cli.runWith({ env }, 'deliveries', 'get', 'latest')
    expect([none.exit, none.stderr]).toEqual([2, expect.stringMatching(/no delivery yet/)])
  })

  test('are shown as they come', async () => {
    const tail = cli.start('tail')
    await tail.says('Deliveries from now on')
    const user = await deskUser('dora')
    await tail.says(`${user} #1`)
    await tail.says('delivered')
    const ended = await tail.interrupt()
    expect([ended.exit, ended.stdout]).toEqual([0, expect.stringMatching(/delivered +message\.receive +dora #1/)])
  })
})

describe('an event that is triggered', () => {
  test('travels as a real message, where the client may send it', async () => {
    const ended = await cli.run(
      'trigger',
      'message.receive',
      '--user',
      'ezra',
      '--text',
      'Bonjour',
      '-p',
      'md',
      '--json',
    )
    expect(ended.json).toMatchObject({ through: 'platformMessages.send', result: { message_id: 1 } })
    await receiver.waitFor(({ body }) => body.user_id === 'ezra' && body.message_body.text === 'Bonjour')
  })

  test('is a sample to the hook alone, where it may not', async () => {
    const ended = await cli.run('trigger', 'message.receive', '--json')
    expect(ended.json).toMatchObject({ through: 'hooks.test', result: { acknowledged: true } })
    await receiver.waitFor(({ body }) => body.user_id === 'tract-test')
    const none = await cli.run('trigger', 'thread_control.assigned')
    expect([none.exit, none.stderr]).toEqual([2, expect.stringMatching(/hooks register thread_control.assigned/)])
    expect((await cli.run('trigger', 'message.receive', '--via', 'send')).stderr).toMatch(/scope platform:messages/)
  })

  test('is a real event, with the metadata of the contract’s example, where the thread is named', async () => {
    const user = await deskUser('femi')
    const ended = await cli.run('trigger', 'aeu_events.allocated', '--user', user, '--json')
    expect(ended.json).toMatchObject({ through: 'events.send', result: { success: true } })
    const own = await cli.run('trigger', 'thread_control.assigned', '--user', user, '--via', 'send')
    expect([own.exit, own.stderr]).toEqual([2, expect.stringMatching(/TRACT’s own/)])
  })
})

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('has a script for %s', async (shell) => {
    const ended = await cli.run('completion', shell)
    expect([ended.exit, ended.stdout]).toEqual([0, expect.stringContaining('tract completion words --')])
  })

  const words = async (...typed: string[]) => (await cli.run('completion', 'words', '--', ...typed)).stdout.split('\n')

  test('knows commands, events, options and profiles', async () => {
    expect(await words()).toEqual(expect.arrayContaining(['listen', 'doctor', '--json']))
    expect(await words()).not.toContain('words')
    expect(await words('hooks')).toEqual(expect.arrayContaining(['register', 'rotate-secret']))
    expect(await words('trigger')).toContain('message.receive')
    expect(await words('deliveries', 'list', '--state')).toEqual([
      'pending',
      'delivered',
      'undeliverable',
      'cancelled',
      '',
    ])
    expect(await words('hooks', 'list', '--profile')).toEqual(['desk', 'iva', 'md', ''])
  })
})
