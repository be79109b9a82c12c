/** What becomes of calls that the service has no time for: by what stands still, not by how fast anything is. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type Answer, type Caller, call, ok } from '@tract/testing/call'
import type { Lock } from '@tract/testing/lock'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { parseMetrics } from '../operations/prometheus-text.js'
import { head, RawConnection, rawCall } from './support/raw.js'

const MESSAGE = '/platform/message/send/'

const isOverloaded = (answer: Answer) => {
  expect([answer.status, answer.body?.code]).toEqual([503, 'overloaded'])
  expect(answer.body.request_id).toBe(answer.headers.get('x-request-id'))
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
}

/** A service with one user, whose thread can be locked: what waits for it waits for good. */
class LockedThread {
  lock: Lock | undefined

  private constructor(
    readonly service: TestService,
    readonly md: Caller,
    readonly organisation: string,
  ) {}

  static async start(options: Parameters<typeof TestService.start>[0]): Promise<LockedThread> {
    const environment = { TRACT_OPERATIONS_PORT: '0', ...options?.environment }
    const service = await TestService.start({ ...options, environment })
    const { listeners, organisation } = await service.world({ md: 'md', iva: 'iva' })
    const { md } = listeners
    await ok(md.post(MESSAGE, { user_id: 'asha', sender: 'ceu', message_body: 'first', user: {} }))
    return new LockedThread(service, md, organisation)
  }

  close(): Promise<void> {
    return this.service.close()
  }

  send(text: string): Promise<Answer> {
    return this.md.post(MESSAGE, { user_id: 'asha', sender: 'ceu', message_body: text })
  }

  event(id: string): Promise<Answer> {
    return this.md.post('/platform/event/send/', {
      user_id: 'asha',
      type: 'message',
      subtype: 'read',
      metadata: JSON.stringify({ message_id: 1, id }),
    })
  }

  async holdThread(): Promise<void> {
    this.lock = await this.service.stored.lock('threads', { user_id: 'asha' })
  }

  async release(): Promise<void> {
    await this.lock?.release()
    this.lock = undefined
  }

  async metric(name: string, label?: string): Promise<number> {
    const page = await (await fetch(`${this.service.service.operationsUrl}/metrics`)).text()
    const samples = parseMetrics(page).get(name)?.samples ?? []
    return samples.find(({ labels }) => label === undefined || Object.values(labels).includes(label))?.value ?? 0
  }

  async texts(): Promise<string[]> {
    return (await this.service.stored.rows('messages', {}, 'message_id')).map(({ message_body }) => message_body.text)
  }

  /** What the receipts were about. */
  async eventIds(): Promise<string[]> {
    const receipts = await this.service.stored.rows('events', { type: 'message', subtype: 'read' })
    return receipts.map(({ metadata }) => JSON.parse(metadata).id)
  }
}

