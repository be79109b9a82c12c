import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { standbyCopy } from '../../src/threads/standby-copy.js'

test('a button loses its hidden message and nothing else', () => {
  const button = {
    text: 'Pick one',
    type: 'BUTTON',
    data: {
      items: [
        {
          actionable_text: 'Track',
          is_default: 0,
          uri: '',
          type: 'TEXT_ONLY',
          payload: { message: 'Track', gogo_message: '{task:track}', url: null, flags: [0, false, ''] },
        },
      ],
    },
  }
  const original = structuredClone(button)
  expect(standbyCopy(button)).toEqual({
    ...button,
    data: {
      items: [{ ...button.data.items[0], payload: { message: 'Track', url: null, flags: [0, false, ''] } }],
    },
  })
  expect(button).toEqual(original)
})

test('quick replies, carousels and unknown types lose it at any depth', () => {
  const payload = { message: 'a', gogo_message: 'b' }
  const hidden = { payload: { message: 'a' } }
  expect(standbyCopy({ type: 'TEXT', data: { quick_replies: [{ payload }] } })).toEqual({
    type: 'TEXT',
    data: { quick_replies: [hidden] },
  })
  expect(
    standbyCopy({ type: 'CAROUSEL', data: { items: [{ actionables: [{ payload }], mini_actionable: { payload } }] } }),
  ).toEqual({ type: 'CAROUSEL', data: { items: [{ actionables: [hidden], mini_actionable: hidden }] } })
  expect(standbyCopy({ type: 'NEW', x: { payload: { list: [{ gogo_message: 'b', y: 1 }] } } })).toEqual({
    type: 'NEW',
    x: { payload: { list: [{ y: 1 }] } },
  })
})

test('a field of that name outside a payload stays', () => {
  const element = { type: 'FORM', data: { fields: [{ key: 'k', gogo_message: 'shown' }] } }
  expect(standbyCopy(element)).toBe(element)
})

test('a key named __proto__ is copied like any other', () => {
  const element = JSON.parse('{"__proto__": {"a": 1}, "payload": {"gogo_message": "b"}}')
  expect(JSON.stringify(standbyCopy(element))).toBe('{"__proto__":{"a":1},"payload":{}}')
})

test('whatever the element, nothing hidden is left, the original stays, and the rest is the same', () => {
  const key = fc.constantFrom('payload', 'gogo_message', 'data', 'items', 'text')
  const { element } = fc.letrec((tie) => ({
    element: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom<unknown>('x', 0, null, true),
      fc.array(tie('element'), { maxLength: 3 }),
      fc.dictionary(key, tie('element'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  /** The same by another way: JSON's own walk, once inside each payload. */
  const hide = (value: unknown) =>
    JSON.parse(JSON.stringify(value), function (this: unknown, name, member) {
      return name === 'payload'
        ? JSON.parse(JSON.stringify(member, (inner, each) => (inner === 'gogo_message' ? undefined : each)))
        : member
    })
  fc.assert(
    fc.property(element, (value) => {
      const before = JSON.stringify(value)
      const copy = standbyCopy(value)
      expect(JSON.stringify(value)).toBe(before)
      expect(copy).toEqual(hide(value))
      if (JSON.stringify(copy) === before) expect(copy).toBe(value)
    }),
    { numRuns: 500 },
  )
})
