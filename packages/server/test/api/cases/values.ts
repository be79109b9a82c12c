import { randomUUID } from 'node:crypto'
import { type BadInput, badBody, KNOWN } from './bad-input.js'

type Target = Parameters<typeof badBody>[1]

const getUser: Target = ['getUser', 'desk']
const send: Target = ['sendMessage', 'desk']
const bring: Target = ['sendPlatformMessage', 'md']
const upsert: Target = ['upsertUser', 'md']
const list: Target = ['listDeliveries', 'iva']
const replay: Target = ['replayDeliveries', 'iva']
const register: Target = ['registerHook', 'sac']
const request: Target = ['requestThreadControl', 'desk']
const createOrganisation: Target = ['createOrganisation', 'admin']
const createListener: Target = ['createListener', 'admin']
const createClient: Target = ['createClient', 'admin']

const message = { user_id: KNOWN, message_body: 'Hello', sender: 'aeu' }
const listener = { organisation_id: randomUUID(), listener_id: 'new', kind: 'ect' }
const PUBLIC_KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

const wrongTypes: BadInput[] = [
  badBody('a number for an id', getUser, { user_id: 8812 }, { path: '/user_id' }),
  badBody('null for an id', getUser, { user_id: null }, { path: '/user_id' }),
  badBody('false for an id', getUser, { user_id: false }, { path: '/user_id' }),
  badBody('an object for an id', getUser, { user_id: { $ne: '' } }, { path: '/user_id' }),
  badBody(
    'a string for a list',
    getUser,
    { user_id: KNOWN, details_requested: 'email' },
    { path: '/details_requested' },
  ),
  badBody(
    'null for a list that is required',
    ['getUserDetails', 'desk'],
    { user_id: KNOWN, details_requested: null },
    { path: '/details_requested' },
  ),
  badBody(
    'a number in a list of names',
    getUser,
    { user_id: KNOWN, details_requested: [1] },
    { path: '/details_requested/0' },
  ),
  badBody('an object for a message', send, { ...message, message_body: { type: 'TEXT' } }, { path: '/message_body' }),
  badBody('a list for metadata', send, { ...message, metadata: [] }, { path: '/metadata' }),
  badBody('null for a field that there is not', send, { ...message, meta: null }, { path: '/meta' }),
  badBody('null where fields are counted', replay, { ids: [randomUUID()], filter: null }, { path: '' }),
  badBody('a string for a limit in a body', list, { limit: '50' }, { path: '/limit' }),
  badBody('a fraction for a limit', list, { limit: 1.5 }, { path: '/limit' }),
  badBody('a string for a boolean', createListener, { ...listener, standby: 'true' }, { path: '/standby' }),
  badBody('a number for a boolean', createListener, { ...listener, standby: 0 }, { path: '/standby' }),
  badBody('null where only absence means nothing', createOrganisation, { name: null }, { path: '/name' }),
]

const unknownValues: BadInput[] = [
  badBody('a sender that is none', send, { ...message, sender: 'bot' }, { path: '/sender' }),
  badBody("the user's sender from a vendor", send, { ...message, sender: 'ceu' }, { path: '/sender' }),
  badBody('a kind that is none', createListener, { ...listener, kind: 'bot' }, { path: '/kind' }),
  badBody(
    'a platform that is none',
    upsert,
    { user_id: 'new', device_platform: 'Telegram' },
    { path: '/device_platform' },
  ),
  badBody(
    'a change of control that is none',
    request,
    { user_id: KNOWN, type: 'grab', requester: 'desk', receiver: 'desk' },
    { path: '/type' },
  ),
  badBody('a scope that is none', createClient, { name: 'New', scopes: ['everything'] }, { path: '/scopes/0' }),
  badBody(
    'a scope twice',
    createClient,
    { name: 'New', scopes: ['platform:admin', 'platform:admin'] },
    { path: '/scopes' },
  ),
  badBody("a vendor's scope for an operator", createClient, { name: 'New', scopes: ['hooks'] }, { path: '/scopes' }),
  badBody(
    'a listener without its organisation',
    createClient,
    { name: 'New', scopes: ['hooks'], listener_id: 'desk' },
    { path: '/organisation_id' },
  ),
  badBody(
    'a private key to be registered',
    createClient,
    { name: 'New', scopes: ['platform:admin'], jwks: { keys: [{ ...PUBLIC_KEY, d: PUBLIC_KEY.x }] } },
    { path: '/jwks/keys/0' },
  ),
  badBody(
    'a key that is none',
    createClient,
    { name: 'New', scopes: ['platform:admin'], jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }] } },
    { path: '/jwks/keys/0' },
  ),
  badBody(
    "the service's own name for a listener",
    createListener,
    { ...listener, listener_id: 'tract' },
    { path: '/listener_id' },
  ),
  badBody(
    'a listener id with a blank',
    createListener,
    { ...listener, listener_id: 'my desk' },
    { path: '/listener_id' },
  ),
  badBody(
    'a listener id with a line break at its end',
    createListener,
    { ...listener, listener_id: 'desk\n' },
    { path: '/listener_id' },
  ),
  badBody('an id that is no UUID', ['getDelivery', 'iva'], { id: '1' }, { path: '/id' }),
  badBody(
    'a UUID in another form',
    ['enableHook', 'desk'],
    { id: `urn:uuid:${randomUUID()}`.slice(0, 36) },
    { path: '/id' },
  ),
  badBody('a time that is none', list, { created_from: 'yesterday' }, { path: '/created_from' }),
  badBody('the thirtieth of February', list, { created_to: '2026-02-30T00:00:00Z' }, { path: '/created_to' }),
  badBody('a time without its zone', list, { created_to: '2026-02-20T00:00:00' }, { path: '/created_to' }),
  badBody('a cursor that no page gave', list, { after: 'next' }, { path: '/after' }),
  badBody('ids and a filter at once', replay, { ids: [randomUUID()], filter: {} }),
  badBody('neither ids nor a filter', replay, {}),
  badBody(
    'a hook that is none',
    register,
    { category: 'message', subcategory: 'seen', url: 'https://example.com/' },
    { code: 'unknown_hook', path: '/subcategory' },
  ),
  badBody(
    'hooks of a kind that is none',
    register,
    { category: 'constructor', subcategory: 'name', url: 'https://example.com/' },
    { code: 'unknown_hook', path: '/category' },
  ),
  ...[
    'http://10.0.0.7/',
    'https://169.254.169.254/latest',
    'https://user:secret@example.com/',
    'ftp://example.com/',
    'example.com',
    'https://1.1.1.1:22/',
    'javascript:alert(1)',
    'https:///etc',
    'https://example.com:0/',
    'https://example.com/\r\nx',
    'https://exam\tple.com/',
    ' https://example.com/',
    'https:\\\\example.com\\',
  ].map((url) =>
    badBody(
      `the URL ${JSON.stringify(url)}`,
      register,
      { category: 'message', subcategory: 'receive', url },
      { code: 'url_refused', path: '/url' },
    ),
  ),
]

