import { createServer, type ServerResponse } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { listen } from '@tract/testing/listen'
import { forward } from '../src/listen/forward.js'

const NO = '{"success":false}'
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
let respond: (response: ServerResponse) => void
let url: string
const server = createServer((request, response) => request.resume().on('end', () => respond(response)))

beforeAll(async () => {
  url = `http://127.0.0.1:${await listen(server)}/`
})
afterAll(() => {
  server.close()
})

const attempt = () => ({
  id: '0192f3a1-77aa-7d1e-b0c4-6f1e0b8d2a55',
  category: 'message',
  subcategory: 'receive',
  expires_at: new Date().toISOString(),
  headers: {
    'webhook-id': 'one',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': '',
  },
  body: '{}',
})

const answered = (body: string | Buffer, headers: Record<string, string> = {}) => {
  respond = (response) => response.writeHead(200, headers).end(body)
  return forward(url, attempt(), SECRET)
}

test.each<[string, string | Buffer, Record<string, string>?, string?]>([
  ['as it is', NO],
  ['by gzip', gzipSync(NO), { 'content-encoding': 'gzip' }],
  ['with a mark', `\uFEFF${NO}`],
  ['in UTF-16', Buffer.from(NO, 'utf16le')],
  ['in UTF-16 with a mark', Buffer.from(`\uFEFF${NO}`, 'utf16le').swap16()],
  ['in UTF-16 after a line', Buffer.from(`\n${NO}`, 'utf16le'), {}, `\n${NO}`],
  ['in UTF-8, and says UTF-16', NO, { 'content-type': 'application/json; charset=utf-16' }],
  ['in the charset that it names', NO, { 'content-type': 'application/json; charset=iso-8859-1' }],
])('an answer that comes %s is told as text', async (...[, body, headers, text = NO]) => {
  expect(await answered(body, headers)).toEqual({ status: 200, body: text })
})

test.each<[string, string | Buffer, Record<string, string>]>([
  ['coded in a way that TRACT does not read', brotliCompressSync(NO), { 'content-encoding': 'br' }],
  ['by gzip that nothing tells of', gzipSync(NO), {}],
  ['in UTF-32', Buffer.from(Array.from(NO, (letter) => [letter.charCodeAt(0), 0, 0, 0]).flat()), {}],
  ['coded in a way that nobody knows', NO, { 'content-encoding': 'rot13' }],
  ['in a charset that nobody knows', NO, { 'content-type': 'application/json; charset=klingon' }],
])('an answer %s is told to be one that could not be read', async (_, body, headers) => {
  expect(await answered(body, headers)).toEqual({ status: 200, body_incomplete: true })
})

test('of a long answer the beginning is told, and that there is more', async () => {
  const text = `{"much":"${'é'.repeat(10_000)}","success":false}`
  expect(await answered(text)).toEqual({ status: 200, body: text.slice(0, 4_096), body_incomplete: true })
  expect(await answered('x'.repeat(4_096))).toEqual({ status: 200, body: 'x'.repeat(4_096) })
})

test.each([600, 999])('the status %d is none: it would hold up the answers that are told with it', async (status) => {
  respond = (response) => response.writeHead(status).end(NO)
  expect(await forward(url, attempt(), SECRET)).toEqual({ error: 'protocol' })
})

test('an answer without a body is complete, whatever is said of it', async () => {
  expect(await answered('', { 'content-type': 'text/plain; charset=klingon' })).toEqual({ status: 200 })
})
