import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { Cli } from './support/cli.js'

let service: TestService
let world: World<'iva' | 'desk' | 'md'>
let receiver: Receiver
let cli: Cli

beforeAll(async () => {
  service = await TestService.start()
  world = await service.world({ desk: 'ect', iva: 'iva', md: 'md' })
  receiver = await Receiver.start()
  cli = await Cli.create()
  const { desk, iva, md } = world.listeners
  await cli.profiles(service.url, { desk: desk.credentials, iva: iva.credentials, md: md.credentials })
  await receiver.hear(desk, 'message.receive')
  await receiver.hear(iva, 'message.receive')
  await receiver.hear(md, 'message.receive')
})
afterAll(async () => {
  await cli.close()
  await receiver.close()
  await service.close()
})

const write = (user_id: string, message_body = 'Hello') => world.write(user_id, message_body)
/** A user whom the desk has. */
async function deskUser(user: string): Promise<string> {
  await write(user)
  await world.pass(user, 'iva', 'desk')
  return user
}

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

  test('at an address that TRACT does not call are refused, with a way out', async () => {
    const ended = await cli.run('hooks', 'register', 'message.sent', '--to', 'https://10.0.0.1/')
    expect([ended.exit, ended.stderr]).toEqual([1, expect.stringMatching(/private.+\n[\s\S]*tract listen/)])
  })
})