/** C0, DEL and C1: in a name or an id they are never meant, and steer whatever shows it. U+0000 is refused everywhere, and said so. */
const controlCharacters: BadInput[] = ['\u0001', '\t', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u009b'].flatMap(
  (character) => {
    const name = `a${character}b`
    const organisation = { name: 'New', unreachable_after: 60 }
    const places: [string, Target, object, string][] = [
      ['the id of a new user', upsert, { user_id: name }, '/user_id'],
      [
        'the id of a user that a message brings',
        bring,
        { ...message, sender: 'ceu', user_id: name, user: {} },
        '/user_id',
      ],
      ["a user's other id", upsert, { user_id: 'new', third_party_user_id: name }, '/third_party_user_id'],
      ["a user's name", upsert, { user_id: 'new', user_name: name }, '/user_name'],
      [
        "a user's name beside a message",
        bring,
        { ...message, sender: 'ceu', user: { user_name: name } },
        '/user/user_name',
      ],
      ["a detail's name", upsert, { user_id: 'new', details: { [name]: 1 } }, `/details/${name}`],
      ["a user's id in the tool", send, { ...message, ect_user_id: name }, '/ect_user_id'],
      [
        "a user's id in the tool, of an event",
        ['sendEvent', 'desk'],
        { user_id: KNOWN, type: 'aeu_events', subtype: 'received', ect_user_id: name },
        '/ect_user_id',
      ],
      ["an organisation's name", createOrganisation, { ...organisation, name }, '/name'],
      ["a listener's id", createListener, { ...listener, listener_id: name }, '/listener_id'],
      ["a listener's name", createListener, { ...listener, name }, '/name'],
      ["a client's name", createClient, { name, scopes: ['platform:admin'] }, '/name'],
    ]
    return places.map(([what, target, body, path]) =>
      badBody(`${JSON.stringify(character)} in ${what}`, target, body, { path }),
    )
  },
)

const unknownFields: BadInput[] = [
  badBody('an unknown field', getUser, { user_id: KNOWN, verbose: true }, { path: '/verbose' }),
  badBody('a known field in another case', getUser, { user_id: KNOWN, User_Id: KNOWN }, { path: '/User_Id' }),
  badBody("a field of another operation's", send, { ...message, user: { user_name: 'Asha' } }, { path: '/user' }),
  badBody(
    'an unknown field inside a known one',
    bring,
    { ...message, sender: 'ceu', user: { nickname: 'A' } },
    { path: '/user/nickname' },
  ),
  badBody('an unknown filter', replay, { filter: { states: 'pending' } }, { path: '/filter/states' }),
  badBody(
    'the organisation in a body',
    upsert,
    { user_id: 'new', organisation_id: randomUUID() },
    { path: '/organisation_id' },
  ),
  badBody('a name that is a pointer', getUser, { user_id: KNOWN, 'a/b~c': 1 }, { path: '/a~1b~0c' }),
]

const long = (length: number) => 'x'.repeat(length)
const overLimits: BadInput[] = [
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
    { path: '/url' },
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

/** A body of so many levels, its own included. */
const nested = (levels: number) => ({
  ...message,
  metadata: JSON.parse(`${'{"a":'.repeat(levels - 1)}1${'}'.repeat(levels - 1)}`),
})

const dangerous: BadInput[] = [
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

export const values: BadInput[] = [
  ...controlCharacters,
  ...wrongTypes,
  ...unknownValues,
  ...unknownFields,
  ...overLimits,
  ...dangerous,
]
