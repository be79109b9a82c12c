/** What a person does with a user's thread: pass and offer it, write, send files, and read what was said. */
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CliWorld } from './support/cli-world.js'

let tract: CliWorld
let world: CliWorld['world']
let receiver: CliWorld['receiver']
let cli: CliWorld['cli']

beforeAll(async () => {
  tract = await CliWorld.start({
    desk: ['message.receive', 'thread_control.offered'],
    iva: ['message.receive', 'thread_control.declined'],
    md: ['message.receive'],
  })
  ;({ world, receiver, cli } = tract)
})
afterAll(() => tract.close())

const write = (user_id: string, message_body = 'Hello') => world.write(user_id, message_body)
const deskUser = (user: string) => tract.deskUser(user)

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
    // the next conversation, and its only message
    await write(user_id, 'Again')
    expect((await cli.run('transcript', user_id, '--conversation', '2')).stdout).toMatch(
      /^\S+ \S+ {2}#3 ceu \(md\): Again\n$/,
    )
    const numbers = async (...limit: string[]) =>
      (await cli.run('transcript', user_id, '--json', ...limit)).json.map(
        (one: { message_id: number }) => one.message_id,
      )
    expect([await numbers(), await numbers('--limit', '2')]).toEqual([
      [1, 2, 3],
      [2, 3],
    ])
    const unknown = await cli.run('transcript', 'no-such-user')
    expect([unknown.exit, unknown.stderr]).toEqual([1, expect.stringMatching(/\(user_not_found/)])
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
  expect((await cli.run('transcript', user_id)).stdout).toMatch(/desk\): See the note \[note\.txt\] \[note\.txt\]\n/)
  for (const path of [join(cli.folder, 'missing'), cli.folder]) {
    const refused = await cli.run('attach', path)
    expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining(path)])
    expect((await cli.run('send', user_id, 'Not sent', '--attach', path)).exit).toBe(2)
  }
  const said = (await cli.run('transcript', user_id, '--json')).json
  expect(said.map(({ message_id }: { message_id: number }) => message_id)).toEqual([1, 2])
})

