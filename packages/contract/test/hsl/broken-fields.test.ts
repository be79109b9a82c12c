import { describe, expect, test } from '@jest/globals'
import {
  buttons,
  carousel,
  carouselItem,
  form,
  link,
  nativeAction,
  quickReply,
  replyButton,
  silent,
  system,
  text,
} from '../../src/hsl/index.js'
import { parseMessageBody } from '../../src/hsl/message-body.js'

const parseJson = (value: object) => parseMessageBody(JSON.parse(JSON.stringify(value)), 'WhatsApp')
const errors = (element: object) => {
  const parsed = parseJson(element)
  return 'error' in parsed ? parsed.error : []
}

const plan = carousel([carouselItem('https://example.com/a.png', { title: 'A', actionables: [replyButton('Go')] })])
const where = form('Where to?', [{ key: 'City', options: ['Pune'], autofill: true }], 'Us')
const joined = system('Asha joined.', { event_name: 'chat_pinned', payload: { agent_name: 'Asha' } })
const asked = text('Happy?', [quickReply('Yes')])
const bill = buttons('Bill', [{ ...link('Open', 'https://example.com'), location_required: 0, emoji: '' }])
const reminder = silent([{ type: 'SET_REMINDER', data: {} }])

/** Sets one field of a copy; `undefined` takes it out. */
function broken(element: object, pointer: string, value: unknown): object {
  const copy = structuredClone(element)
  const steps = pointer.slice(1).split('/')
  const last = steps.pop() as string
  const parent = steps.reduce<Record<string, unknown>>(
    (node, step) => node[step] as Record<string, unknown>,
    copy as never,
  )
  if (value === undefined) delete parent[last]
  else parent[last] = value
  return copy
}

