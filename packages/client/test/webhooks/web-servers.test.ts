/** The same receiver in every web server that it has an adapter for: real servers, real connections. */
import { createServer, type RequestListener } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { listen, stop } from '@tract/testing/listen'
import express from 'express'
import Fastify from 'fastify'
import { fastifyHooks } from '../../src/webhooks/fastify.js'
import type { HookReceiver, HookReceiverOptions } from '../../src/webhooks/index.js'
import { signedDelivery } from '../../src/webhooks/testing.js'
import { gate, newSecret, type Watched, watched } from './attempt.js'

const secret = newSecret()
const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  closing.push(() => stop(server))
  return `http://127.0.0.1:${await listen(server)}/hooks`
}

const servers: Record<string, (receiver: HookReceiver) => Promise<string>> = {
  'node:http': (receiver) => listening(receiver.node),
  'Express, before a JSON parser': (receiver) => {
    const app = express()
    app.all('/hooks', receiver.node)
    return listening(app.use(express.json()))
  },
  'Express, as a router below a path': (receiver) => listening(express().use('/hooks', receiver.node)),
  'Express, after a JSON parser that keeps the bytes': (receiver) => {
    const keep = (request: object, _response: object, rawBody: Buffer) => void Object.assign(request, { rawBody })
    return listening(
      express()
        .use(express.json({ limit: '2mb', verify: keep }))
        .use('/hooks', receiver.node),
    )
  },
  'Express, after a parser of raw bodies': (receiver) =>
    listening(
      express()
        .use(express.raw({ limit: '2mb', type: '*/*' }))
        .use('/hooks', receiver.node),
    ),
  'Express, after a parser of text': (receiver) =>
    listening(
      express()
        .use(express.text({ limit: '2mb', type: '*/*' }))
        .use('/hooks', receiver.node),
    ),
  'Express, after a JSON parser for other types': (receiver) =>
    listening(
      express()
        .use(express.json({ type: 'application/vnd.api+json' }))
        .use('/hooks', receiver.node),
    ),
  Fastify: async (receiver) => {
    const app = Fastify({ pluginTimeout: 0 })
    app.register(fastifyHooks(receiver), { url: '/hooks' })
    closing.push(() => app.close())
    return `${await app.listen({ host: '127.0.0.1', port: 0 })}/hooks`
  },
  'Fastify, with a JSON parser of the application and a prefix': async (receiver) => {
    const app = Fastify({ bodyLimit: 100, pluginTimeout: 0 })
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
      done(null, JSON.parse(body as string)),
    )
    app.register(fastifyHooks(receiver), { prefix: '/hooks' })
    closing.push(() => app.close())
    return `${await app.listen({ host: '127.0.0.1', port: 0 })}/hooks`
  },
}

describe.each(Object.entries(servers))('%s', (_name, serve) => {
  async function started(options: Partial<HookReceiverOptions> = {}): Promise<Watched & { url: string }> {
    const kit = watched({ secret, ...options } as HookReceiverOptions)
    return { ...kit, url: await serve(kit.receiver) }
  }

  test('takes a delivery and passes the answer on', async () => {
    const { url, handled } = await started({
      handlers: { 'user_events.create_user': ({ user_id }) => ({ ect_user_id: `case-${user_id}` }) },
    })
    const created = await fetch(url, await signedDelivery('user_events.create_user', { secret }))
    expect(created.headers.get('content-type')).toContain('application/json')
    expect([created.status, await created.json()]).toEqual([200, { success: true, ect_user_id: 'case-8812' }])
    const payload = { message_body: { type: 'TEXT', text: 'नमस्ते 👋 ☃', data: {} } as const }
    const message = await fetch(url, await signedDelivery('message.receive', { secret, payload, sequence: 2 }))
    expect([message.status, await message.json()]).toEqual([200, { success: true }])
    expect(handled).toMatchObject([{ payload, delivery: { name: 'message.receive', sequence: 2 } }])
  })

  test('takes the longest delivery that there is, in many pieces', async () => {
    const { url, handled } = await started()
    const metadata = { numbers: Array.from({ length: 52_000 }, () => 1e20) }
    const delivery = await signedDelivery('message.receive', { secret, payload: { metadata } })
    expect(delivery.body.length).toBeGreaterThan(1_140_000)
    expect((await fetch(url, delivery)).status).toBe(200)
    expect(handled[0]?.payload).toMatchObject({ metadata })
  })

  test('refuses what was tampered with, and what is not posted', async () => {
    const { url, handled } = await started()
    const delivery = await signedDelivery('message.receive', { secret })
    const tampered = delivery.body.replace('bill', 'account')
    expect((await fetch(url, { ...delivery, body: tampered })).status).toBe(401)
    const got = await fetch(url, { headers: delivery.headers })
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
    expect(handled).toEqual([])
  })

  test('keeps a failing handler from everything but its answer', async () => {
    const { url } = await started({ handlers: { 'message.receive': () => Promise.reject(new Error('queue is full')) } })
    const answer = await fetch(url, await signedDelivery('message.receive', { secret }))
    expect([answer.status, await answer.json()]).toEqual([500, { success: false, error: 'The receiver failed.' }])
  })
})

