import { expect, test } from '@jest/globals'
import { parseMessageBody } from '@tract/contract'
import { type Draft, type DraftKind, elementOf, emptyDraft, KINDS } from '../../src/hsl/draft.js'

const FILLED: Record<DraftKind, Draft> = {
  quick_replies: {
    kind: 'quick_replies',
    text: 'Which?',
    rows: [{ label: 'Yes' }, { label: 'No', message: 'Not now' }],
  },
  buttons: { kind: 'buttons', text: 'See', rows: [{ label: 'Docs', url: 'https://example.com' }, { label: 'Menu' }] },
  carousel: {
    kind: 'carousel',
    text: '',
    rows: [
      { title: 'One', sub_title: 'first', image: 'https://example.com/1.png', button: 'Take one' },
      { title: 'Two' },
    ],
  },
  image: { kind: 'image', text: 'https://example.com/1.png', rows: [] },
  form: { kind: 'form', text: 'Details', rows: [{ label: 'Name' }, { label: 'Size', options: 'S, M , L' }] },
  json: { kind: 'json', text: '{"type": "TAB_LIST", "data": {}}', rows: [] },
}

test.each(Object.values(FILLED))('what is composed as $kind is accepted as it is', (draft) => {
  const made = elementOf(draft)
  if (!('element' in made)) throw new Error(made.problem)
  expect(parseMessageBody(JSON.stringify(made.element))).toMatchObject({ element: made.element })
})

test.each(Object.keys(KINDS) as DraftKind[])('what is not filled in as %s says what is missing', (kind) => {
  expect(elementOf(emptyDraft(kind))).toEqual({ problem: expect.stringMatching(/ is empty\.$/) })
})

test('a row without its label is not sent', () => {
  expect(elementOf({ kind: 'buttons', text: 'See', rows: [{ label: 'A' }, { label: ' ' }] })).toEqual({
    problem: 'Label is empty.',
  })
})

test('a button says its label, or opens an address', () => {
  expect(elementOf(FILLED.buttons)).toMatchObject({
    element: {
      data: { items: [{ uri: 'LINK', payload: { url: 'https://example.com' } }, { payload: { message: 'Menu' } }] },
    },
  })
})

test('choices make a picker of a form’s field', () => {
  expect(elementOf(FILLED.form)).toMatchObject({
    element: {
      data: {
        fields: [
          { hint: 'Name', type: 'text' },
          { type: 'picker', options: ['S', 'M', 'L'] },
        ],
      },
    },
  })
})

test.each(['{', '[]', 'null', '"text"', '{"type": 1}', '{}'])('%s is no element', (json) => {
  expect(elementOf({ kind: 'json', text: json, rows: [] })).toHaveProperty('problem')
})
