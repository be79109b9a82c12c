import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { listen } from '../../src/stream/change-stream.js'

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

let page: Page
let heard: unknown[]
let stops: (() => void)[]

beforeEach(() => {
  jest.useFakeTimers()
  page = new Page()
  Source.made = []
  heard = []
  stops = []
  Object.assign(globalThis, { document: page, EventSource: Source })
})
afterEach(() => {
  for (const stop of stops) stop()
  jest.useRealTimers()
  for (const name of ['document', 'EventSource']) Reflect.deleteProperty(globalThis, name)
})

const hear = (userId?: string) => {
  const stop = listen(
    { organisationId: 'acme', userId },
    {
      onChange: ({ type, data }) => heard.push({ type, ...data }),
      onGap: () => heard.push('gap'),
      onConnection: (connected) => heard.push(connected),
    },
  )
  stops.push(stop)
  return stop
}
const last = () => Source.made.at(-1) as Source

test('views of one scope share a connection, which goes with the last of them', () => {
  const stop = hear()
  const other = hear()
  hear('anna')()
  expect(Source.made.map(({ url }) => url)).toEqual([
    '/platform/stream/?organisation_id=acme',
    '/platform/stream/?organisation_id=acme&user_id=anna',
  ])
  stop()
  expect(Source.held).toHaveLength(1)
  other()
  expect(Source.held).toEqual([])
})

test('a page that is hidden holds no connection, and one that is looked at again has a gap', () => {
  hear()
  hear('anna')
  for (const source of Source.held) source.begin()
  page.become(true)
  expect(Source.held).toEqual([])
  heard = []
  page.become(false)
  expect(Source.held).toHaveLength(2)
  expect(heard).not.toContain('gap')
  last().begin()
  last().say('thread', { user_id: 'anna' })
  expect(heard.slice(-3)).toEqual([true, 'gap', { type: 'thread', user_id: 'anna' }])
})

test('a page that is opened hidden connects when it is looked at', () => {
  page.hidden = true
  hear()
  expect(Source.made).toEqual([])
  page.become(false)
  expect(Source.held).toHaveLength(1)
})

test('a stream that is refused is asked for again, unless the page is hidden or left by then', () => {
  const stop = hear()
  last().refuse()
  jest.runAllTimers()
  expect(Source.made).toHaveLength(2)
  last().refuse()
  page.become(true)
  jest.runAllTimers()
  expect(Source.made).toHaveLength(2)
  page.become(false)
  last().refuse()
  stop()
  page.become(true)
  page.become(false)
  jest.runAllTimers()
  expect(Source.made).toHaveLength(3)
})
