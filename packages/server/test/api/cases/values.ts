import { randomUUID } from 'node:crypto'
import { type BadInput, badBody, KNOWN } from './bad-input.js'
import { dangerous, overLimits } from './bounds.js'
import {
  bring,
  createClient,
  createListener,
  createOrganisation,
  getUser,
  list,
  listener,
  message,
  PUBLIC_KEY,
  register,
  replay,
  request,
  send,
  type Target,
  upsert,
} from './targets.js'

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

/** C0, DEL and C1: in a name or an id they are never meant, and steer the terminal or page that shows it. U+0000 is refused everywhere, and said so. */
const controlCharacters: BadInput[] = ['\u0001', '\t', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u009b'].flatMap(
  (character) => {
    const name = `a${character}b`
    const organisation = { name: 'New', unreachable_after: 60 }
    const typing = { user_id: KNOWN, on: true }
    const pass = { user_id: KNOWN, type: 'pass', requester: 'desk', receiver: 'iva' }
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
      ["an agent's id", send, { ...message, agent: { id: name, name: 'Ben' } }, '/agent/id'],
      ["an agent's name", send, { ...message, agent: { id: '1', name } }, '/agent/name'],
      [
        "an agent's team",
        ['sendTyping', 'desk'],
        { ...typing, agent: { id: '1', name: 'Ben', team: name } },
        '/agent/team',
      ],
      ['the reason of a pass', request, { ...pass, context: { reason: name } }, '/context/reason'],
      ['the team of a pass', request, { ...pass, context: { team: name } }, '/context/team'],
      ['a skill for a pass', request, { ...pass, context: { skills: ['x', name] } }, '/context/skills/1'],
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

export const values: BadInput[] = [
  ...controlCharacters,
  ...wrongTypes,
  ...unknownValues,
  ...unknownFields,
  ...overLimits,
  ...dangerous,
]
