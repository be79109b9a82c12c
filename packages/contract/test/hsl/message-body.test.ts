import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  buttons,
  carousel,
  carouselItem,
  form,
  image,
  link,
  nativeAction,
  quickReply,
  replyButton,
  silent,
  system,
  text,
} from '../../src/hsl/index.js'
import { MAX_MESSAGE_BYTES, parseMessageBody, parseUserMessageBody } from '../../src/hsl/message-body.js'
import { toJson } from '../../src/json/exact-json.js'

const parseJson = (value: unknown) => parseMessageBody(JSON.stringify(value), 'WhatsApp')
const errors = (body: string) => {
  const parsed = parseMessageBody(body)
  return 'error' in parsed ? parsed.error : []
}

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

describe('size', () => {
  const message = (bytes: number) => `must have at most 65536 bytes of UTF-8, this one has ${bytes}`

  test('exactly 65,536 bytes are accepted, one more is not', () => {
    expect(errors('a'.repeat(MAX_MESSAGE_BYTES))).toEqual([])
    expect(errors('a'.repeat(MAX_MESSAGE_BYTES + 1))).toEqual([{ path: '/message_body', message: message(65_537) }])
    expect(errors('é'.repeat(MAX_MESSAGE_BYTES / 2))).toEqual([])
    expect(errors(`${'é'.repeat(MAX_MESSAGE_BYTES / 2)}a`)).toEqual([
      { path: '/message_body', message: message(65_537) },
    ])
    expect(errors('🙂'.repeat(MAX_MESSAGE_BYTES / 4))).toEqual([])
  })

  test('of an element as it was serialised', () => {
    const empty = JSON.stringify(text('')).length
    expect(errors(JSON.stringify(text('a'.repeat(MAX_MESSAGE_BYTES - empty))))).toEqual([])
    expect(errors(JSON.stringify(text('a'.repeat(MAX_MESSAGE_BYTES - empty + 1))))).toHaveLength(1)
    expect(errors(`${JSON.stringify(text(''))}${' '.repeat(MAX_MESSAGE_BYTES)}`)).toHaveLength(1)
  })
})

describe('nesting', () => {
  const nested = (levels: number) => `{"type":"NEW"${',"a":{"b":1'.repeat(levels - 1)}${'}'.repeat(levels)}`

  test('16 levels are accepted, one more is not, and the error says where', () => {
    expect(errors(nested(16))).toEqual([])
    expect(errors(nested(17))).toEqual([
      { path: `/message_body${'/a'.repeat(16)}`, message: 'must not be nested deeper than 16 levels' },
    ])
  })

  test('lists count as objects do', () => {
    const lists = (levels: number) => `{"type":"NEW","a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
    expect(errors(lists(16))).toEqual([])
    expect(errors(lists(17))).toEqual([
      { path: `/message_body/a${'/0'.repeat(15)}`, message: 'must not be nested deeper than 16 levels' },
    ])
  })

  test('as deep as a body can be, it is an answer and no overflow', () => {
    const bombs = [
      '['.repeat(256 * 1024),
      `{"type":"NEW","a":${'{"":'.repeat(13_000)}1${'}'.repeat(13_000)}}`,
      `{"type":"TEXT","text":"","data":${'['.repeat(32_000)}${']'.repeat(32_000)}}`,
      `{"type":"NEW","a":[${Array.from({ length: 500 }, () => `${'['.repeat(40)}${']'.repeat(40)}`).join(',')}]}`,
    ]
    for (const bomb of bombs) {
      const found = errors(bomb)
      expect(found.length).toBeGreaterThan(0)
      expect(found.length).toBeLessThanOrEqual(10)
    }
    expect(parseMessageBody('['.repeat(60_000))).toMatchObject({ element: { type: 'TEXT' } })
    expect(parseMessageBody(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)).toMatchObject({ element: { type: 'TEXT' } })
    expect(parseMessageBody(`${'{"":'.repeat(13_000)}1${'}'.repeat(13_000)}`)).toMatchObject({
      element: { type: 'TEXT' },
    })
  })

  test('names of any length keep the paths short', () => {
    const [issue] = errors(`{"type":"NEW","${'n'.repeat(60_000)}":"\\u0000"}`)
    expect(issue?.path.length).toBeLessThan(200)
  })
})

describe('property', () => {
  const string = fc.string({ unit: 'grapheme', maxLength: 40 })
  const flag = fc.constantFrom<0 | 1 | boolean | 'true' | 'false'>(0, 1, true, false, 'true', 'false')
  const reply = fc
    .tuple(string, string, flag)
    .map(([label, message, is_default]) => quickReply(label, { message, is_default }))
  const button = fc.oneof(
    fc.tuple(string, fc.webUrl()).map(([label, url]) => link(label, url)),
    fc.tuple(string, string, string).map(([label, message, hidden]) => replyButton(label, message, hidden)),
  )
  const card = fc
    .tuple(fc.webUrl(), string, fc.array(button, { maxLength: 3 }), fc.jsonValue({ maxDepth: 3 }))
    .map(([url, title, actionables, meta]) =>
      carouselItem(url, { title, actionables, meta: JSON.parse(JSON.stringify(meta)) }),
    )
    // What JSON itself may hold and a message may not is a test of its own.
    .filter((item) => !/\\u0000|\\ud[89a-f]|__proto__/.test(JSON.stringify(item)))
  const element = fc.oneof(
    fc.tuple(string, fc.array(reply, { maxLength: 4 })).map(([content, replies]) => text(content, replies)),
    fc.tuple(string, fc.array(button, { maxLength: 4 })).map(([content, items]) => buttons(content, items)),
    fc
      .tuple(fc.array(card, { maxLength: 4 }), string, fc.double({ min: 0.1, max: 10, noNaN: true }))
      .map(([cards, content, ratio]) => carousel(cards, { text: content, image_aspect_ratio: ratio })),
    fc.webUrl().map((url) => image(url)),
    fc.tuple(string, fc.array(string)).map(([title, keys]) =>
      form(
        title,
        keys.map((key) => ({ key, hint: title })),
        title,
      ),
    ),
    fc.tuple(string, string).map(([content, name]) => system(content, { payload: { agent_name: name } })),
    fc.array(string).map((types) => silent(types.map((type) => ({ type, data: { type } })))),
    fc.tuple(string, string).map(([method, content]) => nativeAction(method, content)),
  )

  test('what a builder made comes back as it was', () => {
    fc.assert(
      fc.property(element, (built) => {
        expect(parseMessageBody(JSON.stringify(built))).toMatchObject({ element: built })
        expect(parseJson(built)).toEqual({ element: built, warnings: expect.anything() })
      }),
    )
  })

  test('text comes back as it was', () => {
    fc.assert(
      fc.property(string, (content) => {
        fc.pre(!/^\s*\{/.test(content))
        expect(parseMessageBody(content)).toEqual({ element: text(content), warnings: [] })
      }),
    )
  })

  test('any string gets an answer: an element or errors that name their place', () => {
    const body = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      element.map((built) => JSON.stringify(built)),
    )
    fc.assert(
      fc.property(body, fc.nat(), fc.string({ maxLength: 2 }), (base, at, change) => {
        const place = at % (base.length + 1)
        const parsed = parseMessageBody(base.slice(0, place) + change + base.slice(place + 1))
        if ('error' in parsed) {
          expect(parsed.error.length).toBeGreaterThan(0)
          for (const { path } of parsed.error) expect(path).toMatch(/^\/message_body(\/|$)/)
        } else expect(typeof parsed.element.type).toBe('string')
      }),
      { numRuns: 500 },
    )
  })
})
