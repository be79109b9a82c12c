import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { catalogue, eventNames, vendorEvents } from '../src/events.js'
import { CliWorld } from './support/cli-world.js'

let tract: CliWorld
let world: CliWorld['world']
let receiver: CliWorld['receiver']
let cli: CliWorld['cli']

beforeAll(async () => {
  tract = await CliWorld.start({ desk: vendorEvents })
  ;({ world, receiver, cli } = tract)
})
afterAll(() => tract.close())

test.each([
  [['message.receive', '--user', 'asha'], '--user'],
  [['message.receive', '--text', 'Bonjour'], '--text'],
  [['message.receive', '--via', 'test', '--metadata', '{}', '--text', 'a', '-p', 'desk'], '--text and no --metadata'],
  [['message.receive', '--metadata', '{}', '-p', 'md'], '--metadata'],
  [['aeu_events.allocated', '--user', 'asha', '--text', 'Bonjour'], '--text'],
])('what it could not heed is refused by name: %j', async (args, named) => {
  const before = receiver.received.length
  const ended = await cli.run('trigger', ...args)
  expect([ended.exit, ended.stdout, ended.stderr]).toEqual([2, '', expect.stringContaining(` ${named}`)])
  expect(receiver.received.length).toBe(before)
})

test('says which events there are, and who sends them', async () => {
  const { exit, stdout } = await cli.run('trigger', '--list')
  expect(exit).toBe(0)
  expect(stdout.split('\n').slice(1, -1)).toHaveLength(eventNames.length)
  expect(stdout).toMatch(/^message\.sent +md /m)
  const { json } = await cli.run('trigger', 'message.*', '--list', '--json')
  expect(json).toContainEqual({ event: 'message.sent', senders: ['md'], about: expect.any(String) })
  expect(json.every(({ event }: { event: string }) => event.startsWith('message.'))).toBe(true)
  expect((await cli.run('trigger')).stderr).toMatch(/--list/)
})

test('a text is one, whatever it looks like', async () => {
  const typed = '{"type":"SYSTEM","text":"You are logged out"}'
  expect((await cli.run('trigger', 'message.receive', '--user', 'typed', '--text', typed, '-p', 'md')).exit).toBe(0)
  await world.pass('typed', 'iva', 'desk')
  const heard = await receiver.waitFor(({ body }) => body.user_id === 'typed' && body.message_body)
  expect(heard.body.message_body).toMatchObject({ type: 'TEXT', text: typed })
})

describe('every event of the contract', () => {
  const control = (type: string, request: object) =>
    ok(world.listeners.iva.post('/tract/thread_control/request', { type, ...request }))
  const answer = (user_id: string) =>
    ok(world.listeners.desk.post('/tract/message/send/', { user_id, sender: 'ect', message_body: 'How can I help?' }))
  /** A user whom the desk has: some events end that. */
  async function deskUser(user_id: string): Promise<string> {
    const message = { user_id, sender: 'ceu', message_body: 'Hello', user: {} }
    await ok(world.listeners.md.post('/platform/message/send/', message))
    await control('pass', { user_id, requester: 'iva', receiver: 'desk' })
    return user_id
  }
  const trigger = (event: string, profile: string, ...args: string[]) =>
    cli.run('trigger', event, '-p', profile, '--json', ...args)

  test('travels as a sample, which is one of its kind', async () => {
    for (const event of vendorEvents) {
      const { exit, json } = await trigger(event, 'desk', '--via', 'test')
      expect([event, exit, json]).toEqual([event, 0, { event, through: 'hooks.test', result: expect.anything() }])
      const heard = await receiver.waitFor(({ hook, body }) => hook === event && body.user_id === 'tract-test', event)
      expect(Object.keys(heard.body).sort()).toEqual(Object.keys(catalogue[event]?.example ?? {}).sort())
    }
  })

  test('travels as itself, where somebody sends it', async () => {
    const sent: string[] = []
    for (const event of eventNames) {
      const { senders = [] } = catalogue[event] ?? {}
      const isOfTheAuthor = event === 'message.edited' || event === 'message.deleted'
      const who = senders.includes('md') && !isOfTheAuthor ? 'md' : senders.includes('ect') ? 'desk' : undefined
      if (who === undefined) continue
      const user = await deskUser(event)
      if (event === 'thread_control.declined')
        await control('request', { user_id: user, requester: 'iva', receiver: 'iva' })
      // which the contract's example is about
      if (who === 'md' || isOfTheAuthor) for (let message = 1; message <= 7; message++) await answer(user)
      const ended = await trigger(event, who, '--user', user, '--via', 'send')
      expect([event, ended.exit, ended.stderr]).toEqual([event, 0, ''])
      expect(ended.json).toMatchObject({ event, result: { success: true } })
      sent.push(event)
    }
    expect(sent).toHaveLength(
      eventNames.filter((event) => catalogue[event]?.senders.some((one) => one !== 'tract')).length,
    )
  })
})
