/** Values that are too long, too deep or too many, and those that would do harm where they are trusted. */
import { randomUUID } from 'node:crypto'
import { type BadInput, badBody, KNOWN } from './bad-input.js'
import {
  createListener,
  createOrganisation,
  getUser,
  list,
  listener,
  message,
  register,
  replay,
  send,
  upsert,
} from './targets.js'

const long = (length: number) => 'x'.repeat(length)
export const overLimits: BadInput[] = [
  badBody('an empty id', getUser, { user_id: '' }, { path: '/user_id' }),
  badBody('an id of 129 characters', upsert, { user_id: long(129) }, { path: '/user_id' }),
  badBody('an id of 129 emoji', upsert, { user_id: '🙂'.repeat(129) }, { path: '/user_id' }),
  badBody(
    'another id of 129 characters',
    upsert,
    { user_id: 'new', third_party_user_id: long(129) },
    { path: '/third_party_user_id' },
  ),
  badBody(
    'a listener id of 129 characters',
    createListener,
    { ...listener, listener_id: long(129) },
    { path: '/listener_id' },
  ),
  badBody('a name of 257 characters', upsert, { user_id: 'new', user_name: long(257) }, { path: '/user_name' }),
  badBody(
    'a URL of 2049 characters',
    register,
    { category: 'message', subcategory: 'receive', url: `https://example.com/${long(2029)}` },
    { code: 'url_refused', path: '/url' },
  ),
  badBody(
    'a URL of 1030 characters, and of 6072 as it is called',
    register,
    { category: 'message', subcategory: 'receive', url: `https://example.com/${'ü'.repeat(1010)}` },
    { code: 'url_refused', path: '/url' },
  ),
  badBody(
    'a URL that is shorter as it is called',
    register,
    { category: 'message', subcategory: 'receive', url: `https://example.com/${'./'.repeat(1020)}` },
    { code: 'url_refused', path: '/url' },
  ),
  badBody(
    'a hook with a name of 65 characters',
    register,
    { category: long(65), subcategory: 'receive', url: 'https://example.com/' },
    { code: 'unknown_hook', path: '/category' },
  ),
  badBody(
    '101 details at once',
    getUser,
    { user_id: KNOWN, details_requested: Array.from({ length: 101 }, (_, n) => `d${n}`) },
    { path: '/details_requested' },
  ),
  badBody(
    '101 details of one user',
    upsert,
    { user_id: 'new', details: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`d${n}`, n])) },
    { path: '/details' },
  ),
  badBody('details over 64 KiB', upsert, { user_id: 'new', details: { note: long(65_536) } }, { path: '/details' }),
  badBody('1001 ids at once', replay, { ids: Array.from({ length: 1001 }, () => randomUUID()) }, { path: '/ids' }),
  badBody('a page of none', list, { limit: 0 }, { path: '/limit' }),
  badBody('a page of 201', list, { limit: 201 }, { path: '/limit' }),
  badBody(
    'a number beyond 64 bits',
    send,
    `{"user_id": "${KNOWN}", "message_body": "x", "sender": "aeu", "metadata": {"n": 1e999}}`,
    { path: '/metadata/n' },
  ),
]

/** A body of this many levels, its own included. */
const nested = (levels: number) => ({
  ...message,
  metadata: JSON.parse(`${'{"a":'.repeat(levels - 1)}1${'}'.repeat(levels - 1)}`),
})

export const dangerous: BadInput[] = [
  badBody('a body of 17 levels', send, nested(17), { path: `/metadata${'/a'.repeat(15)}` }),
  badBody('a body of 100,000 levels', send, `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  badBody('__proto__ in a body', getUser, `{"user_id": "${KNOWN}", "__proto__": {"admin": true}}`, {
    path: '/__proto__',
  }),
  badBody(
    '__proto__ inside metadata',
    send,
    `{"user_id": "${KNOWN}", "message_body": "x", "sender": "aeu", "metadata": {"a": {"__proto__": 1}}}`,
    { path: '/metadata/a/__proto__' },
  ),
  badBody('__proto__ among details', upsert, '{"user_id": "new", "details": {"__proto__": "x"}}', {
    path: '/details/__proto__',
  }),
  badBody(
    'a constructor with a prototype',
    upsert,
    '{"user_id": "new", "details": {"constructor": {"prototype": {"admin": true}}}}',
    { path: '/details/constructor' },
  ),
  badBody('NUL in an id', upsert, { user_id: 'a\0b' }, { path: '/user_id' }),
  badBody('NUL in the name of a field', send, { ...message, metadata: { 'a\0': 1 } }, { path: '/metadata/a\0' }),
  badBody('NUL deep inside', upsert, { user_id: 'new', details: { list: ['a\0b'] } }, { path: '/details/list/0' }),
  badBody('NUL in the settings of an organisation', createOrganisation, { name: 'a\0' }, { path: '/name' }),
  badBody('half of a surrogate pair in an id', upsert, '{"user_id": "a\\ud800"}', { path: '/user_id' }),
  badBody(
    'half of a surrogate pair in metadata',
    send,
    `{"user_id": "${KNOWN}", "message_body": "x", "sender": "aeu", "metadata": {"a": "\\udc00"}}`,
    { path: '/metadata/a' },
  ),
]
