import { describe, expect, test } from '@jest/globals'
import type { HslElement } from '../../src/generated/types.js'
import {
  buttons,
  carousel,
  carouselItem,
  channelWarnings,
  form,
  image,
  messageType,
  quickReply,
  replyButton,
  text,
  video,
} from '../../src/hsl/index.js'

const labels = (count: number) => Array.from({ length: count }, (_, index) => `Label ${index}`)
const cards = (count: number) =>
  labels(count).map((title) => carouselItem('https://example.com/a.png', { title, actionables: [replyButton('Go')] }))

describe('channel limits', () => {
  const paths = (element: HslElement, platform?: Parameters<typeof channelWarnings>[1]) =>
    channelWarnings(element, platform).map((warning) => warning.path)

  test('web chats show 11 quick replies', () => {
    expect(paths(text('?', labels(11)), 'WebSDK')).toEqual([])
    expect(channelWarnings(text('?', labels(12)), 'WebSDK')).toEqual([
      { path: '/message_body/data/quick_replies', message: 'Web chats show at most 11 quick replies, here are 12' },
    ])
  })

  test('web chats show 3 buttons, on a card too', () => {
    expect(
      paths(
        buttons(
          '?',
          labels(3).map((label) => replyButton(label)),
        ),
        'WebSDK',
      ),
    ).toEqual([])
    expect(
      paths(
        buttons(
          '?',
          labels(4).map((label) => replyButton(label)),
        ),
        'WebSDK',
      ),
    ).toEqual(['/message_body/data/items'])
    const [first, ...rest] = cards(2)
    const full = { ...first, thumbnail: { image: '' }, actionables: labels(4).map((label) => replyButton(label)) }
    expect(paths(carousel([...rest, full]), 'WebSDK')).toEqual(['/message_body/data/items/1/actionables'])
  })

  test('web chats show 2 to 10 carousel items; an image or a video is no carousel to the reader', () => {
    for (const count of [2, 10]) expect(paths(carousel(cards(count)), 'WebSDK')).toEqual([])
    for (const count of [0, 1, 11])
      expect(paths(carousel(cards(count)), 'WebSDK')).toEqual(['/message_body/data/items'])
    expect(paths(image('https://example.com/a.png'), 'WebSDK')).toEqual([])
    expect(paths(video('https://example.com/a.mp4'), 'WebSDK')).toEqual([])
  })

  test('Facebook shows 25 characters of a quick reply and 20 of a button, counted as a reader does', () => {
    expect(paths(text('?', ['x'.repeat(25), '🙂'.repeat(25)]), 'Facebook')).toEqual([])
    expect(channelWarnings(text('?', ['ok', quickReply('x'.repeat(26))]), 'Facebook')).toEqual([
      {
        path: '/message_body/data/quick_replies/1/actionable_text',
        message: 'Facebook shows 25 characters of a quick reply, this one has 26',
      },
    ])
    expect(paths(buttons('?', [replyButton('x'.repeat(20))]), 'Facebook')).toEqual([])
    expect(paths(buttons('?', [replyButton('x'.repeat(21))]), 'Facebook')).toEqual([
      '/message_body/data/items/0/actionable_text',
    ])
    const wide = carouselItem('', { actionables: [replyButton('x'.repeat(21))] })
    expect(paths(carousel([wide]), 'Facebook')).toEqual(['/message_body/data/items/0/actionables/0/actionable_text'])
  })

  test('without a platform every limit counts; a platform without known limits has none', () => {
    const element = text('?', labels(11).concat('x'.repeat(26)))
    expect(paths(element)).toEqual([
      '/message_body/data/quick_replies',
      '/message_body/data/quick_replies/11/actionable_text',
    ])
    expect(paths(element, 'Facebook')).toHaveLength(1)
    for (const platform of ['WhatsApp', 'Android', 'iOS', 'Webhook'] as const)
      expect(paths(element, platform)).toEqual([])
  })

  test('unknown types and those without limits have no warnings', () => {
    expect(paths({ type: 'TAB_LIST', data: { items: labels(50) } })).toEqual([])
    expect(
      paths(
        form(
          '?',
          labels(50).map((key) => ({ key })),
        ),
      ),
    ).toEqual([])
    expect(paths({ type: 'TEXT', text: 'No list at all', data: {} })).toEqual([])
  })
})

describe('message type', () => {
  const cases: [name: string, element: HslElement, type: number][] = [
    ['text', text('Hello'), 0],
    ['image', image('https://example.com/a.png'), 1],
    ['image without an extension', image('https://example.com/uploads/17?name=a.mp4'), 1],
    ['video', video('https://example.com/a.MP4?token=1#t=3'), 0],
    ['one card without a picture', image(''), 0],
    [
      'one card with something to tap',
      carousel([carouselItem('https://example.com/a.png', { actionables: [replyButton('Go')] })]),
      0,
    ],
    ['two cards', carousel([carouselItem('https://example.com/a.png'), carouselItem('https://example.com/b.png')]), 0],
    ['no card', carousel([]), 0],
    ['unknown', { type: 'IMAGE', data: { url: 'https://example.com/a.png' } }, 0],
  ]
  test.each(cases)('%s', (_name, element, type) => {
    expect(messageType(element)).toBe(type)
  })
})
