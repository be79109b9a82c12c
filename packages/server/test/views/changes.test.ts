import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, call, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'

let service: TestService
let admin: Caller
let world: World<'iva' | 'md' | 'desk'>
let receiver: Receiver

beforeAll(async () => {
  service = await TestService.start()
  admin = await service.admin()
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
  receiver = await service.receiver()
  for (const name of ['iva', 'desk'] as const) await receiver.hear(world.listeners[name], 'message.receive')
})
afterAll(() => service.close())

interface Event {
  id: string
  type: string
  data: Record<string, string>
}

/** What a browser's EventSource does of a stream. */
class Listening {
  readonly events: Event[] = []
  /** As the service gave it last, with an event or without. */
  lastId = ''
  hasEnded = false
  readonly #leaving = new AbortController()

  static async open(query: Record<string, string>, headers: Record<string, string> = {}): Promise<Listening> {
    const listening = new Listening()
    const response = await fetch(`${service.url}/platform/stream/?${new URLSearchParams(query)}`, {
      headers: { authorization: `Bearer ${admin.token}`, ...headers },
      signal: listening.#leaving.signal,
    })
    if (response.status !== 200) throw new Error(`answered ${response.status}: ${await response.text()}`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    void listening.#read(response.body as ReadableStream<Uint8Array>)
    await until(() => listening.lastId !== '')
    return listening
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = ''
    try {
      for await (const part of body) {
        text += Buffer.from(part).toString()
        for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
          this.#take(text.slice(0, end))
          text = text.slice(end + 2)
        }
      }
    } catch {
      // cut off
    }
    this.hasEnded = true
  }

  #take(block: string): void {
    const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s)))
    if (fields.id) this.lastId = fields.id
    if (fields.data) this.events.push({ id: fields.id, type: fields.event, data: JSON.parse(fields.data) })
  }

  heard(type: string, data: object): Promise<unknown> {
    const matches = (event: Event) => event.type === type && JSON.stringify(event.data) === JSON.stringify(data)
    return until(() => this.events.some(matches), `${type} ${JSON.stringify(data)}`)
  }

  close(): void {
    this.#leaving.abort()
  }
}

const write = (user_id: string) => world.write(user_id)

const ofOrganisation = () => ({ organisation_id: world.organisation })
const ofUser = (user_id: string) => ({ organisation_id: world.organisation, user_id })

describe('the stream of a user', () => {
  test('says that the thread moved, and each listener’s deliveries', async () => {
    const stream = await Listening.open(ofUser('streamed'))
    await write('streamed')
    await stream.heard('thread', { user_id: 'streamed' })
    await stream.heard('delivery', { user_id: 'streamed', listener_id: 'iva' })
    await stream.heard('delivery', { user_id: 'streamed', listener_id: 'desk' })
    stream.close()
  })

  test('says nothing of what a message is, nor of other users', async () => {
    const stream = await Listening.open(ofUser('quiet'))
    await write('another')
    await write('quiet')
    await stream.heard('thread', { user_id: 'quiet' })
    expect(JSON.stringify(stream.events)).not.toMatch(/Hello|another/)
    stream.close()
  })

  test('is taken up where it was left, with nothing missed and nothing twice', async () => {
    const first = await Listening.open(ofUser('resumed'))
    await write('resumed')
    await first.heard('delivery', { user_id: 'resumed', listener_id: 'desk' })
    first.close()
    const witness = await Listening.open(ofUser('resumed'))
    const before = witness.lastId
    await write('resumed')
    await witness.heard('delivery', { user_id: 'resumed', listener_id: 'desk' })
    const second = await Listening.open(ofUser('resumed'), { 'last-event-id': before })
    await until(() => second.events.length >= 2)
    expect(second.events.slice(0, witness.events.length)).toEqual(witness.events.slice(0, second.events.length))
    expect(second.events.some(({ type }) => type === 'gap')).toBe(false)
    witness.close()
    second.close()
  })

  test.each(['', '-1', '-99', '-x', '\u00e9'])(
    'has a gap for who comes with an id that is not its own: %s',
    async (end) => {
      const present = await Listening.open(ofUser('gap'))
      for (const lastId of [`00000000${end}`, end === '' ? 'nonsense' : `${present.lastId.slice(0, 8)}${end}`]) {
        const stream = await Listening.open(ofUser('gap'), { 'last-event-id': lastId })
        await until(() => stream.events.length > 0)
        expect(stream.events[0]?.type).toBe('gap')
        stream.close()
      }
      present.close()
    },
  )
})