describe('threads and messages', () => {
  test('are passed, requested, and answered by who is in control', async () => {
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
    expect((await cli.run('send', user, 'Hello', '--sender', 'ceu', '--conversation', '1', '-p', 'md')).exit).toBe(0)
    for (const named of [
      ['thread', 'pass', user, 'default'],
      ['send', user, 'Hello', '--sender', 'ceu', '-p', 'md'],
    ]) {
      const notThere = await cli.run(...named, '--conversation', '7')
      expect([notThere.exit, notThere.stderr]).toEqual([1, expect.stringMatching(/Conversation 7 is not there/)])
    }
    for (const [option, wrong, said] of [
      ['--custom', '[7]', /JSON object/],
      ['--priority', 'highest', /low, normal, high, urgent/],
    ] as const) {
      const refused = await cli.run('thread', 'request', user, '-p', 'iva', option, wrong)
      expect([refused.exit, refused.stderr]).toEqual([2, expect.stringMatching(said)])
    }
  })

  test('are offered, and the offer accepted, declined or withdrawn', async () => {
    const user = `offer-${randomUUID()}`
    await write(user)
    const owner = async () => {
      const list = (await cli.run('thread', 'listeners', user, '--json')).json
      return list.find(({ active }: { active: boolean }) => active).id
    }
    const offered = await cli.run(
      'thread',
      'offer',
      user,
      'desk',
      '-p',
      'iva',
      '--expires-in',
      '600',
      '--team',
      'cards',
    )
    expect([offered.exit, offered.stdout]).toEqual([
      0,
      expect.stringMatching(/^owner +iva\nepoch +1\nstatus +pending\nasked +desk\noffer +1\nexpires +20\S+Z\n$/),
    ])
    const heard = await receiver.waitFor(({ hook, body }) => hook === 'thread_control.offered' && body.user_id === user)
    expect(JSON.parse(heard.body.metadata)).toMatchObject({ offer_number: 1, context: { team: 'cards' } })
    const declined = await cli.run('thread', 'decline', user, '--reason', 'at lunch', '--offer', '1')
    expect([declined.exit, declined.stdout]).toEqual([0, 'declined\n'])
    const told = await receiver.waitFor(({ hook, body }) => hook === 'thread_control.declined' && body.user_id === user)
    expect(JSON.parse(told.body.metadata)).toMatchObject({ offer_number: 1, reason: 'at lunch' })

    const again = await cli.run('thread', 'offer', user, 'desk', '--to', 'desk, md', '-p', 'iva', '--json')
    expect(again.json).toMatchObject({ success: true, status: 'pending', offer: { offer_number: 2, to: 'desk' } })
    expect((await cli.run('thread', 'withdraw', user, '-p', 'iva')).stdout).toBe('withdrawn\n')
    const late = await cli.run('thread', 'accept', user)
    expect([late.exit, late.stderr]).toEqual([1, expect.stringMatching(/not asked for control[\s\S]*\(no_offer/)])
    expect(await owner()).toBe('iva')

    await cli.run('thread', 'offer', user, 'desk', '-p', 'iva')
    const another = await cli.run('thread', 'accept', user, '--offer', '2')
    expect([another.exit, await owner()]).toEqual([1, 'iva'])
    expect((await cli.run('thread', 'accept', user, '--offer', '3', '--json')).json).toMatchObject({ success: true })
    expect(await owner()).toBe('desk')
    const notMine = await cli.run('thread', 'offer', user, 'desk', '-p', 'iva')
    expect([notMine.exit, notMine.stdout]).toEqual([0, expect.stringMatching(/^owner +desk/)]) // it was accepted already
    const wrong = await cli.run('thread', 'offer', user, 'desk', '-p', 'iva', '--expires-in', '0')
    expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringMatching(/whole number above 0/)])
  })

  test('a desk says that it is closed, and a pass to it is refused unless the user may wait', async () => {
    const user = 'ravi'
    await write(user)
    const said = await cli.run('availability', 'set', 'closed', '--for', '600', '--team', 'billing')
    expect(said.stdout).toMatch(/listener +desk\nteam +billing\nstatus +closed\nuntil +2/)
    await cli.run('availability', 'set', 'closed', '--waiting', '3', '--wait', '60')
    const shown = await cli.run('availability', 'get', 'desk')
    expect(shown.stdout).toMatch(/desk +- +closed +3 +- +2.+\ndesk +billing +closed/)
    expect((await cli.run('thread', 'listeners', user)).stdout).toMatch(/desk .+ closed\n/)
    const refused = await cli.run('thread', 'pass', user, 'desk', '-p', 'iva')
    expect([refused.exit, refused.stdout]).toEqual([1, expect.stringMatching(/^refused: .+\(receiver_closed\)/)])
    expect((await cli.run('thread', 'pass', user, 'desk', '--wait', '-p', 'iva')).stdout).toMatch(/owner +desk/)
    const wrong = await cli.run('availability', 'set', 'asleep')
    expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringMatching(/open, busy, closed/)])
    expect((await cli.run('availability', 'set', 'open', '--json')).json).toMatchObject({ status: 'open' })
    const until = '2099-12-01T09:00:00.000Z'
    const full = await cli.run('availability', 'set', 'closed', '--capacity', '0', '--reopens', until)
    expect(full.stdout).toMatch(/status +closed\nreopens at +2099-12-01T09:00:00.000Z/)
    expect((await cli.run('availability', 'get', '--team', 'billing', '--json')).json).toContainEqual(
      expect.objectContaining({ receiver: 'desk', team: 'billing', status: 'closed' }),
    )
    for (const [option, value, exit, words] of [
      ['--reopens', 'tomorrow', 1, /reopens_at/],
      ['--for', '604801', 1, /valid_for_seconds/],
      ['--waiting', 'many', 2, /whole number/],
    ] as const) {
      const refused = await cli.run('availability', 'set', 'closed', option, value)
      expect([option, refused.exit, refused.stderr]).toEqual([option, exit, expect.stringMatching(words)])
    }
    await cli.run('availability', 'set', 'open')
    const none = await cli.run('availability', 'get', 'nobody')
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
