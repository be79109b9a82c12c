import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { sendTest } from '../../../src/deliver/send/hook-test.js'
import { HASTY_TIMEOUT_MS } from '../quick-settings.js'
import { DELIVERY, SECRET as secret } from '../sample-delivery.js'
import { hasty, raw, receiver, sender, target, useSender } from './sending.js'

useSender()

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
