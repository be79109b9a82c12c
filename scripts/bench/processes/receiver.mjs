/** A receiver of deliveries: answers by its path, counts, and checks the order of every lane. */
import { createServer } from 'node:net'
import { answer, clock } from './answer.mjs'
import { httpReader } from './http-stream.mjs'

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{"success":true}'
const FAILURE = 'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n'
/** After which `/slow` answers. */
const SLOW_MS = 5_000
/** `/flaky` fails once in each lane, at this place. */
const FAILS_AT = 3

let state = fresh({})

function fresh({ expected = 0, samples = 0 }) {
  return {
    expected,
    received: 0,
    firstAt: 0,
    lastAt: 0,
    /** Last sequence of each lane. */
    lanes: new Map(),
    gaps: 0,
    backwards: 0,
    /** Lanes whose turn to fail is over. */
    failed: new Set(),
    /** Milliseconds since the time in the body, `@<clock>@`, where it has one. */
    lags: new Float64Array(samples),
    lagged: 0,
    /** Calls of `reach`, by the number that they wait for. */
    waiting: [],
  }
}

function take(head, body) {
  const at = clock()
  if (state.received === 0) state.firstAt = at
  state.lastAt = at
  state.received++
  const text = body.latin1Slice()
  checkOrder(head, text)
  const stamp = text.indexOf('@')
  if (stamp >= 0 && state.lagged < state.lags.length) {
    state.lags[state.lagged++] = at - Number(text.slice(stamp + 1, text.indexOf('@', stamp + 1)))
  }
  if (state.received === state.waiting[0]?.count) state.waiting.shift().resolve()
}

/** A lane is a user here: the receiver stands for one listener. */
function placeOf(head, text) {
  const sequence = Number(/tract-sequence: (\d+)/.exec(head)?.[1])
  const from = text.indexOf('"user_id":"') + 11
  return { sequence, user: text.slice(from, text.indexOf('"', from)) }
}

function checkOrder(head, text) {
  const { sequence, user } = placeOf(head, text)
  if (!sequence) {
    checkOvertaken(text, user)
    return
  }
  const last = state.lanes.get(user) ?? sequence - 1
  if (sequence === last + 1) state.lanes.set(user, sequence)
  else if (sequence < last) state.backwards++
  else if (sequence > last) {
    state.gaps++
    state.lanes.set(user, sequence)
  }
}

/** What others than TRACT deliver has no sequence, but a number that grows. */
function checkOvertaken(text, user) {
  const number = Number(/"message_id": ?(\d+)/.exec(text)?.[1] ?? Number.NaN)
  if (number < state.lanes.get(user)) state.backwards++
  else if (!Number.isNaN(number)) state.lanes.set(user, number)
}

function failsNow(head, text) {
  const { sequence, user } = placeOf(head, text)
  if (sequence !== FAILS_AT || state.failed.has(user)) return false
  state.failed.add(user)
  return true
}

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on(
    'data',
    httpReader((head, body) => {
      if (head.startsWith('POST /slow')) {
        setTimeout(() => socket.write(ANSWER), SLOW_MS).unref()
        return
      }
      if (head.startsWith('POST /flaky') && failsNow(head, body.latin1Slice())) {
        socket.write(FAILURE)
        return
      }
      take(head, body)
      socket.write(ANSWER)
    }),
  )
})

answer({
  listen: () => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port))),
  /** Starts to count again from nothing. */
  expect: (options) => {
    state = fresh(options)
  },
  /** Resolves when that number has come; ask for the lowest number first. */
  reach: ({ count = state.expected }) =>
    state.received >= count ? undefined : new Promise((resolve) => state.waiting.push({ count, resolve })),
  seen: () => {
    const { received, firstAt, lastAt, gaps, backwards, lags, lagged } = state
    return { received, firstAt, lastAt, gaps, backwards, lags: lags.slice(0, lagged) }
  },
})