// What a parser reads before the receiver is the parser's to bound.
const readers = Object.entries(servers).filter(([name]) => !name.includes('after a'))

describe.each(readers)('%s', (_name, serve) => {
  /** Writes as it is told, and gives what came back before the connection ended or `until` was in it. */
  async function exchange(url: string, write: (send: (text: string) => void) => void, until: string): Promise<string> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    let came = ''
    await new Promise<void>((resolve) => {
      socket.setEncoding('latin1').on('data', (text: string) => {
        came += text
        if (came.includes(until)) resolve()
      })
      socket.on('error', () => {}).on('close', resolve)
      write((text) => socket.write(text))
    })
    socket.destroy()
    return came
  }

  async function head(url: string, more: string[]): Promise<string> {
    const { headers } = await signedDelivery('message.receive', { secret })
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    return [`POST ${new URL(url).pathname} HTTP/1.1`, 'host: test', ...lines, ...more, '', ''].join('\r\n')
  }

  test('answers 413 to 10 MB that are announced, before they come', async () => {
    const { receiver, handled } = watched({ secret })
    const url = await serve(receiver)
    const start = await head(url, ['content-length: 10485760'])
    const came = await exchange(url, (send) => send(start), '}')
    expect(came).toMatch(/^HTTP\/1.1 413 .*connection: close.*longer than 1310720 bytes/is)
    expect(handled).toEqual([])
  })

  test('stops to read 10 MB that are not announced', async () => {
    const { receiver, handled } = watched({ secret })
    const url = await serve(receiver)
    const start = await head(url, ['transfer-encoding: chunked'])
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const came = await exchange(url, (send) => send(start + chunk.repeat(160)), '}')
    // The connection may be closed before the answer is read: half of the body is still on its way.
    if (came !== '') expect(came).toMatch(/^HTTP\/1.1 413 /)
    expect(handled).toEqual([])
  })

  test('gives up a body that stops coming', async () => {
    const { receiver, handled } = watched({ secret, bodyTimeoutMs: 100 })
    const url = await serve(receiver)
    const start = await head(url, ['content-length: 100'])
    const came = await exchange(url, (send) => send(`${start}{"user_id":`), '}')
    expect(came).toMatch(/^HTTP\/1.1 408 .*connection: close/is)
    expect(handled).toEqual([])
  })

  test('survives a sender that hangs up half-way, and one that sends a header twice', async () => {
    const { receiver, handled } = watched({ secret })
    const url = await serve(receiver)
    const { port } = new URL(url)
    const start = await head(url, ['content-length: 100'])
    await new Promise((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(`${start}{"user`, () => socket.destroy()))
      socket.on('close', resolve)
    })
    const twice = await head(url, ['webhook-id: other', 'content-length: 2'])
    expect(await exchange(url, (send) => send(`${twice}{}`), '}')).toMatch(/^HTTP\/1.1 401 /)
    expect((await fetch(url, await signedDelivery('message.receive', { secret }))).status).toBe(200)
    expect(handled).toHaveLength(1)
  })
})

test('a middleware that has answered already is left alone', async () => {
  const { opened, open } = gate()
  const { receiver, errors } = watched({ secret, handlers: { 'message.receive': () => opened } })
  const settled: Promise<unknown>[] = []
  const url = await listening((request, response) => {
    settled.push(receiver.node(request, response))
    response.writeHead(503).end()
  })
  expect((await fetch(url, await signedDelivery('message.receive', { secret }))).status).toBe(503)
  open()
  expect(await Promise.all(settled)).toEqual([undefined])
  expect(errors).toEqual([])
})

test('a JSON parser before the receiver is answered with what to do', async () => {
  const { receiver, handled, errors } = watched({ secret })
  const url = await listening(express().use(express.json()).use('/hooks', receiver.node))
  const answer = await fetch(url, await signedDelivery('message.receive', { secret }))
  const error = expect.stringMatching(/mount the receiver first.*express\.json\(\{ verify/)
  expect([answer.status, await answer.json()]).toEqual([500, { success: false, error }])
  expect(errors).toMatchObject([{ message: error }])
  expect(handled).toEqual([])
})
