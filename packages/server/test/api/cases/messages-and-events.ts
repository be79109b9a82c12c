import type { KnownErrorCode } from '@tract/contract'
import { type BadInput, badBody, KNOWN, WITH_IVA } from './bad-input.js'

type Target = Parameters<typeof badBody>[1]

const hsl = (name: string, body: unknown, path = ''): BadInput =>
  badBody(
    `HSL with ${name}`,
    ['sendMessage', 'desk'],
    { user_id: KNOWN, sender: 'aeu', message_body: typeof body === 'string' ? body : JSON.stringify(body) },
    { code: 'invalid_message_body', path: `/message_body${path}` },
  )

const object = (name: string, message_body: unknown, path: string): BadInput =>
  badBody(
    `an object ${name} from the platform`,
    ['sendPlatformMessage', 'md'],
    { user_id: 'new', sender: 'ceu', message_body, user: {} },
    { code: 'invalid_message_body', path: `/message_body${path}` },
  )

const levels = (count: number) => `{"type": "NEW", "data": ${'['.repeat(count - 1)}${']'.repeat(count - 1)}}`

/** A string that is JSON of an object with a string `type` has to be an HSL element, and so has an object. */
const messages: BadInput[] = [
  hsl('an empty type', { type: '' }, '/type'),
  hsl('a TEXT without text', { type: 'TEXT', data: { quick_replies: [] } }, '/text'),
  hsl('a TEXT of a number', { type: 'TEXT', text: 5, data: { quick_replies: [] } }, '/text'),
  hsl('BUTTONs that are no list', { type: 'BUTTON', text: 'Which?', data: { items: {} } }, '/data/items'),
  hsl('a CAROUSEL without cards', { type: 'CAROUSEL', data: { image_aspect_ratio: 1, width: 'FAT' } }, '/data/items'),
  hsl('a FORM without its title', { type: 'FORM', text: 'Form', data: { fields: [] } }, '/title'),
  hsl('17 levels', levels(17), `/data${'/0'.repeat(15)}`),
  hsl('__proto__', '{"type": "NEW", "__proto__": {}}', '/__proto__'),
  hsl('NUL', { type: 'TEXT', text: 'a\0b', data: {} }, '/text'),
  hsl('half of a surrogate pair', '{"type": "NEW", "text": "\\ud800"}', '/text'),
  hsl('text over 64 KiB of UTF-8', 'ü'.repeat(32_769)),
  badBody(
    'text with NUL',
    ['sendMessage', 'desk'],
    { user_id: KNOWN, sender: 'aeu', message_body: 'a\0b' },
    { path: '/message_body' },
  ),
  hsl('text of 65537 characters', 'x'.repeat(65_537)),
  hsl('an element of over 64 KiB', JSON.stringify({ type: 'TEXT', text: 'x'.repeat(65_537), data: {} })),
  object('of over 64 KiB', { type: 'TEXT', text: 'x'.repeat(65_537), data: {} }, ''),
  ...(['ceu', 'haptik'] as const).flatMap((sender) =>
    ['x'.repeat(65_537), 'ü'.repeat(32_769)].map((message_body) =>
      badBody(
        `${message_body.length} characters of over 64 KiB as ${sender}`,
        ['sendPlatformMessage', 'md'],
        { user_id: 'new', sender, message_body, user: {} },
        { code: 'invalid_message_body', path: '/message_body' },
      ),
    ),
  ),
  badBody(
    'no text at all',
    ['sendMessage', 'desk'],
    { user_id: KNOWN, sender: 'aeu', message_body: '' },
    { path: '/message_body' },
  ),
  object('without a type', {}, '/type'),
  object('with a type that is no string', { type: 0, text: 'Hello' }, '/type'),
  object('that is a TEXT without text', { type: 'TEXT', data: {} }, '/text'),
  object('of BUTTONs that are no list', { type: 'BUTTON', text: 'Which?', data: { items: {} } }, '/data/items'),
  badBody(
    'a list for a message of the platform',
    ['sendPlatformMessage', 'md'],
    { user_id: 'new', sender: 'ceu', message_body: [{ type: 'TEXT' }], user: {} },
    { path: '/message_body' },
  ),
  badBody(
    'an object for a message of a vendor',
    ['sendMessage', 'desk'],
    { user_id: KNOWN, sender: 'aeu', message_body: { type: 'TEXT', text: 'Hello', data: {} } },
    { path: '/message_body' },
  ),
]

