import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { Webhook } from 'standardwebhooks'
import type { Service } from '../../../src/service.js'
import { HookFetcher } from '../../support/hook-fetcher.js'
import { QUICK } from '../quick-settings.js'

let service: TestService
/** Another process on the same database, which makes no attempts itself. */
let other: Service
let otherUrl: string
let desk: Caller
let md: Caller
let fetcher: HookFetcher
const fetchers: HookFetcher[] = []

beforeAll(async () => {
  service = await TestService.start({ delivery: QUICK })
  other = await service.startAnother({ TRACT_PUBLIC_URL: service.url }, { delivery: { lanesInMemory: 0 } })
  otherUrl = `http://127.0.0.1:${(other.app.server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await other.close()
  await service.close()
})
beforeEach(async () => {
  // alone in its organisation, a desk gets every conversation
  const { listeners } = await service.world({ desk: 'ect', md: 'md' })
  desk = listeners.desk
  md = listeners.md
  fetcher = fetching(desk)
})
afterEach(() => Promise.all(fetchers.splice(0).map((each) => each.stop())))

function fetching(caller: Caller, urls?: string[]): HookFetcher {
  const made = new HookFetcher(caller, urls)
  fetchers.push(made)
  return made
}

const write = (user_id: string, text: string) =>
  ok(md.post('/platform/message/send/', { user_id, sender: 'ceu', message_body: text, user: {} }))
const texts = (userId: string, from = fetcher) =>
  from.bodies.filter((body) => body.user_id === userId && 'message_body' in body).map((body) => body.message_body.text)
const deliveries = async (filter: object = {}) =>
  (await ok(desk.post('/tract/deliveries/list/', { ...filter, limit: 200 }))).deliveries
const stream = (caller: Caller, body: object = {}) => caller.post('/tract/hooks/stream/', body)
const once = <T>(items: readonly T[]) => [...new Set(items)]

describe('a listener that fetches', () => {
  test('gets what any hook would: signed, numbered, one after another, each after the answer to the one before', async () => {
    const secrets = await fetcher.hear('message.receive')
    await fetcher.start()
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    fetcher.answer = async () => {
      await held
      return { status: 200, body: '{"success":true}' }
    }
    await write('asha', 'one')
    await write('asha', 'two')
    await until(() => fetcher.received.length === 1)
    release()
    await until(() => fetcher.received.length === 2)
    expect(texts('asha')).toEqual(['one', 'two'])
    for (const [index, { category, subcategory, headers, body }] of fetcher.received.entries()) {
      expect([category, subcategory]).toEqual(['message', 'receive'])
      expect(headers['tract-sequence']).toBe(String(index + 1))
      expect(new Webhook(secrets['message.receive'] as string).verify(body, headers)).toMatchObject({ user_id: 'asha' })
    }
    await until(async () => (await deliveries({ state: 'delivered' })).length === 2)
    const [{ id }] = await deliveries()
    const { attempts } = await ok(desk.post('/tract/deliveries/get/', { id }))
    expect(attempts).toMatchObject([{ number: 1, status: 200, answer: '{"success":true}' }])
  })

  test('is listened to: what it calls a user, refusals, and failures count as those of any receiver', async () => {
    await fetcher.hear('user_events.create_user', 'message.receive')
    const answers = [
      { status: 200, body: '{"success":true,"ect_user_id":"case-7"}' },
      { error: 'connection_refused' },
      { status: 503, retry_after: '0' },
      { status: 200, body: '{"success":false}' },
      { status: 200 },
    ]
    fetcher.answer = () => answers.shift() ?? { status: 200 }
    await fetcher.start()
    await write('asha', 'one')
    await until(async () => (await deliveries({ state: 'delivered' })).length === 2)
    const [{ id }] = await deliveries({ category: 'message' })
    await write('asha', 'two')
    await until(() => texts('asha').at(-1) === 'two')
    expect(fetcher.bodies.at(-1)).toMatchObject({ ect_user_id: 'case-7' })
    const { attempts } = await ok(desk.post('/tract/deliveries/get/', { id }))
    expect(attempts.map((attempt: { error?: string }) => attempt.error)).toEqual([
      'connection_refused',
      'status_5xx',
      'refused',
      undefined,
    ])
  })

  test('finds everything in order that was sent while nobody fetched', async () => {
    await fetcher.hear('message.receive')
    for (const text of ['one', 'two', 'three']) await write('asha', text)
    const waiting = await until(async () => {
      const [delivery] = (await deliveries()).filter(({ attempts }: { attempts: number }) => attempts > 0)
      return delivery
    })
    const { attempts } = await ok(desk.post('/tract/deliveries/get/', { id: waiting.id }))
    expect(attempts[0]).toMatchObject({ error: 'connection_refused' })
    await fetcher.start()
    await until(() => texts('asha').length === 3)
    expect(texts('asha')).toEqual(['one', 'two', 'three'])
  })

  test('gets again what was under way when an answer of the service was lost, unless it holds it', async () => {
    await fetcher.hear('message.receive')
    const { stream: id } = await ok(stream(desk))
    await write('asha', 'one')
    const lost = await ok(stream(desk, { stream: id }))
    expect(lost.attempts).toHaveLength(1)
    expect((await ok(stream(desk, { stream: id }))).attempts).toEqual(lost.attempts)
    const holding = [lost.attempts[0].id]
    expect((await ok(stream(desk, { stream: id, holding, wait: 0 }))).attempts).toEqual([])
    // on another connection, process and stream, it is still the same attempt
    const reopened = await ok(stream(desk))
    expect(reopened.attempts).toEqual(lost.attempts)
    expect(await ok(desk.post('/tract/hooks/answer/', { answers: [{ id: holding[0], status: 200 }] }))).toEqual({
      late: [],
    })
    await until(async () => (await deliveries({ state: 'delivered' })).length === 1)
    expect((await deliveries())[0].attempts).toBe(1)
  })

  test('loses nothing, and gets nothing out of order, though its connection is cut again and again', async () => {
    const cut = fetching(desk, [desk.url, otherUrl])
    fetcher = cut
    // after each attempt, at any point of the next call; by what comes and not by the clock, so that a slow machine gets on too
    cut.answer = () => {
      setTimeout(() => cut.cut(), 15 * Math.random())
      return { status: 200 }
    }
    await fetcher.hear('message.receive')
    await fetcher.start()
    const users = ['asha', 'bela', 'chad', 'dora', 'ezra']
    const sent = Array.from({ length: 12 }, (_, index) => `message ${index}`)
    await Promise.all(
      users.map(async (user) => {
        for (const text of sent) await write(user, text)
      }),
    )
    await until(() => users.every((user) => once(texts(user)).length === sent.length))
    await until(async () => (await deliveries({ state: 'delivered' })).length === users.length * sent.length)
    for (const user of users) expect(once(texts(user))).toEqual(sent)
    expect((await deliveries({ state: 'undeliverable' })).length).toBe(0)
  })

  test('is served by any process: one makes the attempt, another hands it out and takes the answer', async () => {
    fetcher = fetching(desk, [otherUrl])
    await fetcher.hear('message.receive')
    await fetcher.start()
    const said: string[] = []
    // woken, and not found by looking once a second: of ten in a row that is soon so, however busy the machine
    await until(async () => {
      const began = Date.now()
      for (let each = 0; each < 10; each++) {
        said.push(`message ${said.length}`)
        await write('asha', said.at(-1) as string)
        await until(() => texts('asha').length === said.length)
      }
      return Date.now() - began < 5_000
    }, 'ten deliveries that are not looked for')
    expect(texts('asha')).toEqual(said)
    await until(async () => (await deliveries({ state: 'delivered' })).length === said.length)
  })

  test('can test a hook', async () => {
    await fetcher.hear('message.receive')
    const [{ id }] = (await ok(desk.get('/tract/hooks/list/'))).hooks
    const unheard = await ok(desk.post('/tract/hooks/test/', { id }))
    expect(unheard).toMatchObject({ error: 'connection_refused', at_fault: 'endpoint' })
    await fetcher.start()
    fetcher.answer = () => ({ status: 202, body: 'thanks' })
    expect(await ok(desk.post('/tract/hooks/test/', { id }))).toMatchObject({
      acknowledged: true,
      status: 202,
      answer: 'thanks',
    })
    fetcher.answer = () => ({ status: 200, body: '{"much":"', body_incomplete: true })
    expect(await ok(desk.post('/tract/hooks/test/', { id }))).toMatchObject({
      acknowledged: false,
      error: 'not_understood',
    })
  })
})

describe('a stream', () => {
  test('ends when its listener opens another, also for a call that waits in another process', async () => {
    const { stream: first } = await ok(stream(desk))
    const waiting = fetch(`${otherUrl}/tract/hooks/stream/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${desk.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ stream: first, wait: 20 }),
    })
    const { stream: id } = await ok(stream(md))
    const toTheEnd = stream(md, { stream: id, wait: 20 })
    await ok(stream(desk))
    expect(await Promise.race([waiting.then(() => 'let go'), toTheEnd.then(() => 'waited to the end')])).toBe('let go')
    await ok(stream(md))
    await toTheEnd
    const answer = await waiting
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, 'stream_replaced'])
    expect((await stream(desk, { stream: first, wait: 0 })).body.code).toBe('stream_replaced')
  })

  test('has one call waiting: a second one lets the first go', async () => {
    const { stream: id } = await ok(stream(desk))
    const first = stream(desk, { stream: id, wait: 20 })
    const second = stream(desk, { stream: id, wait: 1 })
    expect(await ok(Promise.race([first, second]))).toEqual({ stream: id, attempts: [] })
    expect(await ok(first)).toEqual({ stream: id, attempts: [] })
    await second
  })

  test("is its listener's alone: nobody else sees it, or answers for it", async () => {
    await fetcher.hear('message.receive')
    const { stream: id } = await ok(stream(desk))
    await write('asha', 'one')
    const { attempts } = await ok(stream(desk, { stream: id }))
    const answers = [{ id: attempts[0].id, status: 200 }]
    const stranger = (await service.world({ desk: 'ect' })).listeners.desk
    for (const caller of [md, stranger]) {
      expect((await stream(caller, { stream: id, wait: 0 })).body.code).toBe('stream_replaced')
      expect((await ok(stream(caller))).attempts).toEqual([])
      expect(await ok(caller.post('/tract/hooks/answer/', { answers }))).toEqual({ late: [attempts[0].id] })
    }
    // the first answer counts, also within one call
    const twice = [...answers, { id: attempts[0].id, error: 'timeout' }]
    expect(await ok(desk.post('/tract/hooks/answer/', { answers: twice }))).toEqual({ late: [] })
    expect(await ok(desk.post('/tract/hooks/answer/', { answers }))).toEqual({ late: [attempts[0].id] })
    await until(async () => (await deliveries({ state: 'delivered' })).length === 1)
  })

  test('has nothing any more of a user who is erased', async () => {
    await fetcher.hear('message.receive')
    const { stream: id } = await ok(stream(desk))
    await write('asha', 'one')
    await write('bela', 'one')
    await until(async () => (await ok(stream(desk, { stream: id }))).attempts.length === 2)
    await ok(md.post('/platform/user/erase/', { user_id: 'asha' }))
    const { attempts } = await ok(stream(desk, { stream: id }))
    expect(attempts.map(({ body }: { body: string }) => JSON.parse(body).user_id)).toEqual(['bela'])
  })

  test('leaves nothing behind of what was answered', async () => {
    await fetcher.hear('message.receive')
    await fetcher.start()
    await write('asha', 'one')
    await until(async () => (await deliveries({ state: 'delivered' })).length === 1)
    const bodies = (await service.stored.rows('stream_attempts')).map(({ body }) => body)
    expect(bodies.filter((body) => body.includes('asha'))).toEqual([])
  })
})

test('a service that stops answers the calls that wait, and leaves attempts under way to be made again', async () => {
  const answersInTime = async () => {
    const stopping = await TestService.start({ delivery: QUICK })
    const { listeners } = await stopping.world({ desk: 'ect', md: 'md' })
    const last = fetching(listeners.desk)
    await last.hear('message.receive')
    const { stream: id } = await ok(stream(listeners.desk))
    const replaced = stream(listeners.desk, { stream: id, wait: 20 })
    const waiting = stream(listeners.desk, { stream: id, wait: 20 })
    // by its answer, one of them has come, and the other one waits
    await Promise.race([replaced, waiting])
    const began = Date.now()
    await stopping.service.close()
    for (const call of [replaced, waiting]) expect(await ok(call)).toEqual({ stream: id, attempts: [] })
    const took = Date.now() - began
    await stopping.close()
    return took < 20_000
  }
  // a machine that is busy may be slower than their time to wait
  await until(answersInTime, 'answers before their time to wait was over')
})