describe('conversations', () => {
  test('are listed and shown with what came of them, and what was said in them', async () => {
    const user_id = await deskUser('nisha')
    const { desk, md } = world.listeners
    const said = { user_id, sender: 'aeu', message_body: 'Paid back\u001b[31m', agent: { id: 'a-17', name: 'Ravi' } }
    const { message_id } = (await desk.post('/tract/message/send/', said)).body
    const read = JSON.stringify({ message_id })
    await md.post('/platform/event/send/', { user_id, type: 'message', subtype: 'read', metadata: read })
    const metadata = JSON.stringify({ reason: 'resolved', note: 'Paid back', tags: ['billing', 'vip'] })
    await desk.post('/tract/event/send', { user_id, type: 'conversation_state', subtype: 'complete', metadata })
    const rating = JSON.stringify({ score: 4, comment: 'Quick' })
    await md.post('/platform/event/send/', { user_id, type: 'user_events', subtype: 'feedback', metadata: rating })

    const list = await cli.run('conversations', 'list', user_id)
    expect(list.stdout).toMatch(/^1 +20\S+Z +20\S+Z +iva, desk +resolved +4 of 5$/m)
    const one = await cli.run('conversations', 'get', user_id, '1')
    for (const line of [/note +Paid back/, /tags +billing, vip/, /comment +Quick/, /^desk +20/m])
      expect(one.stdout).toMatch(line)
    expect((await cli.run('conversations', 'get', user_id, '2')).exit).toBe(1)

    const transcript = await cli.run('transcript', user_id)
    expect(transcript.stdout).toMatch(/#1 ceu \(md\): Hello\n.*#2 Ravi \(desk\): Paid back\\u001b\[31m +read/)
    const last = await cli.run('transcript', user_id, '--conversation', '1', '--limit', '1', '--json')
    expect(last.json).toMatchObject([{ message_id: 2, agent: { name: 'Ravi' } }])
  })
})

test('a message is edited and deleted by who sent it', async () => {
  const user_id = await deskUser('edits')
  await cli.run('send', user_id, 'On Thursday')
  expect((await cli.run('message', 'edit', user_id, '2', 'On Friday', '--conversation', '1')).stdout).toBe('edited\n')
  expect((await cli.run('transcript', user_id)).stdout).toMatch(/#2 ect \(desk\): On Friday {2}edited$/m)
  expect((await cli.run('message', 'delete', user_id, '2', '--reason', 'Wrong', '--json')).json).toEqual({
    success: true,
  })
  expect((await cli.run('transcript', user_id)).stdout).toMatch(/#2 ect \(desk\): .*deleted$/m)
  const foreign = await cli.run('message', 'delete', user_id, '1')
  expect([foreign.exit, foreign.stderr]).toEqual([1, expect.stringMatching(/sent by another listener/)])
  expect((await cli.run('message', 'edit', user_id, 'two', 'x')).exit).toBe(2)
})

test('files are uploaded, and sent with a message', async () => {
  const user_id = await deskUser('files')
  const file = join(cli.folder, 'note.txt')
  await writeFile(file, 'Please read this.')
  const kept = await cli.run('attach', file, '--json')
  expect(kept.json).toMatchObject({ name: 'note.txt', size: 17, url: expect.stringContaining(kept.json.id) })
  expect((await cli.run('attach', file)).stdout).toMatch(/id +\S+\nname +note\.txt\n[\s\S]*url +http/)
  const sent = await cli.run('send', user_id, 'See the note', '--attach', file, file, '--json')
  expect(sent.exit).toBe(0)
  const { messages } = (await world.listeners.desk.post('/tract/messages/list/', { user_id })).body
  expect(messages.at(-1).attachments).toMatchObject([{ name: 'note.txt' }, { name: 'note.txt' }])
  for (const path of [join(cli.folder, 'missing'), cli.folder]) {
    const refused = await cli.run('attach', path)
    expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining(path)])
  }
})

test('whoami says which listener the client is, and what it has to live with', async () => {
  const said = await cli.run('whoami')
  expect(said.stdout).toMatch(/listener +desk\n[\s\S]*unreachable_after +60\n[\s\S]*tried again after +0.25, 1, 2, /)
  expect((await cli.run('whoami', '-p', 'iva', '--json')).json).toMatchObject({ listener: 'iva', kind: 'iva' })
})

describe('threads and messages', () => {
  test('are passed, requested, and answered by whoever is in control', async () => {
    const user = 'asha'
    await write(user)
    const refused = await cli.run('send', user, 'How can I help?')
    expect([refused.exit, refused.stderr]).toEqual([1, expect.stringMatching(/tract thread listeners/)])
    expect((await cli.run('thread', 'pass', user, 'desk', '-p', 'iva')).stdout).toMatch(/owner +desk/)
    const list = await cli.run('thread', 'listeners', user, '--json')
    expect(list.json.filter((one: { active: boolean }) => one.active)).toMatchObject([{ id: 'desk' }])
    expect((await cli.run('send', user, 'How can I help?', '--json')).json).toMatchObject({ message_id: 2 })
    const asked = await cli.run('thread', 'request', user, '-p', 'iva', '--json')
    expect([asked.exit, asked.json]).toEqual([0, expect.objectContaining({ success: true, status: 'pending' })])
    expect((await cli.run('thread', 'take', user, '-p', 'iva')).stdout).toMatch(/owner +iva/)
    const taken = await cli.run('thread', 'take', user)
    expect([taken.exit, taken.stdout]).toEqual([1, expect.stringMatching(/^refused: .+\(not_primary\)/)])
    await cli.run('thread', 'pass', user, 'desk', '-p', 'iva')
    const wrong = await cli.run('thread', 'take', user, '--from', 'md', '-p', 'iva', '--json')
    expect([wrong.exit, wrong.json.reason.code]).toEqual([1, expect.any(String)])
  })

  test('are passed with what there is to know of the case', async () => {
    const user = `context-${randomUUID()}`
    await write(user)
    const of = [
      '--reason',
      'billing',
      '--team',
      'payments',
      '--skill',
      'refunds',
      '--skill',
      'english',
      '--priority',
      'high',
    ]
    const more = ['--summary', 'A charge that Asha does not know.', '--language', 'en-IN', '--custom', '{"case": 7}']
    const given = await cli.run('thread', 'pass', user, 'desk', '-p', 'iva', ...of, ...more)
    expect(given.exit).toBe(0)
    const list = (await cli.run('thread', 'listeners', user, '--json')).json
    expect(list.find(({ id }: { id: string }) => id === 'desk').context).toEqual({
      reason: 'billing',
      summary: 'A charge that Asha does not know.',
      team: 'payments',
      skills: ['refunds', 'english'],
      priority: 'high',
      language: 'en-IN',
      custom: { case: 7 },
    })
    expect((await cli.run('thread', 'listeners', user)).stdout).toMatch(/'desk' was told:\nreason +billing/)
    expect((await cli.run('send', user, 'Hello', '--conversation', '1')).exit).toBe(0)
    const over = await cli.run('thread', 'pass', user, 'default', '--conversation', '7')
    expect([over.exit, over.stderr]).toEqual([1, expect.stringMatching(/Conversation 7 is not there/)])
    const wrongSender = await cli.run('send', user, 'Hello', '--sender', 'ceu', '--conversation', '1', '-p', 'md')
    expect([wrongSender.exit, wrongSender.stderr]).toEqual([2, expect.stringMatching(/leave --conversation out/)])
    for (const [option, wrong, said] of [
      ['--custom', '[7]', /JSON object/],
      ['--priority', 'highest', /low, normal, high, urgent/],
    ] as const) {
      const refused = await cli.run('thread', 'request', user, '-p', 'iva', option, wrong)
      expect([refused.exit, refused.stderr]).toEqual([2, expect.stringMatching(said)])
    }
  })

  test('a desk says that it is closed, and a pass to it is refused unless the user may wait', async () => {
    const user = 'ravi'
    await write(user)
    const said = await cli.run('availability', 'set', 'closed', '--for', '600', '--team', 'billing')
    expect(said.stdout).toMatch(/listener +desk\nteam +billing\nstatus +closed\nuntil +2/)
    await cli.run('availability', 'set', 'closed', '--waiting', '3', '--wait', '60')
    const shown = await cli.run('availability', 'show', 'desk')
    expect(shown.stdout).toMatch(/desk +- +closed +3 +- +2.+\ndesk +billing +closed/)
    expect((await cli.run('thread', 'listeners', user)).stdout).toMatch(/desk .+ closed\n/)
    const refused = await cli.run('thread', 'pass', user, 'desk', '-p', 'iva')
    expect([refused.exit, refused.stdout]).toEqual([1, expect.stringMatching(/^refused: .+\(receiver_closed\)/)])
    expect((await cli.run('thread', 'pass', user, 'desk', '--wait', '-p', 'iva')).stdout).toMatch(/owner +desk/)
    const wrong = await cli.run('availability', 'set', 'asleep')
    expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringMatching(/open, busy, closed/)])
    expect((await cli.run('availability', 'set', 'open', '--json')).json).toMatchObject({ status: 'open' })
    const none = await cli.run('availability', 'show', 'nobody')
    expect([none.exit, none.stderr]).toEqual([1, expect.stringMatching(/no such listener/)])
  })

  test.each([
    ['{"order": 12}', [], { type: 'TEXT', text: '{"order": 12}' }],
    ['["a", 1]', [], { type: 'TEXT', text: '["a", 1]' }],
    ['null', [], { type: 'TEXT', text: 'null' }],
    ['{"type": 7}', [], { type: 'TEXT', text: '{"type": 7}' }],
    ['{"type": "broken"', [], { type: 'TEXT', text: '{"type": "broken"' }],
    ['{"type":"SYSTEM","text":"x"}', ['--text'], { type: 'TEXT', text: '{"type":"SYSTEM","text":"x"}' }],
    ['{"type":"TEXT","text":"Hi","data":{"quick_replies":[]}}', [], { type: 'TEXT', text: 'Hi' }],
  ])('%s with %j is sent as what it is, by an agent and by the platform', async (typed, options, message_body) => {
    const user = await deskUser(`typed-${randomUUID()}`)
    receiver.received.length = 0
    expect((await cli.run('send', user, typed, ...options)).exit).toBe(0)
    expect((await cli.run('send', user, typed, '--sender', 'ceu', '-p', 'md', ...options)).exit).toBe(0)
    for (const sender of ['ect', 'ceu']) {
      const isIt = (body: { user_id: string; sender: string; message_body?: { text: string } }) =>
        body.user_id === user && body.sender === sender && body.message_body?.text === message_body.text
      const heard = await receiver.waitFor(({ body }) => isIt(body))
      expect(heard.body.message_body).toMatchObject(message_body)
    }
  })

  test('of the platform are sent in its name', async () => {
    expect((await cli.run('send', 'bela', 'Hello', '--sender', 'ceu', '-p', 'md', '--json')).json.message_id).toBe(1)
    const ended = await cli.run('send', 'bela', 'Hello', '--sender', 'ceu')
    expect([ended.exit, ended.stderr]).toEqual([1, expect.stringMatching(/--profile/)])
  })
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
    expect((await cli.run('deliveries', 'replay')).exit).toBe(2)
    expect((await list('--event', 'message.receive', '--limit', '2')).length).toBe(2)
    expect(await list('--until', '1d')).toEqual([])
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
    const { credentials } = (await service.world({ desk: 'ect' })).listeners.desk
    const env = {
      TRACT_URL: service.url,
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