describe('a broken field gives one clear error', () => {
  const uris =
    '"", "LINK", "CALL", "CAROUSEL_DETAIL", "CAROUSEL_DEFAULT", "GALLERY_PICKER", "IMAGE_UPLOAD", "DOCUMENT_PICKER", "SEND_LOCATION", "SEND_MULTIPLE_LOCATIONS", "SAVED_ADDRESSES", "LAUNCH_CHANNEL", "SELF_SERVE_WEB", "APP_AUTHENTICATE"'
  const flags = 'must be true or false or one of 0, 1 or one of "true", "false"'
  const cases: [element: object, pointer: string, value: unknown, message: string][] = [
    [asked, '/type', 7, 'must be a string that is not empty'],
    [asked, '/type', '', 'must be a string that is not empty'],
    [asked, '/text', undefined, 'is required'],
    [asked, '/text', null, 'must be a string'],
    [asked, '/data', undefined, 'is required'],
    [asked, '/data', [], 'must be an object'],
    [asked, '/voice_text', 1, 'must be a string'],
    [asked, '/isNew', 'yes', flags],
    [asked, '/data/quick_replies', {}, 'must be a list'],
    [asked, '/data/quick_replies/0', 'Yes', 'must be an object'],
    [asked, '/data/quick_replies/0/actionable_text', undefined, 'is required'],
    [asked, '/data/quick_replies/0/is_default', 2, flags],
    [asked, '/data/quick_replies/0/is_default', undefined, 'is required'],
    [asked, '/data/quick_replies/0/type', 'TEXT', 'must be "TEXT_ONLY"'],
    [asked, '/data/quick_replies/0/type', 5, 'must be "TEXT_ONLY"'],
    [asked, '/data/quick_replies/0/payload', undefined, 'is required'],
    [asked, '/data/quick_replies/0/payload/message', undefined, 'is required'],
    [asked, '/data/quick_replies/0/payload/gogo_message', 1, 'must be a string or null'],
    [asked, '/data/quick_replies/0/payload/link', false, 'must be a string'],
    [bill, '/text', 1, 'must be a string'],
    [bill, '/data/items', undefined, 'is required'],
    [bill, '/data/items', 'none', 'must be a list'],
    [bill, '/data/items/0/actionable_text', 0, 'must be a string'],
    [bill, '/data/items/0/is_default', null, flags],
    [bill, '/data/items/0/uri', undefined, 'is required'],
    [bill, '/data/items/0/uri', 'WEB', `must be one of ${uris}`],
    [bill, '/data/items/0/uri', 3, `must be one of ${uris}`],
    [
      bill,
      '/data/items/0/type',
      'POSTBACK',
      'must be one of "APP_ACTION", "MESSAGE_BAR", "TEXT", "TEXT_ONLY", "TAB_LIST_TEXT_ONLY", "FORM_SHOW", "SHARE_RECEIPT", "SHARE", "APP_FEEDBACK", "SHARE_REFERRAL"',
    ],
    [bill, '/data/items/0/payload', undefined, 'is required'],
    [bill, '/data/items/0/payload', null, 'must be an object'],
    [bill, '/data/items/0/payload/url', 1, 'must be a string'],
    [bill, '/data/items/0/payload/message', {}, 'must be a string'],
    [bill, '/data/items/0/payload/mime_types', 'image/png', 'must be a list'],
    [bill, '/data/items/0/payload/mime_types', [1], 'must be a string'],
    [bill, '/data/items/0/location_required', 'no', flags],
    [bill, '/data/items/0/emoji', 1, 'must be a string'],
    [plan, '/text', 1, 'must be a string'],
    [plan, '/data/image_aspect_ratio', undefined, 'is required'],
    [plan, '/data/image_aspect_ratio', 0, 'must be > 0 or a string'],
    [plan, '/data/image_aspect_ratio', 'wide', 'must be a number or must match pattern "^[0-9]+(\\.[0-9]+)?$"'],
    [plan, '/data/image_aspect_ratio', null, 'must be a number or a string'],
    [plan, '/data/width', 'WIDE', 'must be one of "THIN", "MEDIUM", "FAT", "BIG"'],
    [plan, '/data/width', undefined, 'is required'],
    [plan, '/data/items', undefined, 'is required'],
    [plan, '/data/items/0/thumbnail', undefined, 'is required'],
    [plan, '/data/items/0/thumbnail/image', undefined, 'is required'],
    [plan, '/data/items/0/thumbnail/type', 1, 'must be a string'],
    [plan, '/data/items/0/title', 1, 'must be a string'],
    [plan, '/data/items/0/sub_title', 1, 'must be a string'],
    [plan, '/data/items/0/description', 1, 'must be a string'],
    [plan, '/data/items/0/actionables', undefined, 'is required'],
    [plan, '/data/items/0/actionables/0/payload', [], 'must be an object'],
    [plan, '/data/items/0/mini_actionable', 'Share', 'must be an object'],
    [where, '/title', undefined, 'is required'],
    [where, '/subtitle', 1, 'must be a string'],
    [where, '/data/fields', undefined, 'is required'],
    [where, '/data/fields/0/key', undefined, 'is required'],
    [where, '/data/fields/0/type', undefined, 'is required'],
    [where, '/data/fields/0/order', '1', 'must be an integer'],
    [where, '/data/fields/0/order', 1.5, 'must be an integer'],
    [where, '/data/fields/0/keyboard_type', 1, 'must be a string'],
    [where, '/data/fields/0/icon', 1, 'must be a string'],
    [where, '/data/fields/0/hint', 1, 'must be a string'],
    [where, '/data/fields/0/options', 'Pune', 'must be a list'],
    [where, '/data/fields/0/options', [null], 'must be a string or a number or an object'],
    [where, '/data/fields/0/search_source', 1, 'must be a string'],
    [where, '/data/fields/0/search_placeholder', 1, 'must be a string'],
    [where, '/data/fields/0/autofill', null, 'must be a string or true or false or an integer'],
    [where, '/data/fields/0/autofill_source', 1, 'must be a string'],
    [joined, '/text', undefined, 'is required'],
    [joined, '/data', undefined, 'is required'],
    [joined, '/data/event_name', 'chat_closed', 'must be one of "chat_pinned", "chat_complete"'],
    [joined, '/data/payload', 'Asha', 'must be an object'],
    [joined, '/data/payload/profile_image', 1, 'must be a string'],
    [joined, '/data/payload/agent_name', 1, 'must be a string'],
    [joined, '/data/payload/team_name', 1, 'must be a string'],
    [reminder, '/data/silent_actions', undefined, 'is required'],
    [reminder, '/data/silent_actions/0/type', 1, 'must be a string'],
    [reminder, '/data/silent_actions/0/data', undefined, 'is required'],
    [nativeAction('open'), '/data/method', undefined, 'is required'],
    [nativeAction('open'), '/text', undefined, 'is required'],
  ]
  test.each(cases)('%j: %s = %j', (element, pointer, value, message) => {
    // One item of a list stands for the list in the table.
    const path = `/message_body${pointer}${Array.isArray(value) && value.length > 0 ? '/0' : ''}`
    expect(parseJson(broken(element, pointer, value))).toEqual({ error: [{ path, message }] })
  })

  test('two broken fields give two', () => {
    const twice = broken(broken(plan, '/data/width', 'WIDE'), '/data/items/0/title', 1)
    expect(errors(twice).map(({ path }) => path)).toEqual([
      '/message_body/data/width',
      '/message_body/data/items/0/title',
    ])
  })

  test('an object without a type is no element', () => {
    expect(errors({ text: 'Hello' })).toEqual([{ path: '/message_body/type', message: 'is required' }])
    expect(errors({})).toHaveLength(1)
  })
})