const event = (name: string, type: string, subtype: string, expected: Parameters<typeof badBody>[3]): BadInput =>
  badBody(`the event ${name}`, ['sendEvent', 'desk'], { user_id: KNOWN, type, subtype }, expected)

const receipt = (name: string, metadata: string | undefined): BadInput =>
  badBody(
    `a receipt with ${name}`,
    ['sendPlatformEvent', 'md'],
    { user_id: KNOWN, type: 'message', subtype: 'read', ...(metadata !== undefined && { metadata }) },
    { path: '/metadata' },
  )

const edit = (name: string, said: object, field: string, code?: KnownErrorCode): BadInput =>
  badBody(
    `an edit with ${name}`,
    ['sendPlatformEvent', 'md'],
    { user_id: WITH_IVA, type: 'message', subtype: 'edited', metadata: JSON.stringify({ message_id: 1, ...said }) },
    { path: `/metadata/${field}`, ...(code && { code }) },
  )
const NO_MESSAGE = 'invalid_message_body'

const edits: BadInput[] = [
  edit('no message', { message_id: undefined }, 'message_id'),
  edit('the message 0', { message_id: 0 }, 'message_id'),
  edit('a message in a string', { message_id: '1' }, 'message_id'),
  edit('nothing to say', {}, 'message_body'),
  edit('an empty text', { message_body: '' }, 'message_body'),
  edit('a list', { message_body: [] }, 'message_body'),
  edit('a broken element', { message_body: { type: 'TEXT', data: {} } }, 'message_body/text', NO_MESSAGE),
  edit('an element without a type', { message_body: {} }, 'message_body/type', NO_MESSAGE),
  edit('NUL', { message_body: 'a\0b' }, 'message_body', NO_MESSAGE),
  edit('an agent without an id', { message_body: 'x', agent: { name: 'Ravi' } }, 'agent'),
  edit('a long reason', { message_body: 'x', reason: 'x'.repeat(1_025) }, 'reason'),
]

const events: BadInput[] = [
  event('of an unknown type', 'agent_events', 'allocated', { code: 'unknown_event', path: '/type' }),
  event('of an unknown subtype', 'aeu_events', 'arrived', { code: 'unknown_event', path: '/subtype' }),
  event('named like what every object has', '__proto__', 'constructor', { code: 'unknown_event', path: '/type' }),
  event('of an empty type', '', 'allocated', { path: '/type' }),
  event('of a type of 65 characters', 'x'.repeat(65), 'allocated', { code: 'unknown_event', path: '/type' }),
  event('that only TRACT sends', 'conversation_state', 'bot', { status: 403, code: 'event_not_allowed' }),
  event('that only message delivery sends', 'user_events', 'feedback', { status: 403, code: 'event_not_allowed' }),
  badBody(
    'metadata of an event that are no string',
    ['sendEvent', 'desk'],
    { user_id: KNOWN, type: 'aeu_events', subtype: 'allocated', metadata: { agent: 'Ravi' } },
    { path: '/metadata' },
  ),
  receipt('no metadata', undefined),
  receipt('metadata that are no JSON', 'message 1'),
  receipt('metadata that are null', 'null'),
  receipt('no message', '{}'),
  receipt('a message in a string', '{"message_id": "1"}'),
  receipt('the message 0', '{"message_id": 0}'),
  receipt('the message 1.5', '{"message_id": 1.5}'),
  receipt('a message beyond 32 bits', '{"message_id": 2147483648}'),
  ...edits,
]