describe('the stream of an organisation', () => {
  test('says which threads move, and when their deliveries have ended', async () => {
    const stream = await Listening.open(ofOrganisation())
    await write('org-user')
    await stream.heard('thread', { user_id: 'org-user' })
    await stream.heard('delivery', { user_id: 'org-user', listener_id: 'iva' })
    const { desk } = world.listeners
    const [{ id }] = (await ok(desk.get('/tract/hooks/list/'))).hooks
    await ok(desk.post('/tract/hooks/disable/', { id }))
    await stream.heard('hook', { listener_id: 'desk' })
    await write('held')
    await stream.heard('delivery', { user_id: 'held', listener_id: 'desk' })
    const sofar = stream.events.length
    await ok(desk.post('/tract/hooks/enable/', { id }))
    const later = () => stream.events.slice(sofar)
    await until(() => later().some(({ type, data }) => type === 'delivery' && data.user_id === 'held'))
    expect(later().some(({ type, data }) => type === 'hook' && data.listener_id === 'desk')).toBe(true)
    stream.close()
  })

  test('says nothing of another organisation', async () => {
    const other = await service.world({ iva: 'iva' })
    const stream = await Listening.open({ organisation_id: other.organisation })
    const own = await Listening.open(ofOrganisation())
    await write('not-theirs')
    await own.heard('thread', { user_id: 'not-theirs' })
    expect(stream.events).toEqual([])
    stream.close()
    own.close()
  })

  test('is for operators', async () => {
    const { url } = service
    const path = `${url}/platform/stream/?organisation_id=${world.organisation}`
    expect((await call(path, { method: 'GET', token: world.listeners.iva.token })).status).toBe(403)
    expect((await call(path, { method: 'GET' })).status).toBe(401)
  })
})

describe('a stream', () => {
  test('ends with its session', async () => {
    const signedIn = await call(`${service.url}/platform/session/`, { body: service.demo.admin })
    const cookie = (signedIn.headers.get('set-cookie') as string).split(';')[0] as string
    const own = { cookie, 'sec-fetch-site': 'same-origin' }
    const response = await fetch(`${service.url}/platform/stream/?${new URLSearchParams(ofUser('x'))}`, {
      headers: own,
    })
    expect(response.status).toBe(200)
    const ended = response.text()
    await call(`${service.url}/platform/session/`, { method: 'DELETE', headers: own })
    expect(await ended).toContain('id: ')
  })

  test('is one of so many of a client, and its place is free again once it is closed', async () => {
    const streams: Listening[] = []
    const refused = await (async () => {
      for (let count = 0; count < 40; count++) {
        try {
          streams.push(await Listening.open(ofUser('many')))
        } catch (error) {
          return String(error)
        }
      }
      return 'nothing was refused'
    })()
    expect(refused).toContain('429')
    expect(streams.length).toBeGreaterThanOrEqual(30)
    for (const stream of streams) stream.close()
    await until(() =>
      Listening.open(ofUser('many')).then(
        (stream) => {
          stream.close()
          return true
        },
        () => false,
      ),
    )
  })

  test('holds no place for who left before it began', async () => {
    const lock = await service.stored.lock('threads')
    const leaving = new AbortController()
    const headers = { authorization: `Bearer ${admin.token}` }
    const left = fetch(`${service.url}/platform/stream/?${new URLSearchParams(ofUser('left'))}`, {
      headers,
      signal: leaving.signal,
    }).catch(() => 'left')
    await until(() => lock.waiting('from threads'), 'the stream to wait for what it begins with')
    leaving.abort()
    expect(await left).toBe('left')
    // by these, the service has heard of it
    for (let calls = 0; calls < 3; calls++) await admin.get('/platform/organisations/')
    await lock.release()
    await until(async () => {
      const opened = await Promise.allSettled(Array.from({ length: 32 }, () => Listening.open(ofUser('present'))))
      for (const outcome of opened) if (outcome.status === 'fulfilled') outcome.value.close()
      return opened.every(({ status }) => status === 'fulfilled')
    }, 'a place for each of 32')
  })

  test('does not keep a service from stopping, and ends with it', async () => {
    const other = await TestService.start()
    const { token } = await other.admin()
    const response = await fetch(`${other.url}/platform/stream/?organisation_id=${world.organisation}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const ended = response.text()
    await other.close()
    expect(await ended).toContain('retry: ')
  })
})