describe('more calls than may be under way', () => {
  let locked: LockedThread
  let stuck: Promise<Answer>[]

  beforeAll(async () => {
    locked = await LockedThread.start({ admission: { least: 2, most: 2 } })
    await locked.holdThread()
    stuck = [locked.send('stuck'), locked.event('stuck')]
    await until(async () => (await locked.metric('tract_calls_under_way')) === 2, 'both calls to be under way')
  })
  afterAll(async () => {
    await locked.release()
    expect((await Promise.all(stuck)).map(({ status }) => status)).toEqual([200, 200])
    expect(await locked.texts()).toEqual(['first', 'stuck'])
    expect((await locked.send('after')).status).toBe(200)
    expect(await locked.texts()).toEqual(['first', 'stuck', 'after'])
    await locked.close()
  })

  test('are refused, and nothing is done of them', async () => {
    const before = await locked.metric('tract_calls_refused_total', 'overloaded')
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => locked.send(`refused ${index}`)))
    for (const answer of answers) isOverloaded(answer)
    expect(await locked.metric('tract_calls_refused_total', 'overloaded')).toBe(before + 50)
  })

  test('are refused before who calls, and with what, is looked at', async () => {
    const { url } = locked.service
    isOverloaded(await call(url + MESSAGE, { token: 'none', body: '{"user_id": ' }))
    isOverloaded(await call(`${url}/tract/auth/token/`, { body: '' }))
    isOverloaded(await call(`${url}/nothing`, { method: 'GET' }))
  })

  test('are refused on a connection that goes on', async () => {
    const get = head('GET', '/tract/hooks/list/', { connection: 'keep-alive' })
    const post = head('POST', MESSAGE, { connection: 'keep-alive', 'content-length': '4' })
    const connection = await RawConnection.open(locked.service.url)
    const answers = await connection.write(`${get}${post}{}  ${head('GET', '/healthz')}`).answers()
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200])
  })

  test('are refused on a connection that then rests, and what comes on it in that time is answered after', async () => {
    const taken = once(locked.service.service.app.server, 'connection') as Promise<[Socket]>
    const connection = await RawConnection.open(locked.service.url)
    const [socket] = await taken
    const pause = jest.spyOn(socket, 'pause')
    const resume = jest.spyOn(socket, 'resume')
    connection.write(`${head('POST', MESSAGE, { connection: 'keep-alive', 'content-length': '2' })}{}`)
    await until(() => pause.mock.calls.length > 0, 'the connection to rest')
    resume.mockClear()
    const answers = await connection.write(head('GET', '/healthz')).answers()
    expect(answers.map(({ status }) => status)).toEqual([503, 200])
    expect(resume).toHaveBeenCalled()
  })

  test('are refused without their body, if they ask first or it is without end', async () => {
    const asking = head('POST', MESSAGE, { expect: '100-continue', 'content-length': '5' })
    isOverloaded(await rawCall(locked.service.url, asking))
    const endless = head('POST', MESSAGE, { connection: 'keep-alive', 'transfer-encoding': 'chunked' })
    isOverloaded(await rawCall(locked.service.url, endless))
  })

  test('leave the checks of health as they are, on new connections and at both ports', async () => {
    for (const url of [locked.service.url, locked.service.service.operationsUrl])
      for (const path of ['/healthz', '/readyz', '/healthz/', '/healthz?a'])
        expect([path, (await rawCall(url as string, head('GET', path))).status]).toEqual([path, 200])
  })

  test('leave the pages of the console as they are, and nothing that only begins like them', async () => {
    const get = (path: string) => fetch(locked.service.url + path)
    const [script] = (await (await get('/console')).text()).match(/\/console\/[^"]+\.js/) as [string]
    for (const path of ['/console/', '/console/threads?user=a', script])
      expect([path, (await get(path)).status]).toEqual([path, 200])
    isOverloaded(await rawCall(locked.service.url, head('GET', '/consoles')))
  })
})

test('calls that wait for something else than the service take no place of others', async () => {
  const locked = await LockedThread.start({ admission: { least: 1, most: 1 } })
  const admin = await locked.service.admin()
  const { desk } = (await locked.service.world({ desk: 'ect' })).listeners
  const watching = new AbortController()
  const stream = await fetch(`${locked.service.url}/platform/stream/?organisation_id=${locked.organisation}`, {
    headers: { authorization: `Bearer ${admin.token}` },
    signal: watching.signal,
  })
  expect(stream.status).toBe(200)
  const fetching = desk.post('/tract/hooks/stream/', { wait: 20 })
  await until(() => locked.service.stored.count('hook_streams'), 'the stream of hooks')
  expect((await locked.send('hello')).status).toBe(200)
  expect(await locked.metric('tract_calls_under_way')).toBe(0)
  watching.abort()
  await locked.close()
  expect((await fetching).status).toBe(200)
})

