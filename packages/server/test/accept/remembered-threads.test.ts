import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import type { Service } from '../../src/service.js'

/** What one process remembers of a thread is wrong as soon as another writes it. Both take calls here, on one database. */
describe('a message to a thread that this process remembers', () => {
  let service: TestService
  let other: Service
  let desk: Receiver
  let md: Caller
  let mdElsewhere: Caller
  let iva: Caller
  let deskElsewhere: Caller
  let organisation: string

  const write = (through: Caller, userId: string, text: string, headers = {}) =>
    through.post('/platform/message/send/', { user_id: userId, message_body: text, sender: 'ceu', user: {} }, headers)
  const elsewhere = ({ credentials, token }: Caller) =>
    new Caller(`http://127.0.0.1:${(other.app.server.address() as AddressInfo).port}`, credentials, token)
  /** Lets this process know the thread: its second message is the first that is worked out on what is remembered. */
  const meet = async (userId: string) => {
    for (const text of ['one', 'two', 'three']) await ok(write(md, userId, text))
  }
  const about = (user_id: string) => ({ organisation_id: organisation, user_id })
  const numbers = async (userId: string) => {
    const messages = await service.stored.rows('messages', about(userId), 'message_id')
    return messages.map(({ message_id, message_body }) => `${message_id} ${message_body.text}`)
  }
  const heard = (userId: string) => {
    const places = desk.received.filter(({ body }) => body.user_id === userId)
    return places.map(({ headers, body }) => `${headers['tract-sequence']} ${body.message_body?.text ?? body.subtype}`)
  }

  beforeAll(async () => {
    service = await TestService.start()
    // tokens of the one are good at the other
    other = await service.startAnother({ TRACT_PUBLIC_URL: service.url })
    const world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    organisation = world.organisation
    iva = world.listeners.iva
    md = world.listeners.md
    mdElsewhere = elsewhere(md)
    deskElsewhere = elsewhere(world.listeners.desk)
    desk = await world.receiver('desk', 'message.receive')
  })
  afterAll(async () => {
    await other.close()
    await service.close()
  })

  test('is numbered after those that another process has taken meanwhile', async () => {
    await meet('turns')
    const texts = Array.from({ length: 20 }, (_, index) => `in turn ${index}`)
    for (const [index, text] of texts.entries()) await ok(write(index % 2 === 0 ? mdElsewhere : md, 'turns', text))
    const expected = ['one', 'two', 'three', ...texts].map((text, index) => `${index + 1} ${text}`)
    expect(await numbers('turns')).toEqual(expected)
    await until(() => heard('turns').length === expected.length)
    expect(heard('turns')).toEqual(expected)
  })

  test('loses nothing and doubles nothing while both processes take as many as they can', async () => {
    await meet('busy')
    const calls = Array.from({ length: 200 }, (_, index) =>
      ok(write(index % 2 === 0 ? mdElsewhere : md, 'busy', `all ${index}`)),
    )
    const given = (await Promise.all(calls)).map(({ message_id }, index) => `${message_id} all ${index}`)
    const stored = await numbers('busy')
    expect(stored.map((line) => Number(line.split(' ')[0]))).toEqual(stored.map((_, index) => index + 1))
    expect(new Set(stored.slice(3))).toEqual(new Set(given))
    await until(() => heard('busy').length === 203)
    expect(heard('busy')).toEqual(stored)
  })

  test('is refused once another process has given control away', async () => {
    await meet('control')
    const said = { user_id: 'control', sender: 'iva', message_body: 'I can help' }
    for (let time = 0; time < 3; time++) await ok(iva.post('/platform/message/send/', said))
    await ok(
      elsewhere(iva).post('/tract/thread_control/request', {
        user_id: 'control',
        type: 'pass',
        requester: 'iva',
        receiver: 'desk',
      }),
    )
    expect((await iva.post('/platform/message/send/', said)).body.code).toBe('not_in_control')
    await ok(deskElsewhere.post('/tract/message/send/', { ...said, sender: 'ect' }))
    expect(await numbers('control')).toHaveLength(7)
  })

  test('goes to a hook that another process has registered since', async () => {
    await meet('hooks')
    const observer = await service.receiver()
    const admin = await service.admin()
    const listener = { organisation_id: organisation, listener_id: 'observer' }
    await ok(admin.post('/platform/listeners/', { ...listener, kind: 'analytics' }))
    const { client, client_secret } = await ok(
      admin.post('/platform/clients/', { ...listener, name: 'observer', scopes: ['hooks'] }),
    )
    const watching = await service.login({ client_id: client.client_id, client_secret })
    await observer.hear(elsewhere(watching), 'message.receive')
    await ok(write(md, 'hooks', 'four'))
    expect((await observer.waitFor(({ body }) => body.user_id === 'hooks')).body.message_body.text).toBe('four')
    await observer.close()
  })

  test('calls the user what another process has learned since', async () => {
    await meet('named')
    const own = { user_id: 'named', type: 'aeu_events', subtype: 'received', ect_user_id: 'case-7' }
    await ok(deskElsewhere.post('/tract/event/send', own))
    await ok(write(md, 'named', 'four'))
    const four = await desk.waitFor(({ body }) => body.user_id === 'named' && body.message_body?.text === 'four')
    expect(four.body.ect_user_id).toBe('case-7')
  })

  test('tells of the user what was changed while the thread was waited for', async () => {
    await meet('changed')
    const lock = await service.stored.lock('threads', about('changed'))
    await lock.holder.query("update threads set version = version + 1 where user_id = 'changed'")
    await lock.holder.query("update users set third_party_user_id = 'fb-2' where user_id = 'changed'")
    const waiting = ok(write(mdElsewhere, 'changed', 'four'))
    await until(() => lock.waiting(), 'a call that waits for the lock')
    await lock.release('commit')
    await waiting
    await ok(write(mdElsewhere, 'changed', 'five'))
    const five = await desk.waitFor(({ body }) => body.user_id === 'changed' && body.message_body?.text === 'five')
    expect(five.body.third_party_user_id).toBe('fb-2')
  })

  test('belongs to the user who is back, not to the one that another process erased', async () => {
    await meet('erased')
    await ok(mdElsewhere.post('/platform/user/erase/', { user_id: 'erased' }))
    for (const text of ['anew', 'again', 'and again']) await ok(write(mdElsewhere, 'erased', text))
    await ok(write(md, 'erased', 'four'))
    expect(await numbers('erased')).toEqual(['4 anew', '5 again', '6 and again', '7 four'])
  })

  test('follows what was replayed meanwhile', async () => {
    await meet('replayed')
    const { deliveries } = await ok(deskElsewhere.post('/tract/deliveries/list/', { user_id: 'replayed' }))
    await until(() => heard('replayed').length === 3)
    await ok(deskElsewhere.post('/tract/deliveries/replay/', { ids: [deliveries[0].id] }))
    await ok(write(md, 'replayed', 'four'))
    await until(() => heard('replayed').length === 5)
    expect(heard('replayed').at(-1)).toBe('5 four')
  })

  test('is sent once under its key, however often and wherever it is repeated', async () => {
    await meet('keyed')
    const key = { 'idempotency-key': 'same-everywhere' }
    const first = await ok(write(md, 'keyed', 'four', key))
    const answers = await Promise.all(
      [md, mdElsewhere, md, mdElsewhere].flatMap((through) => [
        write(through, 'keyed', 'four', key),
        write(through, 'keyed', `beside ${through.url}`),
      ]),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const repeated = answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')
    expect(repeated.map(({ body }) => body)).toEqual([first, first, first, first])
    expect((await numbers('keyed')).filter((line) => line.endsWith('four'))).toEqual(['4 four'])
    expect((await write(md, 'keyed', 'five', key)).body.code).toBe('idempotency_key_reused')
  })

  test('leaves its timer where it stands, and the timer leaves the conversation alone', async () => {
    await meet('timed')
    const deadline = async (): Promise<Date> => (await service.stored.row('threads', about('timed'))).deadline_at
    const before = await deadline()
    await ok(write(md, 'timed', 'four'))
    expect(await deadline()).toEqual(before)
    await service.stored.change('threads', { deadline_at: ago(1) }, about('timed'))
    await until(async () => (await deadline()).getTime() > before.getTime(), 'the timer')
    await ok(write(md, 'timed', 'five'))
    expect(await numbers('timed')).toHaveLength(5)
    expect(await service.stored.row('threads', about('timed'))).toMatchObject({ conversation_number: 1 })
  })
})
