import { describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { DELIVERY, SECRET as secret } from '../sample-delivery.js'
import { hasty, raw, receiver, sender, useSender } from './sending.js'

useSender()

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
