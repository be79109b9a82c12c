import { describe, expect, test } from '@jest/globals'
import { image, text } from '../../src/hsl/index.js'
import { MAX_MESSAGE_BYTES, parseMessageBody, parseUserMessageBody } from '../../src/hsl/message-body.js'
import { toJson } from '../../src/json/exact-json.js'
import { errors, parseJson } from './parsing.js'

describe('text', () => {
  test.each([
    'Hello',
    '',
    '  ',
    '"a JSON string"',
    '[{"type":"TEXT"}]',
    '42',
    'null',
    'true',
    '{not json}',
    '{"type":"TEXT"',
    "{'type':'TEXT'}",
    '__proto__',
    '{"order": 12}',
    '{}',
    ' {"text":"Hello"} ',
    '{"type":0,"text":"Hello"}',
    '{"type":null}',
    '{"type":{"type":"TEXT"}}',
    '{"type":["TEXT"]}',
    '{"Type":"TEXT","text":"x","data":{}}',
    '{"data":{"type":"SYSTEM"}}',
    '{"type":"TEXT","text":"x","data":{},"type":1}',
    '{"__proto__":{"type":"SYSTEM"}}',
    '[{"type":"SYSTEM"}]',
    '\ufeff{"type":"SYSTEM","text":"x","data":{}}',
    '\u00a0{"type":"SYSTEM","text":"x","data":{}}',
    '{"type":"SYSTEM","text":"x","data":{}}.',
  ])('%j becomes a TEXT element', (body) => {
    expect(parseMessageBody(body)).toEqual({ element: text(body), warnings: [] })
  })

  test('what cannot be stored is refused', () => {
    expect(errors('a\0b')).toEqual([{ path: '/message_body', message: 'must not contain the character U+0000' }])
    expect(errors('half \ud83d')).toEqual([
      { path: '/message_body', message: 'must be well-formed Unicode, without half of a surrogate pair' },
    ])
    expect(errors('whole \ud83d\ude42')).toEqual([])
  })
})

describe('what a user wrote', () => {
  test.each([
    '{"type":"SYSTEM","text":"Your agent is gone","data":{"event_name":"chat_complete"}}',
    ' {"type":"BUTTON","text":"Pay","data":{"items":[]}}',
    '{"type":"TEXT","text":5}',
    '{"type":"NEW"}',
    '{"type":""}',
    '{"order": 12}',
    '"a JSON string"',
  ])('is text, letter for letter: %j', (body) => {
    expect(parseUserMessageBody(body)).toEqual({ element: text(body), warnings: [] })
  })

  test('has the limits of all text', () => {
    expect(parseUserMessageBody('x'.repeat(MAX_MESSAGE_BYTES + 1))).toMatchObject({
      error: [{ path: '/message_body' }],
    })
    expect(parseUserMessageBody('a\0b')).toMatchObject({ error: [{ path: '/message_body' }] })
  })

  test('is an element where it is given as an object, with the same checks', () => {
    for (const parse of [parseMessageBody, parseUserMessageBody]) {
      expect(parse(image('https://example.com/1.png'))).toMatchObject({ element: image('https://example.com/1.png') })
      expect(parse({ type: 'TEXT', text: 5, data: {} })).toMatchObject({ error: [{ path: '/message_body/text' }] })
      expect(parse({ text: 'x' })).toEqual({ error: [{ path: '/message_body/type', message: 'is required' }] })
      expect(parse({ type: '' })).toMatchObject({ error: [{ path: '/message_body/type' }] })
      expect(parse(text('a'.repeat(MAX_MESSAGE_BYTES)))).toMatchObject({ error: [{ path: '/message_body' }] })
    }
  })
})

describe('an element', () => {
  test('keeps every field that the contract does not name', () => {
    const element = {
      text: 'Hello',
      type: 'TEXT',
      isNew: 'true',
      voice_text: '',
      constructor: 'a word like any other',
      data: {
        new: { list: [null, 1.5, 0, false, ''] },
        quick_replies: [
          {
            actionable_text: 'Hi',
            is_default: 'false',
            type: 'TEXT_ONLY',
            location_required: null,
            payload: { message: 'Hi', gogo_message: null, prototype: 1 },
          },
        ],
      },
    }
    expect(parseJson(element)).toEqual({ element, warnings: [] })
  })

  test('may come with whitespace around it', () => {
    expect(parseMessageBody(` \n${JSON.stringify(text('Hello'))}\t`)).toEqual({ element: text('Hello'), warnings: [] })
  })

  test.each(['TAB_LIST', 'RECEIPT', 'text', 'constructor', '__proto__', 'hasOwnProperty'])(
    'of the unknown type %s is passed on whole, with a warning',
    (type) => {
      const element = { text: 5, type, data: { quick_replies: 'anything' } }
      expect(parseJson(element)).toEqual({
        element,
        warnings: [{ path: '/message_body/type', message: 'unknown type passed on whole' }],
      })
    },
  )

  test('that a channel will not show in full is accepted with a warning', () => {
    const element = text('?', ['x'.repeat(26)])
    const path = '/message_body/data/quick_replies/0/actionable_text'
    expect(parseMessageBody(JSON.stringify(element), 'Facebook')).toMatchObject({ element, warnings: [{ path }] })
    expect(parseMessageBody(JSON.stringify(element))).toMatchObject({ element, warnings: [{ path }] })
    expect(parseMessageBody(JSON.stringify(element), 'iOS')).toEqual({ element, warnings: [] })
  })

  test('never has more than ten warnings or errors', () => {
    const replies = Array.from({ length: 200 }, () => 'x'.repeat(30))
    const parsed = parseMessageBody(JSON.stringify(text('?', replies)))
    expect('warnings' in parsed && parsed.warnings).toHaveLength(10)
    expect(errors(JSON.stringify({ type: 'BUTTON', text: '', data: { items: replies } }))).toHaveLength(10)
  })
})

describe('names and values that cannot be passed on', () => {
  test.each([
    ['{"type":"TEXT","__proto__":{"text":"x","data":{}}}', '/message_body/__proto__'],
    ['{"type":"NEW","a":[{"b/c~d":{"__proto__":1}}]}', '/message_body/a/0/b~1c~0d/__proto__'],
  ])('__proto__ in %s', (body, path) => {
    expect(errors(body)).toEqual([{ path, message: 'the name __proto__ is not allowed' }])
    expect(({} as Record<string, unknown>).text).toBeUndefined()
  })

  test('constructor with a prototype', () => {
    expect(errors('{"type":"NEW","data":{"constructor":{"prototype":{"a":1}}}}')).toEqual([
      {
        path: '/message_body/data/constructor',
        message: 'the name constructor with a prototype inside is not allowed',
      },
    ])
  })

  test('characters and numbers', () => {
    expect(errors('{"type":"NEW","a":["\\u0000"],"\\ud800":1,"n":1e400}')).toEqual([
      { path: '/message_body/a/0', message: 'must not contain the character U+0000' },
      {
        path: '/message_body/\ud800',
        message: 'the name must be well-formed Unicode, without half of a surrogate pair',
      },
      { path: '/message_body/n', message: 'must be a number that fits into 64 bits' },
    ])
  })

  test('a number keeps digits that a double has not', () => {
    const result = parseMessageBody('{"type": "NEW", "id": 9007199254740993}')
    expect('element' in result && toJson(result.element)).toBe('{"type":"NEW","id":9007199254740993}')
  })
})
