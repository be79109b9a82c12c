import { describe, expect, test } from '@jest/globals'
import {
  actionable,
  buttons,
  carousel,
  carouselItem,
  file,
  form,
  type HslKnownElement,
  image,
  isKnownElement,
  link,
  nativeAction,
  quickReply,
  replyButton,
  silent,
  system,
  text,
  video,
} from '../../src/hsl/index.js'
import { parseMessageBody } from '../../src/hsl/message-body.js'

const built: [name: string, element: HslKnownElement, wire: unknown][] = [
  ['text', text('Hello'), { text: 'Hello', type: 'TEXT', data: { quick_replies: [] } }],
  [
    'text with quick replies',
    text('Happy?', ['Yes', quickReply('No', { message: 'Not yet', gogo_message: '{no}', is_default: true })]),
    {
      text: 'Happy?',
      type: 'TEXT',
      data: {
        quick_replies: [
          { actionable_text: 'Yes', is_default: 0, type: 'TEXT_ONLY', payload: { message: 'Yes' } },
          {
            actionable_text: 'No',
            is_default: true,
            type: 'TEXT_ONLY',
            payload: { message: 'Not yet', gogo_message: '{no}' },
          },
        ],
      },
    },
  ],
  [
    'buttons',
    buttons('Your bill', [
      link('Open', 'https://example.com/bill'),
      replyButton('Ask', 'I have a question', '{bill}'),
      replyButton('Thanks'),
      actionable('Send a photo', { uri: 'IMAGE_UPLOAD', payload: { mime_types: ['image/png'] }, emoji: '📷' }),
    ]),
    {
      text: 'Your bill',
      type: 'BUTTON',
      data: {
        items: [
          {
            actionable_text: 'Open',
            is_default: 0,
            uri: 'LINK',
            type: 'APP_ACTION',
            payload: { url: 'https://example.com/bill' },
          },
          {
            actionable_text: 'Ask',
            is_default: 0,
            uri: '',
            type: 'TEXT_ONLY',
            payload: { message: 'I have a question', gogo_message: '{bill}' },
          },
          { actionable_text: 'Thanks', is_default: 0, uri: '', type: 'TEXT_ONLY', payload: { message: 'Thanks' } },
          {
            actionable_text: 'Send a photo',
            is_default: 0,
            uri: 'IMAGE_UPLOAD',
            payload: { mime_types: ['image/png'] },
            emoji: '📷',
          },
        ],
      },
    },
  ],
  [
    'carousel',
    carousel([carouselItem('https://example.com/a.png', { title: 'A' }), carouselItem('', { title: 'B' })], {
      text: 'Two plans',
      width: 'THIN',
      image_aspect_ratio: '1.67',
    }),
    {
      text: 'Two plans',
      type: 'CAROUSEL',
      data: {
        image_aspect_ratio: '1.67',
        width: 'THIN',
        items: [
          { thumbnail: { image: 'https://example.com/a.png' }, actionables: [], title: 'A' },
          { thumbnail: { image: '' }, actionables: [], title: 'B' },
        ],
      },
    },
  ],
  [
    'image',
    image('https://example.com/a.png'),
    {
      type: 'CAROUSEL',
      data: {
        image_aspect_ratio: 1.77,
        width: 'FAT',
        items: [{ thumbnail: { image: 'https://example.com/a.png' }, actionables: [] }],
      },
    },
  ],
  [
    'video',
    video('https://example.com/a.mp4', { text: 'Watch', width: 'BIG' }),
    {
      text: 'Watch',
      type: 'CAROUSEL',
      data: {
        image_aspect_ratio: 1.77,
        width: 'BIG',
        items: [{ thumbnail: { image: 'https://example.com/a.mp4' }, actionables: [] }],
      },
    },
  ],
  [
    'file',
    file('https://example.com/a.pdf', 'Your contract'),
    {
      text: 'Your contract',
      type: 'BUTTON',
      data: {
        items: [
          {
            actionable_text: 'Download',
            is_default: 0,
            uri: 'LINK',
            type: 'APP_ACTION',
            payload: { url: 'https://example.com/a.pdf' },
          },
        ],
      },
    },
  ],
  [
    'form',
    form('Where to?', [{ key: 'Name' }, { key: 'City', type: 'picker', order: 9, options: ['Pune'] }], 'Delivery'),
    {
      title: 'Where to?',
      type: 'FORM',
      subtitle: 'Delivery',
      data: {
        fields: [
          { key: 'Name', type: 'text', order: 1 },
          { key: 'City', type: 'picker', order: 9, options: ['Pune'] },
        ],
      },
    },
  ],
  [
    'system',
    system('Asha joined.', { event_name: 'chat_pinned', payload: { agent_name: 'Asha', team_name: 'Billing' } }),
    {
      text: 'Asha joined.',
      type: 'SYSTEM',
      data: { event_name: 'chat_pinned', payload: { agent_name: 'Asha', team_name: 'Billing' } },
    },
  ],
  ['system without an event', system('Note'), { text: 'Note', type: 'SYSTEM', data: {} }],
  [
    'silent',
    silent([{ type: 'SET_REMINDER', data: { Id: 17 } }]),
    { text: '', type: 'SILENT', data: { silent_actions: [{ type: 'SET_REMINDER', data: { Id: 17 } }] } },
  ],
  [
    'native action',
    nativeAction('open_wallet', 'Your wallet'),
    { text: 'Your wallet', type: 'NATIVE_ACTION', data: { method: 'open_wallet' } },
  ],
]

describe.each(built)('%s', (_name, element, wire) => {
  test('is what goes over the wire', () => {
    expect(element).toEqual(wire)
  })

  test('is a valid element that comes back as it was', () => {
    expect(parseMessageBody(JSON.stringify(element), 'WhatsApp')).toEqual({ element, warnings: [] })
    expect(isKnownElement(element)).toBe(true)
  })
})

test('what the contract forbids does not compile', () => {
  // @ts-expect-error a uri is one of the names of the contract
  actionable('Open', { uri: 'WEB' })
  // @ts-expect-error so is an event
  system('Bye', { event_name: 'chat_closed' })
  // @ts-expect-error and a width
  carousel([], { width: 'WIDE' })
  // @ts-expect-error a quick reply is a label or a quick reply
  text('Hello', [link('Open', 'https://example.com')])
  // @ts-expect-error a field comes back under its key
  expect(form('Title', [{ hint: 'Name' }]).data.fields).toHaveLength(1)
})

test('a known element is told apart by its type', () => {
  const parsed = parseMessageBody(JSON.stringify(text('Hello', ['Hi'])))
  if ('error' in parsed || !isKnownElement(parsed.element) || parsed.element.type !== 'TEXT') throw new Error('no text')
  const label: string | undefined = parsed.element.data.quick_replies?.[0]?.actionable_text
  expect(label).toBe('Hi')
})
