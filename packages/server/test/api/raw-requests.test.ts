/** HTTP as it is written, at both ports. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, call } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { type RawRequest, rawBodies, rawRequests } from './cases/raw-requests.js'
import { RawConnection, rawCall } from './support/raw.js'

let service: TestService
beforeAll(async () => {
  service = await TestService.start({ environment: { TRACT_OPERATIONS_PORT: '0' } })
})
afterAll(() => service.close())

const PORTS: [name: string, url: (of: TestService) => string][] = [
  ['the port of the API', ({ url }) => url],
  ['the operations port', ({ service: { operationsUrl } }) => operationsUrl as string],
]

function isRefused(answer: Answer, { status, code }: Pick<RawRequest, 'status' | 'code'>): void {
  expect([answer.status, answer.body?.code, answer.text]).toEqual([status, code, answer.text])
  expect(answer.body.error).toMatch(/\S/)
  expect(answer.body.request_id).toBe(answer.headers.get('x-request-id'))
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(answer.text)))
  expect(answer.headers.get('connection')).toBe('close')
}

describe.each(PORTS)('at %s', (_, url) => {
  test.each(rawRequests)('$name is $status', async (given) => {
    const connection = await RawConnection.open(url(service))
    for (const piece of given.written) await connection.write(piece).arrived()
    isRefused(await connection.answer(), given)
  })

  test('goes on with other connections', async () => {
    expect((await call(`${url(service)}/healthz`, { method: 'GET' })).status).toBe(200)
  })

  test.each([
    ['HTTP/1.0 without a Host', 'GET /healthz HTTP/1.0\r\n\r\n'],
    ['an empty Host', 'GET /healthz HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n'],
    ...['localhost:80', '[::1]:8080', '127.0.0.1', 'xn--bcher-kva.example'].map((host) => [
      `the Host ${host}`,
      `GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
    ]),
    ['the absolute form of a URL', 'GET http://example.com/healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
    ['empty lines before it', '\r\n\r\nGET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
    [
      'the wish for a WebSocket',
      'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n',
    ],
    [
      'the wish for HTTP/2',
      'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: upgrade, http2-settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n',
    ],
  ])('%s is answered as HTTP/1.1', async (_name, text) => {
    const answer = await rawCall(url(service), text)
    expect([answer.status, answer.text]).toEqual([200, '{"status":"ok"}'])
  })

  test.each([
    ['OPTIONS *', 'OPTIONS * HTTP/1.1'],
    ['%zz', 'GET /%zz HTTP/1.1'],
    ['%', 'GET /% HTTP/1.1'],
    ['%ff', 'GET /%ff HTTP/1.1'],
    ['%00', 'GET /%00 HTTP/1.1'],
    ['TRACE', 'TRACE /nothing HTTP/1.1'],
    ['PROPFIND', 'PROPFIND /nothing HTTP/1.1'],
    ['QUERY', 'QUERY /nothing HTTP/1.1'],
    ['the absolute form of what is not there', 'GET http://example.com/nothing?a HTTP/1.1'],
  ])('%s is what is not there', async (_name, line) => {
    const answer = await rawCall(url(service), `${line}\r\nhost: a\r\nconnection: close\r\n\r\n`)
    isRefused(answer, { status: 404, code: 'unknown_path' })
  })
})

describe('a body', () => {
  test.each(rawBodies)('with $name is $status', async (given) => {
    isRefused(await rawCall(service.url, ...given.written), given)
  })

  test('is asked for only if it would be taken', async () => {
    const head = (expectation: string) =>
      `POST /tract/auth/token/ HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 2\r\nexpect: ${expectation}\r\n\r\n`
    const connection = await RawConnection.open(service.url)
    await connection.write(head('100-continue')).received('HTTP/1.1 100 Continue\r\n\r\n')
    expect((await connection.write('{}').answers()).map(({ status }) => status)).toEqual([100, 400])
  })
})

describe('an earlier request of the connection', () => {
  const token =
    'POST /tract/auth/token/ HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 2\r\n\r\na='

  test('is answered before the rubbish after it ends the connection', async () => {
    const [first, ...more] = await (await RawConnection.open(service.url)).write(`${token}rubbish\r\n\r\n`).answers()
    expect([first?.status, first?.body.code, more]).toEqual([400, 'invalid_request', []])
    expect(first?.body.error_description ?? first?.body.error).not.toMatch(/HTTP/)
  })

  test('is answered before the next one is refused', async () => {
    const next = 'POST /tract/auth/token/ HTTP/1.1\r\nhost: a\r\nhost: b\r\ncontent-length: 0\r\n\r\n'
    const answers = await (await RawConnection.open(service.url)).write(token + next).answers()
    expect(answers.map(({ body }) => body.error_description ?? body.error)).toEqual([
      expect.stringMatching(/grant_type/),
      expect.stringMatching(/host/),
    ])
  })

  test('is answered before the next one is refused for its body', async () => {
    const next = `${token.replace('content-length: 2', 'transfer-encoding: chunked').replace(/a=$/, '')}zz\r\n`
    const answers = await (await RawConnection.open(service.url)).write(token + next).answers()
    expect(answers.map(({ body }) => body.error_description ?? body.error)).toEqual([
      expect.stringMatching(/grant_type/),
      expect.stringMatching(/HTTP/),
    ])
  })

  test('gets no second answer for its body, once it is refused for want of a token', async () => {
    const head = 'POST /tract/user/ HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n'
    const connection = (await RawConnection.open(service.url)).write(head)
    await connection.received('token_missing')
    expect((await connection.write('zz\r\n').answers()).map(({ status }) => status)).toEqual([401])
  })
})

describe('who is slow', () => {
  let slow: TestService
  beforeAll(async () => {
    const environment = { TRACT_OPERATIONS_PORT: '0' }
    slow = await TestService.start({ environment, http: { requestTimeout: 1_000, checkEvery: 50 } })
  })
  afterAll(() => slow.close())

  describe.each(PORTS)('at %s', (_, url) => {
    test.each([
      ['with nothing', ''],
      ['with the first line', 'GET /hea'],
      ['with the head', 'GET /healthz HTTP/1.1\r\nhost: a\r\n'],
      [
        'with the body',
        'POST /tract/auth/token/ HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 20\r\n\r\ngrant',
      ],
      [
        'with a chunk',
        'POST /tract/auth/token/ HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n5\r\ngr',
      ],
    ])('%s is told so', async (name, text) => {
      const answer = await rawCall(url(slow), text)
      // where nothing takes a POST, that is told without its body
      const isThere = url(slow) === slow.url || !/body|chunk/.test(name)
      if (isThere) isRefused(answer, { status: 408, code: 'request_timeout' })
      else expect([answer.status, answer.body.code]).toEqual([404, 'unknown_path'])
    })
  })
})
