import { head, rawCall } from '../raw.js'
import type { World } from '../recipes/world.js'
import { type BadInput, badBody, KNOWN } from './bad-input.js'

const GET_USER = ['getUser', 'desk'] as const
const getUser = [...GET_USER] as ['getUser', 'desk']
const malformed = { code: 'malformed_json' } as const

/** Sent as it is, with what the test says about it. */
const unusual =
  (headers: Record<string, string>, body: string | Uint8Array = '') =>
  (world: World) =>
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
  badBody('a body with a byte order mark', getUser, '\ufeff{"user_id": "8812"}', malformed),
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