const byUser = (
  name: string,
  [operation, who, rest]: [Parameters<typeof badBody>[1][0], Parameters<typeof badBody>[1][1], object],
) => badBody(name, [operation, who], { user_id: 'nobody', ...rest }, { status: 404, code: 'user_not_found' })

const HELLO = { message_body: 'Hello' }
const unknownUsers: BadInput[] = [
  byUser('an unknown user to look up', ['getUser', 'desk', {}]),
  byUser('an unknown user with details', ['getUser', 'desk', { details_requested: ['email'] }]),
  byUser('the details of an unknown user', ['getUserDetails', 'desk', { details_requested: ['email'] }]),
  byUser('a message to an unknown user', ['sendMessage', 'desk', { ...HELLO, sender: 'aeu' }]),
  byUser('a message to an unknown user that would be learned', [
    'sendMessage',
    'desk',
    { ...HELLO, sender: 'aeu', ect_user_id: 'case' },
  ]),
  byUser('an event of an unknown user', ['sendEvent', 'desk', { type: 'aeu_events', subtype: 'allocated' }]),
  byUser('the listeners of an unknown user', ['listThreadListeners', 'desk', {}]),
  byUser('control of an unknown user', [
    'requestThreadControl',
    'iva',
    { type: 'take', requester: 'iva', receiver: 'iva' },
  ]),
  byUser('a message of an unknown user of whom nothing is told', [
    'sendPlatformMessage',
    'md',
    { ...HELLO, sender: 'ceu' },
  ]),
  byUser('a receipt of an unknown user', [
    'sendPlatformEvent',
    'md',
    { type: 'message', subtype: 'read', metadata: '{"message_id": 1}' },
  ]),
  byUser('an unknown user to erase', ['eraseUser', 'md', {}]),
]

const conflict = (name: string, target: Target, body: object, code: KnownErrorCode, status = 409): BadInput =>
  badBody(name, target, body, { status, code })

const WITH_CASE = { user_id: WITH_IVA, ect_user_id: 'case-1' }
const NEW_USER = { user_id: 'new', user: { user_name: 'Asha', details: { email: 'asha@example.com' } } }

/** Well-formed, and refused all the same, with something in them that would otherwise be remembered. */
const conflicts: BadInput[] = [
  conflict(
    'a message of who is not in control, with an id to learn',
    ['sendMessage', 'desk'],
    { ...WITH_CASE, ...HELLO, sender: 'aeu' },
    'not_in_control',
  ),
  conflict(
    'an event of who is not in control, with an id to learn',
    ['sendEvent', 'desk'],
    { ...WITH_CASE, type: 'conversation_state', subtype: 'complete' },
    'not_in_control',
  ),
  conflict(
    "another user's id with an id to learn",
    ['sendMessage', 'desk'],
    { ...HELLO, user_id: KNOWN, sender: 'aeu', ect_user_id: 'case-1', third_party_user_id: 'another' },
    'user_mismatch',
  ),
  conflict(
    'a sender that the listener may not be, with a new user',
    ['sendPlatformMessage', 'md'],
    { ...HELLO, ...NEW_USER, sender: 'iva' },
    'sender_not_allowed',
    403,
  ),
  conflict(
    'a first message of the IVA, with a new user',
    ['sendPlatformMessage', 'iva'],
    { ...HELLO, ...NEW_USER, sender: 'iva' },
    'not_in_control',
  ),
  conflict(
    'a receipt of a message that is not there',
    ['sendPlatformEvent', 'md'],
    { user_id: KNOWN, type: 'message', subtype: 'read', metadata: '{"message_id": 1000}' },
    'message_not_found',
    404,
  ),
]

export const messagesAndEvents: BadInput[] = [...messages, ...events, ...unknownUsers, ...conflicts]
