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
import { parseMessageBody } from '../../src/hsl/message-body.js'
import { parseJson } from './parsing.js'

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
