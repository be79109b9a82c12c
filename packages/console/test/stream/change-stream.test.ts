import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { type Following, listen } from '../../src/stream/change-stream.js'

/** The browser's part: what a page may see, and do, of its streams. */
class Source extends EventTarget {
  static readonly CLOSED = 2
  static made: Source[] = []
  readyState = 0
  onopen?: () => void
  onerror?: () => void

  constructor(readonly url: string) {
    super()
    Source.made.push(this)
  }

  /** Those that hold a connection. */
  static get held(): Source[] {
    return Source.made.filter(({ readyState }) => readyState !== Source.CLOSED)
  }

  close(): void {
    this.readyState = Source.CLOSED
  }

  begin(): void {
    this.readyState = 1
    this.onopen?.()
  }

  refuse(): void {
    this.readyState = Source.CLOSED
    this.onerror?.()
  }

  say(type: string, data: object): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
  }
}

class Page extends EventTarget {
  hidden = false

  become(hidden: boolean): void {
    this.hidden = hidden
    this.dispatchEvent(new Event('visibilitychange'))
  }
}

/** The browser's locks, of all its windows. */
class Locks {
  readonly taken = new Set<string>()

  async request(name: string, _options: object, use: (lock: object | null) => Promise<void> | void): Promise<void> {
    if (this.taken.has(name)) return use(null)
    this.taken.add(name)
    await use({ name })
    this.taken.delete(name)
  }
}

const globals = ['document', 'EventSource', 'navigator'] as const
const own = globals.map((name) => Object.getOwnPropertyDescriptor(globalThis, name))

let page: Page
let locks: Locks
let heard: unknown[]
let following: Following | undefined
let stops: (() => void)[]

beforeEach(() => {
  jest.useFakeTimers()
  page = new Page()
  locks = new Locks()
  Source.made = []
  heard = []
  stops = []
  for (const [name, value] of [
    ['document', page],
    ['EventSource', Source],
    ['navigator', { locks }],
  ] as const)
    Object.defineProperty(globalThis, name, { value, configurable: true })
})
afterEach(() => {
  for (const stop of stops) stop()
  jest.useRealTimers()
  for (const [index, name] of globals.entries()) {
    const before = own[index]
    if (before) Object.defineProperty(globalThis, name, before)
    else Reflect.deleteProperty(globalThis, name)
  }
})

/** What the browser says of its locks is there, with time going on by `ms`. */
const settled = (ms = 0) => jest.advanceTimersByTimeAsync(ms)

const hear = (userId?: string) => {
  const stop = listen(
    { organisationId: 'acme', userId },
    {
      onChange: ({ type, data }) => heard.push({ type, ...data }),
      onGap: () => heard.push('gap'),
      onFollowing: (now) => {
        following = now
      },
    },
  )
  stops.push(stop)
  return stop
}
const become = async (hidden: boolean) => {
  page.become(hidden)
  await settled()
}
const last = () => Source.made.at(-1) as Source

test('views of one scope share a connection, which goes with the last of them', async () => {
  const stop = hear()
  const other = hear()
  await settled()
  hear('anna')()
  hear('asha')
  await settled()
  expect(Source.held.map(({ url }) => url)).toEqual([
    '/platform/stream/?organisation_id=acme',
    '/platform/stream/?organisation_id=acme&user_id=asha',
  ])
  stop()
  expect(Source.held).toHaveLength(2)
  other()
  expect(Source.held).toHaveLength(1)
  await settled()
  expect(locks.taken.size).toBe(1)
})

test('a page that is hidden holds no connection, and one that is looked at again has a gap', async () => {
  hear()
  hear('anna')
  await settled()
  for (const source of Source.held) source.begin()
  await become(true)
  expect([Source.held, locks.taken.size]).toEqual([[], 0])
  heard = []
  await become(false)
  expect(Source.held).toHaveLength(2)
  expect(heard).not.toContain('gap')
  last().begin()
  last().say('thread', { user_id: 'anna' })
  expect(heard).toEqual(['gap', { type: 'thread', user_id: 'anna' }])
  expect(following).toBe('by stream')
})

test('a page that is opened hidden connects when it is looked at', async () => {
  page.hidden = true
  hear()
  await settled(60_000)
  expect([Source.made, heard]).toEqual([[], []])
  await become(false)
  expect(Source.held).toHaveLength(1)
})

test('three streams are open at most, whatever the windows; the others ask, and take the place of one that is gone', async () => {
  const first = hear('user 1')
  for (const number of [2, 3]) hear(`user ${number}`)
  await settled()
  for (const source of Source.held) source.begin()
  heard = []
  hear('user 4')
  await settled()
  expect([Source.held.length, following, heard]).toEqual([3, 'by asking', ['gap']])
  await settled(2_000)
  expect([Source.held.length, heard]).toEqual([3, ['gap', 'gap']])
  first()
  await settled(2_000)
  expect(last().url).toContain('user+4')
  last().begin()
  await settled(60_000)
  expect([following, heard]).toEqual(['by stream', ['gap', 'gap', 'gap']])
})

test('a place that is given to a page after it was hidden is given back', async () => {
  hear()
  page.become(true)
  await settled(60_000)
  expect([Source.made, locks.taken.size]).toEqual([[], 0])
})

test.each([
  ['there are no locks', undefined],
  ['locks are refused', { request: () => Promise.reject(new Error('SecurityError')) }],
])('where %s, a page asks while it is looked at', async (_, present) => {
  Object.assign(navigator, { locks: present })
  hear()
  await settled(4_000)
  expect([Source.made, following, heard]).toEqual([[], 'by asking', ['gap', 'gap', 'gap']])
  await become(true)
  await settled(60_000)
  expect(heard).toHaveLength(3)
  await become(false)
  expect(heard).toHaveLength(4)
})

test('a stream that is refused is asked for again, and its page asks, unless it is hidden or left by then', async () => {
  const stop = hear()
  await settled()
  last().refuse()
  await settled()
  expect([following, heard, locks.taken.size]).toEqual(['not yet', ['gap'], 0])
  await settled(5_000)
  expect(Source.made).toHaveLength(2)
  last().refuse()
  await become(true)
  await settled(60_000)
  expect([Source.made.length, locks.taken.size]).toEqual([2, 0])
  await become(false)
  last().refuse()
  stop()
  await become(true)
  await become(false)
  await settled(60_000)
  expect(Source.made).toHaveLength(3)
})
