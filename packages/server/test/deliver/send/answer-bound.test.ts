import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { listen } from '@tract/testing/listen'
import { until } from '@tract/testing/until'
import { Sender } from '../../../src/deliver/send/sender.js'
import { LOOPBACK } from '../quick-settings.js'
import { DELIVERY, SECRET as secret } from '../sample-delivery.js'

let server: Server
let url: string
let sender: Sender
/** What each connection is answered; the sockets that are open. */
let respond: (socket: Socket) => void
const open = new Set<Socket>()

beforeAll(async () => {
  server = createServer((socket) => {
    socket.setNoDelay(true)
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
    socket.on('data', (chunk) => String(chunk).endsWith('}') && respond(socket))
  })
  url = `http://127.0.0.1:${await listen(server)}/`
})
beforeEach(() => {
  // No attempt here ends by its time limit.
  sender = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: 120_000 })
})
afterEach(() => sender.close())
afterAll(() => {
  server.close()
})

/** Long enough that what is read comes in small pieces, though the machine is busy. */
const DRIP_MS = 2

const send = () => sender.send({ url, secrets: [secret] }, { ...DELIVERY, body: '{}' })

/** Writes the same again and again, for as long as it is taken. */
function pour(socket: Socket, text: string): void {
  const chunk = Buffer.from(text.repeat(Math.ceil(16_384 / text.length)))
  const more = () => {
    while (!socket.destroyed && socket.write(chunk)) {}
    if (!socket.destroyed) socket.once('drain', more)
  }
  more()
}

/** A little at a time, each in a packet of its own. */
function drip(socket: Socket, text: string): void {
  const more = () => {
    if (!socket.destroyed) socket.write(text, () => setTimeout(more, DRIP_MS))
  }
  more()
}

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`

describe('an answer is cut off', () => {
  test.each<[string, string, string]>([
    ['header lines', OK, 'x-more: 1\r\n'],
    ['header lines of one letter', OK, 'a:\r\n'],
    ['a header', `${OK}x-much: `, 'much'],
    ['the name of a header', OK, 'much'],
    ['white space in a header', `${OK}x-much:`, ' '],
    ['folded lines of a header', `${OK}x-much: a`, '\r\n b'],
    ['a status line', 'HTTP/1.1 200 ', 'OK'],
    ['1xx answers', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['1xx answers with headers', '', 'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n'],
    ['empty lines before it', '', '\r\n'],
    ['the extension of a chunk', `${CHUNKED}2;`, 'a=b;'],
    ['the length of a chunk', CHUNKED, '0'],
    ['trailers', `${CHUNKED}2\r\n{}\r\n0\r\n`, 'a:\r\n'],
    ['a trailer', `${CHUNKED}2\r\n{}\r\n0\r\nx-much: `, 'much'],
    ['chunks of one byte', CHUNKED, '1\r\n \r\n'],
  ])('that has %s without end', async (_, beginning, more) => {
    respond = (socket) => {
      socket.write(beginning)
      pour(socket, more)
    }
    expect(await send()).toMatchObject({
      verdict: { kind: 'retry', error: 'protocol' },
      attempt: { status: null, error: 'protocol', answer: null },
    })
    await until(() => open.size === 0, 'its connection is closed')
  })

  test.each([
    ['its head', OK, 'a'],
    ['its body', `${OK}\r\n`, ' '],
    ['its chunks', CHUNKED, '1\r\n \r\n'],
  ])('that drips: %s', async (_, beginning, letter) => {
    respond = (socket) => {
      socket.write(beginning)
      drip(socket, letter)
    }
    expect(await send()).toMatchObject({ attempt: { status: null, error: 'protocol' } })
    await until(() => open.size === 0, 'its connection is closed')
  })

  test('by 100 lines and 64 KiB, and not before', async () => {
    const lines = (count: number) => `${OK}${'a: 1\r\n'.repeat(count - 1)}content-length: 2\r\n\r\nok`
    respond = (socket) => socket.write(lines(98))
    expect(await send()).toMatchObject({ attempt: { status: 200, error: null, answer: 'ok' } })
    respond = (socket) => socket.write(lines(99))
    expect(await send()).toMatchObject({ attempt: { error: 'protocol' } })
    const long = (length: number) => `${OK}content-length: 2\r\nx-much: ${'x'.repeat(length)}\r\n\r\nok`
    respond = (socket) => socket.write(long(64_000))
    expect(await send()).toMatchObject({ attempt: { status: 200, error: null, answer: 'ok' } })
    respond = (socket) => socket.write(long(65_536))
    expect(await send()).toMatchObject({ attempt: { error: 'protocol' } })
  })
})

test('a body of many lines is no head, whatever comes with it', async () => {
  const body = 'line\n\r\n'.repeat(2_000)
  respond = (socket) => socket.write(`${OK}content-length: ${body.length}\r\n\r\n${body}`)
  for (let time = 0; time < 3; time++) expect(await send()).toMatchObject({ attempt: { status: 200, error: null } })
  expect(open.size).toBe(1)
})

test('a head may come in any pieces', async () => {
  const answer = `HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n${OK}content-length: 2\r\nx-a: b\r\n\r\nok`
  respond = (socket) => {
    const pieces = answer.match(/[\s\S]{1,4}/g) ?? []
    const more = () => {
      const piece = pieces.shift()
      if (piece !== undefined) socket.write(piece, () => setImmediate(more))
    }
    more()
  }
  expect(await send()).toMatchObject({ attempt: { status: 200, error: null, answer: 'ok' } })
})

test('what comes on a connection where nothing was asked closes it', async () => {
  respond = (socket) => socket.write(`${OK}content-length: 2\r\n\r\nok`)
  expect(await send()).toMatchObject({ attempt: { status: 200 } })
  const [socket] = open
  if (socket) pour(socket, '\r\n')
  await until(() => open.size === 0, 'it is closed')
  expect(await send()).toMatchObject({ attempt: { status: 200, error: null } })
})
