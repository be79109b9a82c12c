import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  actionable,
  buttons,
  carousel,
  carouselItem,
  file,
  form,
  image,
  link,
  nativeAction,
  quickReply,
  replyButton,
  silent,
  system,
  text,
  toPlainText,
} from '../../src/hsl/index.js'

const cases: [name: string, element: unknown, lines: string[]][] = [
  ['text', text('Hello\nthere'), ['Hello\nthere']],
  [
    'quick replies, without their hidden messages',
    text('Happy?', ['Yes', quickReply('No', { gogo_message: 'secret', link: 'https://example.com/no' })]),
    ['Happy?', '1. Yes', '2. No', 'https://example.com/no'],
  ],
  [
    'buttons, then URLs, each once',
    buttons('Your bill', [
      link('Open', 'https://example.com/bill'),
      replyButton('Ask', 'A question', 'secret'),
      link('Print', 'https://example.com/bill'),
      actionable('Call us', { uri: 'CALL', payload: { url: 'tel:+911234567890' } }),
    ]),
    ['Your bill', '1. Open', '2. Ask', '3. Print', '4. Call us', 'https://example.com/bill', 'tel:+911234567890'],
  ],
  ['a button without a label goes by its message', buttons('', [replyButton('', 'Ask'), actionable('')]), ['1. Ask']],
  [
    'several cards: each button says whose it is',
    carousel(
      [
        carouselItem('https://example.com/a.png', {
          title: 'Home',
          sub_title: '100 Mbit/s',
          description: 'No term',
          actionables: [replyButton('Buy')],
          meta: { url: 'https://example.com/hidden' },
        }),
        carouselItem('', {
          title: 'Office',
          actionables: [replyButton('Buy')],
          mini_actionable: actionable('Share', { type: 'SHARE' }),
        }),
      ],
      { text: 'Two plans' },
    ),
    [
      'Two plans',
      'Home – 100 Mbit/s – No term',
      'Office',
      '1. Buy (Home)',
      '2. Buy (Office)',
      '3. Share (Office)',
      'https://example.com/a.png',
    ],
  ],
  [
    'one card',
    carousel([carouselItem('https://example.com/a.png', { title: 'Home', actionables: [replyButton('Buy')] })]),
    ['Home', '1. Buy', 'https://example.com/a.png'],
  ],
  ['image', image('https://example.com/a.png', { text: 'The meter' }), ['The meter', 'https://example.com/a.png']],
  [
    'file',
    file('https://example.com/a.pdf', 'Your contract'),
    ['Your contract', '1. Download', 'https://example.com/a.pdf'],
  ],
  [
    'form, in its own order',
    form(
      'Where to?',
      [
        { key: 'City', options: ['Mumbai', 'Pune'], order: 2 },
        { key: 'n', hint: 'Name', order: 1 },
      ],
      'Us',
    ),
    ['Where to?', 'Us', '1. Name', '2. City (Mumbai, Pune)'],
  ],
  [
    'system',
    system('Asha joined.', { event_name: 'chat_pinned', payload: { profile_image: 'https://example.com/a.png' } }),
    ['Asha joined.'],
  ],
  ['silent', silent([{ type: 'OPEN', data: { url: 'https://example.com' } }], 'Opening'), ['Opening']],
  ['native action', nativeAction('open_wallet'), ['[native action]']],
  ['a text of blanks', text(' \n '), ['[text]']],
  ['a card with nothing in it', carousel([carouselItem('')]), ['[carousel]']],
  ['an unknown type with nothing to read', { type: 'ar_view-2', data: { scene: 7 } }, ['[ar view 2]']],
  ['a type of signs alone', { type: '\u202e\n--' }, ['[message]']],
  ['a type without end', { type: 'X'.repeat(70_000) }, [`[${'x'.repeat(64)}]`]],
  [
    'an unknown type, as far as it looks like a known one',
    {
      type: 'TAB_LIST',
      title: 'Menu',
      data: { tabs: [{ name: 'Food', items: [{ actionable_text: 'Dosa', link: 'https://example.com/dosa' }] }] },
    },
    ['Menu', '1. Dosa', 'https://example.com/dosa'],
  ],
  ['a string', 'Hello', ['Hello']],
  ['not an element', [1, null, { text: 'Hello' }], []],
  [
    'malformed parts are left out',
    {
      type: 'BUTTON',
      text: { not: 'text' },
      data: {
        items: [
          null,
          7,
          [],
          { actionable_text: 5 },
          { actionable_text: 'Go', payload: 'none' },
          { url: 'javascript:0' },
        ],
      },
    },
    ['1. Go'],
  ],
  [
    'a malformed form',
    { type: 'FORM', title: 3, data: { fields: [null, { key: 1 }, { key: 'a', order: 'x' }] } },
    ['1. a'],
  ],
]

test.each(cases)('%s', (_name, element, lines) => {
  expect(toPlainText(element)).toBe(lines.join('\n'))
})

describe('of any value', () => {
  const names = fc.constantFrom(
    'text',
    'type',
    'data',
    'items',
    'actionables',
    'actionable_text',
    'payload',
    'url',
    'title',
  )
  const types = fc.constantFrom('TEXT', 'BUTTON', 'CAROUSEL', 'FORM', 'SYSTEM', 'TAB_LIST')
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      types,
      fc.anything(),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(names, tie('node'), { maxKeys: 6 }),
    ),
  }))

  test('it answers with a string', () => {
    fc.assert(
      fc.property(fc.oneof(node, fc.jsonValue(), fc.anything()), (value) => {
        expect(typeof toPlainText(value)).toBe('string')
      }),
      { numRuns: 500 },
    )
  })

  test('an element is never nothing', () => {
    const element = fc.tuple(fc.oneof(types, fc.string()), node).map(([type, data]) => ({ type, data }))
    fc.assert(
      fc.property(element, (value) => {
        expect(toPlainText(value).trim()).not.toBe('')
      }),
      { numRuns: 500 },
    )
  })

  test('it ends, however deep or entangled', () => {
    let deep: unknown = { actionable_text: 'at the bottom' }
    for (let level = 0; level < 100_000; level++) deep = { data: deep }
    expect(toPlainText(deep)).toBe('')

    const knot: { type: string; text: string; data: unknown[] } = { type: 'X', text: 'Knot', data: [] }
    for (let index = 0; index < 50; index++) knot.data.push({ knot, again: knot.data })
    expect(toPlainText({ type: 'X', data: { knot } })).toBe('[x]')
  })
})
