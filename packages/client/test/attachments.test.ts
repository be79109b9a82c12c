/** Files, against the real service: whole, in part, as they come, and over connections that break. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { listen, stop } from '@tract/testing/listen'
import {
  AbortError,
  ConnectionError,
  InvalidRequestError,
  isErrorOf,
  NotFoundError,
  TimeoutError,
  Tract,
  TractError,
} from '../src/index.node.js'
import { piecesOf } from '../src/transport/bytes.js'
import { Desk } from './support/desk.js'
import type { Fault } from './support/fault-proxy.js'

const UPLOAD = '/tract/attachments/'
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect('the call').toBe('refused'),
    (error: unknown) => error,
  )

async function bytesOf(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of piecesOf(body)) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function* inPieces(bytes: Buffer, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

let desk: Desk

beforeAll(async () => {
  desk = await Desk.open()
})
afterAll(() => desk.close())

describe.each([
  ['undici', {}],
  ['fetch', { fetch: globalThis.fetch }],
])('over %s,', (transport, settings) => {
  let tract: Tract
  const bytes = randomBytes(3_000_001)

  beforeAll(() => {
    tract = desk.tract(settings)
  })
  afterEach(() => desk.proxy.reset())
  afterAll(() => tract.close())

  /** The faults befall the uploads in turn; then all goes well. */
  const befall = (...faults: Fault[]) => {
    desk.proxy.fault = ({ path }) => (path === UPLOAD ? faults.shift() : undefined)
  }

  test.each<[string, () => Parameters<Tract['attachments']['upload']>[0]]>([
    ['a File', () => new File([bytes], 'Rechnung "für" Ašha.bin')],
    ['a Blob', () => new Blob([bytes])],
    ['bytes', () => new Uint8Array(bytes)],
    ['a stream', () => new Blob([bytes]).stream()],
    ['an iterable', () => inPieces(bytes)],
  ])('%s arrives byte for byte, and comes back', async (kind, input) => {
    const name = 'Rechnung für Ašha.bin'
    const kept = await tract.attachments.upload(input(), kind === 'a File' ? {} : { name })
    expect(kept).toMatchObject({ size: bytes.length, sha256: sha256(bytes), content_type: 'application/octet-stream' })
    if (kind !== 'a File') expect(kept.name).toBe(name)
    const file = await tract.attachments.get(kept.id)
    expect(file).toMatchObject({ name: kept.name, contentType: kept.content_type, size: bytes.length })
    expect(file.range).toBeUndefined()
    expect(sha256(await bytesOf(file.body))).toBe(kept.sha256)
  })

  test('a file goes with a message, and a part of it can be read', async () => {
    const { id } = await tract.attachments.upload(Buffer.from('Please read this.'), { name: 'note.txt' })
    const user_id = await desk.user(`reads-${transport}`)
    await tract.messages.send({ user_id, sender: 'aeu', message_body: 'See the note', attachments: [{ id }] })
    const part = await tract.attachments.get(id, { range: { start: 7, end: 10 } })
    expect(part).toMatchObject({ name: 'note.txt', size: 17, range: { start: 7, end: 10 } })
    expect((await bytesOf(part.body)).toString()).toBe('read')
    const rest = await tract.attachments.get(id, { range: { start: 12 } })
    expect((await bytesOf(rest.body)).toString()).toBe('this.')
    const beyond = await failure(tract.attachments.get(id, { range: { start: 17 } }))
    if (!isErrorOf('attachments.get', beyond)) throw beyond
    expect([beyond.status, beyond.code]).toEqual([416, 'range_not_satisfiable'])
  })

  test('what is refused is an error of its class', async () => {
    const empty = await failure(tract.attachments.upload(new Uint8Array(), { name: 'empty' }))
    expect(empty).toBeInstanceOf(InvalidRequestError)
    expect((empty as InvalidRequestError).issues[0]?.path).toBe('/file')
    const missing = await failure(tract.attachments.get('01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11'))
    expect(missing).toBeInstanceOf(NotFoundError)
    expect(missing).toMatchObject({ code: 'attachment_not_found', operation: 'attachments.get' })
    expect(await failure(tract.attachments.upload(new Blob(['x'])))).toBeInstanceOf(TypeError)
    const split = { name: 'x', contentType: 'text/plain\r\nx: y' }
    expect(await failure(tract.attachments.upload(new Blob(['x']), split))).toBeInstanceOf(TypeError)
  })

  test('what can be sent again is, with the same key, and kept once', async () => {
    befall('lost on the way', 'answer lost')
    const { data, response } = await tract.attachments.upload(bytes, { name: 'a.bin' }).withResponse()
    expect(data.sha256).toBe(sha256(bytes))
    expect(response.headers['idempotency-replayed']).toBe('true')
    expect(new Set(desk.proxy.of(UPLOAD).map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(desk.proxy.of(UPLOAD)).toHaveLength(3)
  })

  test('a stream that was begun is not sent again', async () => {
    befall('answer lost')
    expect(await failure(tract.attachments.upload(inPieces(bytes), { name: 'a' }))).toBeInstanceOf(ConnectionError)
    expect(desk.proxy.of(UPLOAD)).toHaveLength(1)
  })

  test('a token that was refused is replaced: at once for bytes, for a stream at the next call', async () => {
    const own = desk.tract(settings)
    const refuse = async () => {
      const token = await own.auth.token()
      await desk.tract(settings).auth.revoke(token)
    }
    await refuse()
    expect((await own.attachments.upload(Buffer.from('x'), { name: 'x' })).size).toBe(1)
    await refuse()
    const { id } = await own.attachments.upload(Buffer.from('y'), { name: 'y' })
    await refuse()
    expect((await bytesOf((await own.attachments.get(id)).body)).toString()).toBe('y')
    await own.close()
  })

  test('a source that fails is told as what it is, and its iterator is closed when the call is aborted', async () => {
    const cause = new Error('the disk is gone')
    const broken = async function* () {
      yield bytes
      throw cause
    }
    const error = await failure(tract.attachments.upload(broken(), { name: 'a' }))
    expect(error).toBeInstanceOf(TractError)
    expect((error as TractError).cause).toBe(cause)

    const controller = new AbortController()
    let closed: () => void = () => {}
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve
    })
    const endless = async function* () {
      try {
        for (let count = 0; ; count++) {
          yield bytes.subarray(0, 1000)
          // as a source does that reads from somewhere
          await new Promise((resolve) => setImmediate(resolve))
          if (count === 3) controller.abort(cause)
        }
      } finally {
        closed()
      }
    }
    const aborted = await failure(tract.attachments.upload(endless(), { name: 'a', signal: controller.signal }))
    expect(aborted).toBeInstanceOf(AbortError)
    await isClosed
  })
})