describe('calls whose turn does not come', () => {
  let locked: LockedThread
  beforeAll(async () => {
    locked = await LockedThread.start({
      environment: { TRACT_LONGEST_WAIT: '300' },
      admission: { least: 500, most: 500 },
    })
  })
  afterEach(() => locked.release())
  afterAll(() => locked.close())

  test.each<[kind: string, send: (text: string) => Promise<Answer>]>([
    ['messages', (text) => locked.send(text)],
    ['other calls', (text) => locked.event(text)],
  ])('%s are told so in time, and nothing is done of them', async (kind, send) => {
    const stored = async () => [...(await locked.texts()), ...(await locked.eventIds())]
    const before = await stored()
    const said = new Map<string, Promise<Answer>>()
    await locked.holdThread()
    const say = (count: number) => {
      for (let index = 0; index < count; index++) {
        const text = `${kind} ${said.size}`
        said.set(text, send(text))
      }
    }
    // more than there are connections, so that some have to wait for one
    await until(async () => {
      say(25)
      return locked.lock?.waiting('threads')
    }, 'a call that waits in the database')
    let late = 0
    for (const answer of said.values()) void answer.then(({ status }) => (late += status === 503 ? 1 : 0))
    if (kind === 'messages') await until(() => late > 0, 'a call that is told that it is too late')
    else {
      await until(async () => (await locked.metric('tract_database_waiting', 'api')) > 0, 'a call without a connection')
      await locked.service.stored.pool.query('select pg_sleep(0.4)')
    }
    await locked.release()
    const answers = await Promise.all([...said].map(async ([text, answer]) => ({ text, answer: await answer })))
    const refused = answers.filter(({ answer }) => answer.status !== 200)
    for (const { answer } of refused) isOverloaded(answer)
    expect(refused.length).toBeGreaterThan(0)
    const accepted = answers.filter(({ answer }) => answer.status === 200).map(({ text }) => text)
    expect((await stored()).filter((text) => !before.includes(text)).sort()).toEqual(accepted.sort())
    expect(await locked.metric('tract_calls_refused_total', 'too_late')).toBeGreaterThanOrEqual(refused.length)
  })
})

describe('calls whose callers have gone before their turn', () => {
  let locked: LockedThread
  beforeAll(async () => {
    locked = await LockedThread.start({})
  })
  afterEach(() => locked.release())
  afterAll(() => locked.close())

  /** Calls, and hangs up once the service has taken the call in; where bytes are missing, within the body. */
  async function hangUp(path: string, body: object, missing = 0): Promise<void> {
    const underWay = await locked.metric('tract_calls_under_way')
    const connections = () =>
      new Promise<number>((resolve) => locked.service.service.app.server.getConnections((_, count) => resolve(count)))
    const text = JSON.stringify(body)
    const headers = {
      authorization: `Bearer ${locked.md.token}`,
      'content-type': 'application/json',
      'content-length': String(text.length + missing),
    }
    const { hostname, port } = new URL(locked.service.url)
    const socket = connect(Number(port), hostname)
    socket.write(head('POST', path, headers) + text)
    await until(async () => (await locked.metric('tract_calls_under_way')) === underWay + 1, 'the call to be let in')
    const before = await connections()
    // a caller that ends orderly within its body sent what is no HTTP
    if (missing > 0) socket.resetAndDestroy()
    else socket.destroy()
    await until(async () => (await connections()) < before, 'the service to see that the caller has gone')
  }

  test('are not carried out: a message', async () => {
    await locked.holdThread()
    const first = locked.send('waits')
    await until(() => locked.lock?.waiting('threads'), 'the first call to wait in the database')
    await hangUp(MESSAGE, { user_id: 'asha', sender: 'ceu', message_body: 'gone' })
    await locked.release()
    expect((await first).status).toBe(200)
    await until(async () => (await locked.metric('tract_calls_refused_total', 'caller_gone')) === 1, 'the refusal')
    expect(await locked.texts()).not.toContain('gone')
    expect(await locked.metric('tract_calls_under_way')).toBe(0)
  })

  test('are not carried out: what has a transaction of its own', async () => {
    await locked.holdThread()
    const events = Array.from({ length: 40 }, (_, index) => locked.event(`e${index}`))
    await until(async () => (await locked.metric('tract_calls_under_way')) === 40, 'all to be under way')
    await hangUp('/platform/event/send/', {
      user_id: 'asha',
      type: 'message',
      subtype: 'read',
      metadata: JSON.stringify({ message_id: 1, id: 'gone' }),
    })
    await locked.release()
    for (const event of await Promise.all(events)) expect(event.status).toBe(200)
    await until(async () => (await locked.metric('tract_calls_refused_total', 'caller_gone')) === 2, 'the refusal')
    expect(await locked.eventIds()).not.toContain('gone')
    expect(await locked.metric('tract_calls_under_way')).toBe(0)
  })

  test('are no failure of the service: within the body', async () => {
    await hangUp(MESSAGE, { user_id: 'asha', sender: 'ceu', message_body: 'gone' }, 9)
    await until(async () => (await locked.metric('tract_calls_refused_total', 'caller_gone')) === 3, 'the refusal')
    expect(await locked.metric('tract_calls_under_way')).toBe(0)
  })
})
