import type { RecipeWorld } from '../recipes/recipe-world.js'
import { head, rawCall } from '../support/raw.js'
import { type BadInput, badBody, KNOWN } from './bad-input.js'

const GET_USER = ['getUser', 'desk'] as const
const getUser = [...GET_USER] as ['getUser', 'desk']
const malformed = { code: 'malformed_json' } as const

/** Sent as it is, with what the test says about it. */
const unusual =
  (headers: Record<string, string>, body: string | Uint8Array = '') =>
  (world: RecipeWorld) =>
    rawCall(
      world.service.url,
      head('POST', '/tract/user/', { authorization: `Bearer ${world.cast.desk.token}`, ...headers }),
      body,
    )

const media = (name: string, headers: Record<string, string>, body = `{"user_id": "${KNOWN}"}`): BadInput => ({
  name,
  operation: 'getUser',
  status: 415,
  code: 'unsupported_media_type',
  call: unusual({ ...headers, 'content-length': String(body.length) }, body),
})

const bytes = (name: string, ...parts: (string | number)[]): BadInput => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))))
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
  return { name, operation: 'getUser', status: 400, ...malformed, call: unusual(headers, body) }
}

const LIMIT = 262_144
const padded = (bytes: number) => {
  const body = JSON.stringify({ user_id: KNOWN, padding: '' })
  return body.replace('""', `"${'x'.repeat(bytes - body.length)}"`)
}

const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`

/** What is no JSON object of the operation, or is none at all. */
export const bodies: BadInput[] = [
  badBody('a body that is no JSON', getUser, 'user_id=1', malformed),
  badBody('a body that breaks off', getUser, '{"user_id": "8812"', malformed),
  badBody('two bodies in one', getUser, '{"user_id": "1"}{"user_id": "2"}', malformed),
  badBody('a body in single quotes', getUser, "{'user_id': '8812'}", malformed),
  badBody('a number that JSON does not have', getUser, '{"user_id": NaN}', malformed),
  badBody('a body with two byte order marks', getUser, '\ufeff\ufeff{"user_id": "8812"}', malformed),
  badBody('a byte order mark and nothing else', getUser, '\ufeff', malformed),
  bytes('a body with a byte that is no UTF-8', '{"user_id": "caf', 0xe9, '"}'),
  bytes('a body that breaks off within a character', '{"user_id": "', 0xf0, 0x9f, '"}'),
  bytes('a body with half a surrogate in bytes', '{"user_id": "', 0xed, 0xa0, 0x80, '"}'),
  bytes('a body with an overlong NUL', '{"user_id": "', 0xc0, 0x80, '"}'),
  bytes('a body in UTF-16 that says nothing of it', 0xff, 0xfe, '{\0}\0'),
  badBody('an empty body', getUser, '', malformed),
  badBody('a body of blanks', getUser, '  \n', malformed),
  badBody('null for a body', getUser, 'null', { path: '' }),
  badBody('an array for a body', getUser, [{ user_id: KNOWN }], { path: '' }),
  badBody('a string for a body', getUser, '"8812"', { path: '' }),
  badBody('a number for a body', getUser, '5', { path: '' }),
  badBody('an empty object for a body', getUser, {}, { path: '/user_id' }),

  media('a body of plain text', { 'content-type': 'text/plain' }),
  media('a body of XML', { 'content-type': 'application/xml' }, '<user_id/>'),
  media('a form where JSON is due', { 'content-type': 'application/x-www-form-urlencoded' }, 'user_id=8812'),
  media('a body of another JSON', { 'content-type': 'application/merge-patch+json' }),
  media('a body in Latin-1', { 'content-type': 'application/json; charset=ISO-8859-1' }),
  media('a body in UTF-16', { 'content-type': 'application/json;charset="utf-16"' }),
  media('a body in a charset by another case', { 'content-type': 'application/json; Charset=windows-1252' }),
  media('a compressed body', { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
  media('a body of no media type', {}),
  media('neither a body nor a media type', {}, ''),

  badBody('a body of a byte over 256 KiB', getUser, padded(LIMIT + 1), { status: 413, code: 'body_too_large' }),
  {
    name: 'a body over 256 KiB of unknown length',
    operation: 'getUser',
    status: 413,
    code: 'body_too_large',
    call: unusual({ 'content-type': 'application/json', 'transfer-encoding': 'chunked' }, chunked(padded(LIMIT + 1))),
  },
  badBody('a body of exactly 256 KiB, that only has a field too many', getUser, padded(LIMIT), { path: '/padding' }),
]
