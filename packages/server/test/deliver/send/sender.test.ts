import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { Webhook } from 'standardwebhooks'
import { sendTest } from '../../../src/deliver/send/hook-test.js'
import { Sender } from '../../../src/deliver/send/sender.js'
import { HASTY_TIMEOUT_MS, LOOPBACK, PATIENT_TIMEOUT_MS } from '../quick-settings.js'
import { DELIVERY, SECRET as secret } from '../sample-delivery.js'

let receiver: Receiver
let sender: Sender
/** For what is never answered in full. */
let hasty: Sender
const target = (path = '') => ({ url: receiver.url + path, secrets: [secret] })

beforeAll(async () => {
  receiver = await Receiver.start()
  sender = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: PATIENT_TIMEOUT_MS })
  hasty = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: HASTY_TIMEOUT_MS })
})
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer = () => ({})
})
afterAll(async () => {
  await sender.close()
  await hasty.close()
  await receiver.close()
})

/** A server that does with each connection as it is told. */
async function raw(react: (socket: Socket) => void): Promise<{ url: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    react(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}
const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

describe('an attempt', () => {
  test('carries the stored bytes and says what it is', async () => {
    const sent = await sender.send(target('/hook?a=b'), DELIVERY)
    const [request] = receiver.received
    expect(request?.text).toBe(DELIVERY.body)
    expect(request?.path).toBe('/hook?a=b')
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'tract/1.2.3',
      'webhook-id': DELIVERY.id,
      'tract-sequence': '7',
      'tract-previous-id': DELIVERY.place.previousId,
      'tract-attempt': '3',
    })
    expect(request?.headers).not.toHaveProperty('tract-replay')
    expect(sent).toMatchObject({
      verdict: { kind: 'acknowledged' },
      attempt: { status: 200, error: null, answer: '{"success":true}' },
    })
  })

  test('is verified by the standardwebhooks package', async () => {
    await sender.send(target(), DELIVERY)
    const [request] = receiver.received
    const webhook = new Webhook(secret.toString('base64'))
    expect(webhook.verify(request?.text ?? '', request?.headers as Record<string, string>)).toEqual(
      JSON.parse(DELIVERY.body),
    )
  })

  test('hands the trace context on, or begins a trace that is the same at every attempt', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    await sender.send(target(), { ...DELIVERY, traceparent })
    await sender.send(target(), DELIVERY)
    await sender.send(target(), { ...DELIVERY, attempt: 4 })
    const traces = receiver.received.map(({ headers }) => String(headers.traceparent))
    expect(traces[0]).toBe(traceparent)
    expect(traces[1]).toMatch(/^00-01920c6e7b117d008a445f6071829304-[0-9a-f]{16}-00$/)
    expect(traces[2]?.slice(0, 36)).toBe(traces[1]?.slice(0, 36))
  })

  test('of the first delivery of a lane names none before it; of a replay says so', async () => {
    await sender.send(target(), { ...DELIVERY, place: { sequence: 1, previousId: null }, replay: true })
    const headers = receiver.received[0]?.headers
    expect(headers).not.toHaveProperty('tract-previous-id')
    expect(headers?.['tract-replay']).toBe('true')
  })
})

