/** What is wrong with a request as HTTP, before it is anybody's. */
import type { KnownErrorCode } from '@tract/contract'

/** A request as it is written, in one piece or in several. */
export interface RawRequest {
  name: string
  status: number
  code: KnownErrorCode
  written: (string | Uint8Array)[]
}

const CRLF = '\r\n'
const lines = (...all: string[]) => all.map((line) => line + CRLF).join('') + CRLF
const HOST = 'host: localhost'

const request = (
  name: string,
  status: number,
  code: KnownErrorCode,
  ...written: (string | Uint8Array)[]
): RawRequest => ({
  name,
  status,
  code,
  written,
})
const bad = (name: string, ...written: (string | Uint8Array)[]) => request(name, 400, 'invalid_request', ...written)
const get = (name: string, target: string, ...headers: string[]) =>
  bad(name, lines(`GET ${target} HTTP/1.1`, HOST, ...headers))
const post = (name: string, headers: string[], body = '{}') =>
  bad(name, lines('POST /tract/user/ HTTP/1.1', HOST, ...headers), body)
const CHUNKED = 'transfer-encoding: chunked'

export const rawRequests: RawRequest[] = [
  // the request line
  bad('what is no HTTP', `hello${CRLF}${CRLF}`),
  bad('the beginning of TLS', Uint8Array.of(0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3)),
  bad('the beginning of HTTP/2', lines('PRI * HTTP/2.0') + lines('SM')),
  bad('HTTP/0.9', `GET /healthz${CRLF}${CRLF}`),
  bad('HTTP/1.2', lines('GET /healthz HTTP/1.2', HOST)),
  bad('HTTP/2.0', lines('GET /healthz HTTP/2.0', HOST)),
  bad('an unknown method', lines('FETCH /healthz HTTP/1.1', HOST)),
  bad('a method in small letters', lines('get /healthz HTTP/1.1', HOST)),
  bad('CONNECT', lines('CONNECT example.com:443 HTTP/1.1', HOST)),
  get('a target without a slash', 'healthz'),
  get('a space in the target', '/health z'),
  get('a tab in the target', '/health\tz'),
  ...[0, 1, 0x1f, 0x7f, 0xff].map((byte) =>
    bad(
      `the byte ${byte} in the target`,
      Buffer.from(lines(`GET /health${String.fromCharCode(byte)}z HTTP/1.1`, HOST), 'latin1'),
    ),
  ),
  request('a URL of 9 KB', 414, 'uri_too_long', lines(`GET /${'a'.repeat(9_000)} HTTP/1.1`, HOST)),
  request('a query of 9 KB', 414, 'uri_too_long', lines(`GET /healthz?${'a'.repeat(9_000)} HTTP/1.1`, HOST)),
  request('a URL of 20 KB', 414, 'uri_too_long', lines(`GET /${'a'.repeat(20_000)} HTTP/1.1`, HOST)),
  request('a URL of 200 KB', 414, 'uri_too_long', lines(`GET /${'a'.repeat(200_000)} HTTP/1.1`, HOST)),
  // headers
  bad('two lines of Host', lines('GET /healthz HTTP/1.1', HOST, 'Host: example.com')),
  bad('two equal lines of Host', lines('GET /healthz HTTP/1.1', HOST, HOST)),
  bad('HTTP/1.0 with two lines of Host', lines('GET /healthz HTTP/1.0', HOST, HOST)),
  bad('HTTP/1.1 without Host', lines('GET /healthz HTTP/1.1')),
  ...['a b', 'a,b', 'a/b', 'user@a', 'a:b', '[::1', 'http://a'].map((host) =>
    bad(`the Host ${host}`, lines('GET /healthz HTTP/1.1', `host: ${host}`)),
  ),
  get('two lines of Authorization', '/healthz', 'authorization: Bearer a', 'Authorization: Bearer b'),
  get('two lines of Idempotency-Key', '/healthz', 'idempotency-key: a', 'Idempotency-Key: b'),
  post('two lines of Content-Type', [
    'content-type: application/json',
    'content-type: text/plain',
    'content-length: 2',
  ]),
  get('a line without a colon', '/healthz', 'nothing'),
  get('a space before the colon', '/healthz', 'x : a'),
  get('a folded line', '/healthz', 'x: a', ' b'),
  get('NUL in a line', '/healthz', 'x: a\0b'),
  get('a control character in a line', '/healthz', 'x: a\x01b'),
  get('a carriage return alone in a line', '/healthz', 'x: a\rb'),
  bad('line feeds alone', 'GET /healthz HTTP/1.1\nhost: localhost\n\n'),
  request(
    'a header of 20 KB',
    431,
    'headers_too_large',
    lines('GET /healthz HTTP/1.1', HOST, `x: ${'a'.repeat(20_000)}`),
  ),
  request(
    'a header of 200 KB',
    431,
    'headers_too_large',
    lines('GET /healthz HTTP/1.1', HOST, `x: ${'a'.repeat(200_000)}`),
  ),
  request(
    'headers of 20 KB together',
    431,
    'headers_too_large',
    lines('GET /healthz HTTP/1.1', HOST, ...Array(100).fill(`x: ${'a'.repeat(200)}`)),
  ),
  request(
    'a header of 20 KB in two pieces',
    431,
    'headers_too_large',
    `GET /healthz HTTP/1.1${CRLF}${HOST}${CRLF}x: ${'a'.repeat(9_000)}`,
    lines('b'.repeat(9_000)),
  ),
  ...[250, 3_000].map((count) =>
    request(
      `${count} lines of headers`,
      431,
      'headers_too_large',
      lines('GET /healthz HTTP/1.1', HOST, ...Array(count).fill('x:')),
    ),
  ),
  request(
    'an Expect that is none',
    417,
    'expectation_failed',
    lines('POST /tract/user/ HTTP/1.1', HOST, 'expect: tea', 'content-length: 2'),
    '{}',
  ),
  // the length of a body
  ...['x', '-2', '+2', '2, 2', '0x2', '99999999999999999999999'].map((length) =>
    post(`the length ${length}`, [`content-length: ${length}`]),
  ),
  post('two lengths', ['content-length: 2', 'content-length: 3']),
  post('a length and chunks', ['content-length: 2', CHUNKED], `2${CRLF}{}${CRLF}0${CRLF}${CRLF}`),
  ...['gzip', 'identity', 'gzip, chunked', 'chunked, gzip', 'chunked, chunked', 'xchunked'].map((coding) =>
    post(`the Transfer-Encoding ${coding}`, [`transfer-encoding: ${coding}`], `2${CRLF}{}${CRLF}0${CRLF}${CRLF}`),
  ),
  bad('chunks in HTTP/1.0', lines('POST /tract/user/ HTTP/1.0', CHUNKED), `2${CRLF}{}${CRLF}0${CRLF}${CRLF}`),
]

/** Wrong in its body: of a port that looks for a token first, that is the answer. */
export const rawBodies: RawRequest[] = [
  ['a chunk whose size is no number', `zz${CRLF}`],
  ['a chunk whose size is beyond all numbers', `fffffffffffffffff${CRLF}`],
  ['a chunk longer than it says', `2${CRLF}{}}}${CRLF}0${CRLF}${CRLF}`],
  ['a chunk with an extension of 20 KB', `2;${'a'.repeat(20_000)}${CRLF}{}${CRLF}0${CRLF}${CRLF}`],
  ['a trailer that is none', `2${CRLF}{}${CRLF}0${CRLF}nothing${CRLF}${CRLF}`],
].map(([name = '', body = '']) =>
  bad(
    name,
    lines('POST /tract/auth/token/ HTTP/1.1', HOST, 'content-type: application/x-www-form-urlencoded', CHUNKED),
    body,
  ),
)