describe.each([
  ['undici', {}],
  ['fetch', { fetch: globalThis.fetch }],
])('an answer that breaks, over %s,', (_, settings) => {
  let server: Server
  let tract: Tract
  let answers: ServerResponse[] = []

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url?.includes('/auth/')) {
        const token = { access_token: 't', token_type: 'Bearer', expires_in: 3600 }
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token))
        return
      }
      response.writeHead(200, { 'content-length': 100, 'content-type': 'text/plain' }).write('begun')
      answers.push(response)
    })
    const baseUrl = `http://127.0.0.1:${await listen(server)}`
    tract = new Tract({ baseUrl, clientId: 'desk', clientSecret: 'secret', ...settings })
  })
  afterEach(() => {
    answers = []
  })
  afterAll(async () => {
    await tract.close()
    await stop(server)
  })

  test('fails as a connection, as too slow, or as aborted', async () => {
    const lost = (await tract.attachments.get('a')).body.getReader()
    expect(Buffer.from((await lost.read()).value ?? []).toString()).toBe('begun')
    answers[0]?.destroy()
    expect(await failure(lost.read())).toBeInstanceOf(ConnectionError)

    const silent = (await tract.attachments.get('a', { timeout: 2_000 })).body.getReader()
    await silent.read()
    expect(await failure(silent.read())).toBeInstanceOf(TimeoutError)

    const controller = new AbortController()
    const left = (await tract.attachments.get('a', { signal: controller.signal })).body.getReader()
    await left.read()
    const reason = new Error('closed')
    controller.abort(reason)
    const error = await failure(left.read())
    expect([(error as AbortError).name, (error as AbortError).cause]).toEqual(['AbortError', reason])
  })

  test('is given up with its connection when its reader cancels, before or after the first piece', async () => {
    for (const isBegun of [false, true]) {
      const { body } = await tract.attachments.get('a')
      const gone = new Promise((resolve) => answers.at(-1)?.once('close', resolve))
      const reader = body.getReader()
      if (isBegun) await reader.read()
      await reader.cancel()
      await gone
    }
  })
})