describe('an answer', () => {
  test.each([301, 302, 303, 307, 308])('that redirects with %i is not followed', async (status) => {
    const elsewhere = await Receiver.start()
    receiver.answer = () => ({ status, headers: { location: elsewhere.url } })
    const sent = await sender.send(target(), DELIVERY)
    expect(sent).toMatchObject({
      verdict: { kind: 'retry', error: 'redirect' },
      attempt: { status, error: 'redirect' },
    })
    expect(elsewhere.received).toEqual([])
    await elsewhere.close()
  })

  test('is asked not to be coded, and read as it says that it is', async () => {
    const no = gzipSync('{"success":false}')
    receiver.answer = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(no)
      return undefined
    }
    expect(await sender.send(target(), DELIVERY)).toMatchObject({
      verdict: { kind: 'refused', error: 'refused' },
      attempt: { status: 200, error: 'refused', answer: '{"success":false}' },
    })
    expect(receiver.received[0]?.headers['accept-encoding']).toBe('identity')
  })

  test('that is coded on its way is read as well', async () => {
    const no = gzipSync('{"success":false}')
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n'
    const server = await raw((socket) =>
      socket.once('data', () => {
        socket.write(`${head}${no.length.toString(16)}\r\n`)
        socket.write(no)
        socket.end('\r\n0\r\n\r\n')
      }),
    )
    expect(await sender.send({ url: server.url, secrets: [secret] }, DELIVERY)).toMatchObject({
      verdict: { kind: 'refused', error: 'refused' },
    })
  })

  test('that is not understood acknowledges nothing, and its connection is good for the next', async () => {
    receiver.answer = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'br' }).end('{"success":true}')
      return undefined
    }
    expect(await sender.send(target(), DELIVERY)).toMatchObject({
      verdict: { kind: 'retry', error: 'not_understood' },
      attempt: { status: 200, error: 'not_understood', answer: null },
    })
    receiver.answer = () => ({})
    expect(await sender.send(target(), DELIVERY)).toMatchObject({ verdict: { kind: 'acknowledged' } })
  })

  test('that does not end is read to 64 KiB and left', async () => {
    let written = 0
    receiver.answer = (_request, response) => {
      response.writeHead(200)
      const chunk = 'x'.repeat(16_384)
      const pump = () => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length
        if (!response.destroyed) response.once('drain', pump)
      }
      pump()
      return undefined
    }
    const sent = await sender.send(target(), DELIVERY)
    expect(sent).toMatchObject({ verdict: { kind: 'acknowledged' }, attempt: { status: 200 } })
    expect(sent?.attempt.answer).toBe('x'.repeat(2_048))
    expect(written).toBeLessThan(64 * 1024 * 1024)
  })

  test('that is too long in one piece is cut', async () => {
    receiver.answer = () => ({ status: 500, body: 'é'.repeat(100_000) })
    const sent = await sender.send(target(), DELIVERY)
    expect(sent?.attempt).toMatchObject({ status: 500, error: 'status_5xx', answer: 'é'.repeat(2_048) })
    receiver.answer = () => ({})
    expect(await sender.send(target(), DELIVERY)).toMatchObject({ verdict: { kind: 'acknowledged' } })
  })

  test('is put together however it comes, and what was only information is left out', async () => {
    const [before, after] = ['{"error":"späte', 'r"}'].map((text) => Buffer.from(text))
    const pieces = [
      'HTTP/1.1 103 Early Hints\r\nretry-after: 9\r\n\r\n',
      'HTTP/1.1 429 Too Many Requests\r\nRetry-',
      'After: 3\r\ntransfer-encoding: chunked\r\n\r\n',
      Buffer.concat([Buffer.from('10\r\n'), before?.subarray(0, 13) ?? Buffer.of()]),
      Buffer.concat([before?.subarray(13) ?? Buffer.of(), Buffer.from('\r\n3\r\n'), after ?? Buffer.of()]),
      '\r\n0\r\n\r\n',
    ]
    const server = await raw((socket) =>
      socket.setNoDelay(true).once('data', () => {
        const timer = setInterval(() => {
          const piece = pieces.shift()
          if (piece === undefined) clearInterval(timer)
          else socket.write(piece)
        }, 10)
      }),
    )
    expect(await sender.send({ url: server.url, secrets: [secret] }, DELIVERY)).toMatchObject({
      verdict: { kind: 'retry', error: 'rate_limited', afterMs: 3_000 },
      attempt: { status: 429, answer: '{"error":"später"}' },
    })
  })

  test('that has no body is one', async () => {
    receiver.answer = () => ({ status: 204, body: '' })
    expect(await sender.send(target(), DELIVERY)).toMatchObject({
      verdict: { kind: 'acknowledged' },
      attempt: { status: 204, error: null, answer: null },
    })
  })

  test('that drips is out of time, headers or no headers', async () => {
    receiver.answer = (_request, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write(' '), 50)
      response.on('close', () => clearInterval(timer))
      return undefined
    }
    const sent = await hasty.send(target(), DELIVERY)
    expect(sent).toMatchObject({
      verdict: { kind: 'retry', error: 'timeout' },
      attempt: { status: null, error: 'timeout' },
    })
    expect(sent?.attempt.durationMs).toBeGreaterThanOrEqual(HASTY_TIMEOUT_MS - 10)
  })

  test('that never comes is out of time', async () => {
    receiver.answer = () => undefined
    expect(await hasty.send(target(), DELIVERY)).toMatchObject({ attempt: { error: 'timeout' } })
  })

  test('is kept to 2,048 characters, and no half of one', async () => {
    receiver.answer = () => ({ status: 500, body: `${'x'.repeat(2_047)}👋` })
    const sent = await sender.send(target(), DELIVERY)
    expect(sent?.attempt.answer).toBe('x'.repeat(2_047))
  })

  test('to a test of a hook is text that any JSON can hold', async () => {
    receiver.answer = () => ({ status: 500, body: 'a\0b\uFFFF👋' })
    expect(await sendTest(sender, target(), { body: '{}' })).toMatchObject({ answer: 'a\uFFFDb\uFFFF👋' })
  })
})

describe('an endpoint that is at fault', () => {
  const errorAt = async (url: string) => (await sender.send({ url, secrets: [secret] }, DELIVERY))?.attempt.error

  test('is not there', async () => {
    const gone = await Receiver.start()
    await gone.close()
    expect(await errorAt(gone.url)).toBe('connection_refused')
  })

  test('resets the connection', async () => {
    const server = await raw((socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect(await errorAt(server.url)).toBe('connection_reset')
  })

  test('closes it without an answer', async () => {
    const server = await raw((socket) => socket.once('data', () => socket.end()))
    expect(await errorAt(server.url)).toBe('connection_reset')
  })

  test.each([
    ['its status line', 'HTTP/1.1 200 OK\r\n'],
    ['its headers', 'HTTP/1.1 200 OK\r\nx-slow: '],
  ])('drips %s', async (_, beginning) => {
    const server = await raw((socket) =>
      socket.once('data', () => {
        const letters = [...beginning.slice(-2), ...'a'.repeat(1_000)]
        socket.write(beginning.slice(0, -2))
        const timer = setInterval(() => socket.write(letters.shift() ?? ''), 20)
        socket.on('close', () => clearInterval(timer))
      }),
    )
    const sent = await hasty.send({ url: server.url, secrets: [secret] }, DELIVERY)
    expect(sent?.attempt).toMatchObject({ error: 'timeout', status: null })
  })

  test('promises an answer for ever', async () => {
    const server = await raw((socket) =>
      socket.once('data', () => {
        const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n'), 20)
        socket.on('close', () => clearInterval(timer))
      }),
    )
    const sent = await hasty.send({ url: server.url, secrets: [secret] }, DELIVERY)
    expect(sent?.attempt).toMatchObject({ error: 'timeout' })
  })

  test('takes the connection and says nothing at all', async () => {
    const server = await raw(() => {})
    const sent = await hasty.send({ url: server.url, secrets: [secret] }, DELIVERY)
    expect(sent?.attempt).toMatchObject({ error: 'timeout' })
  })

  test.each([
    ['headers without end', `HTTP/1.1 200 OK\r\n${'x-more: 1\r\n'.repeat(20_000)}`],
    ['one header beyond measure', `HTTP/1.1 200 OK\r\nx-much: ${'much'.repeat(50_000)}\r\n\r\n`],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc'],
    [
      'another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
      'connection_reset',
    ],
  ])('answers with %s', async (_, answer, error = 'protocol') => {
    const server = await raw((socket) => socket.once('data', () => socket.end(answer)))
    const sent = await sender.send({ url: server.url, secrets: [secret] }, DELIVERY)
    expect(sent?.verdict.kind).toBe('retry')
    expect(sent?.attempt).toMatchObject({ error, status: null })
  })

  test('answers garbage', async () => {
    const server = await raw((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')))
    expect(await errorAt(server.url)).toBe('protocol')
  })

  test('breaks off in the middle of its answer', async () => {
    const server = await raw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"succ')),
    )
    expect(await errorAt(server.url)).toBe('connection_reset')
  })

  test('speaks no TLS', async () => {
    expect(await errorAt(receiver.url.replace('http:', 'https:'))).toBe('tls_not_spoken')
  })

  test('has a name that does not resolve', async () => {
    expect(await errorAt('https://no-such-host.invalid/')).toBe('dns')
  })

  test('is at an address that nothing may be sent to', async () => {
    expect(await errorAt('https://10.0.0.1/')).toBe('egress_refused')
  })
})

test('a test of a hook is one signed attempt that stands in no lane', async () => {
  receiver.answer = () => ({ status: 422, body: '{"error":"who is this?"}' })
  const result = await sendTest(sender, target(), { body: '{"user_id":"sample"}' })
  expect(result).toEqual({
    acknowledged: false,
    at_fault: 'payload',
    status: 422,
    error: 'status_4xx',
    answer: '{"error":"who is this?"}',
    duration_ms: expect.any(Number),
  })
  const [request] = receiver.received
  new Webhook(secret.toString('base64')).verify(request?.text ?? '', request?.headers as Record<string, string>)
  expect(request?.headers).not.toHaveProperty('tract-sequence')
  receiver.answer = () => ({})
  expect(await sendTest(sender, target(), { body: '{}' })).toMatchObject({ acknowledged: true, status: 200 })
  expect(receiver.received).toHaveLength(2)
})
