import { describe, expect, test } from '@jest/globals'
import { judge } from '../../../src/deliver/send/acknowledgement.js'
import type { AnswerText } from '../../../src/deliver/send/answer-text.js'

const NOW = Date.parse('2026-11-22T09:00:00Z')
const verdict = (status: number, text = '', retryAfter?: string) =>
  judge({ status, retryAfter, body: { text, isCut: false, isLossy: false } }, NOW)

describe('a 2xx acknowledges', () => {
  test.each([
    ['an empty body', ''],
    ['success', '{"success":true}'],
    ['a body that is no JSON', '<html>ok</html>'],
    ['JSON that is no object', '["error"]'],
    ['a broken object', '{"success":false'],
    ['unknown fields', '{"status":"queued","warnings":["x"]}'],
    ['an empty error', '{"error":""}'],
    ['a null error', '{"error":null}'],
    ['an error that is an empty list', '{"error":[]}'],
    ['success that is not a boolean', '{"success":0}'],
  ])('with %s', (_name, body) => {
    expect(verdict(200, body)).toEqual({ kind: 'acknowledged' })
    expect(verdict(204, body)).toEqual({ kind: 'acknowledged' })
  })

  test('whatever it calls the user, where it is not asked', () => {
    expect(verdict(200, '{"ect_user_id":"case-7"}')).toEqual({ kind: 'acknowledged' })
    expect(verdict(200, '{"ect_user_id":"a\\u0000b"}')).toEqual({ kind: 'acknowledged' })
  })
})

describe('an answer to create_user', () => {
  const answered = (text: string, isLossy = false) =>
    judge({ status: 200, retryAfter: undefined, body: { text, isCut: false, isLossy } }, NOW, 'ect_user_id')
  const digits = '9'.repeat(128)

  test.each([
    ['"case-7"', 'case-7'],
    [`"${'x'.repeat(128)}"`, 'x'.repeat(128)],
    [`"${'👋'.repeat(128)}"`, '👋'.repeat(128)],
    ['" 7 "', ' 7 '],
    ['7', '7'],
    ['-7', '-7'],
    ['0', '0'],
    ['-0', '0'],
    ['7.0', '7'],
    ['1.25e2', '125'],
    ['1200e-2', '12'],
    ['9007199254740993', '9007199254740993'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['1e21', `1${'0'.repeat(21)}`],
    [digits, digits],
  ])('that has the id %s', (id, ectUserId) => {
    expect(answered(`{"success":true,"ect_user_id":${id}}`)).toEqual({ kind: 'acknowledged', ectUserId })
  })

  test.each([
    ['""'],
    ['"a\\u0000b"'],
    ['"half \\ud83d"'],
    ['"\\udc4b"'],
    ['"a\\nb"'],
    [`"${'x'.repeat(129)}"`],
    ['true'],
    ['false'],
    ['{"id":7}'],
    ['["7"]'],
    ['7.5'],
    ['1e-2'],
    ['1e128'],
    ['1e400'],
    ['-1e999999999999999999999'],
    [`${digits}9`],
  ])('that has the id %s acknowledges, and is told that the id is left out', (id) => {
    expect(answered(`{"success":true,"ect_user_id":${id}}`)).toEqual({
      kind: 'acknowledged',
      error: 'invalid_ect_user_id',
    })
  })

  test.each(['{}', '{"ect_user_id":null}', 'ok', ''])('that has none: %s', (text) => {
    expect(answered(text)).toEqual({ kind: 'acknowledged' })
  })

  test('that refuses has no id', () => {
    expect(answered('{"success":false,"ect_user_id":"a\\u0000b"}')).toEqual({ kind: 'refused', error: 'refused' })
  })

  test('has the id that is its own, and last', () => {
    const text =
      '{"user":{"ect_user_id":1},"a":"ect_user_id","ect_user_id":2,"x":[{"ect_user_id":3}],"ect_user_id" : 18446744073709551615}'
    expect(answered(text)).toEqual({ kind: 'acknowledged', ectUserId: '18446744073709551615' })
    expect(answered('{"ect_user\\u005fid":18446744073709551615}')).toEqual({
      kind: 'acknowledged',
      ectUserId: '18446744073709551615',
    })
  })

  test('has none of bytes that are no text', () => {
    expect(answered('{"ect_user_id":"J\uFFFDrg"}')).toEqual({ kind: 'acknowledged', ectUserId: 'J\uFFFDrg' })
    expect(answered('{"ect_user_id":"J\uFFFDrg"}', true)).toEqual({
      kind: 'acknowledged',
      error: 'invalid_ect_user_id',
    })
  })
})

describe('a 2xx is not understood', () => {
  const NOT_UNDERSTOOD = { kind: 'retry', error: 'not_understood' }
  const judged = (body: AnswerText | null) => judge({ status: 200, retryAfter: undefined, body }, NOW)

  test('that cannot be read', () => {
    expect(judged(null)).toEqual(NOT_UNDERSTOOD)
  })

  test.each(['{"success":true,"much":"', ' \n {', ' \r\n\t ', ''])(
    'that is cut off where it may be an object: %j',
    (text) => {
      expect(judged({ text, isCut: true, isLossy: false })).toEqual(NOT_UNDERSTOOD)
    },
  )

  test('that has more in it than an acknowledgement has', () => {
    const object = (count: number) => `{"success":true,"a":[${'{"a":12345},'.repeat(count)}0]}`
    expect(verdict(200, object(498))).toEqual({ kind: 'acknowledged' })
    expect(verdict(200, object(499))).toEqual(NOT_UNDERSTOOD)
    expect(verdict(200, `{"echo":"${'x'.repeat(60_000)}"}`)).toEqual({ kind: 'acknowledged' })
    expect(verdict(200, '['.repeat(60_000))).toEqual({ kind: 'acknowledged' })
  })

  test.each(['<html>', 'ok', '[{"success":false}'])('but for one that is no object however it goes on: %j', (text) => {
    expect(judged({ text, isCut: true, isLossy: false })).toEqual({ kind: 'acknowledged' })
  })

  test('and of other statuses the body says nothing', () => {
    expect(judge({ status: 500, retryAfter: undefined, body: null }, NOW)).toEqual({
      kind: 'retry',
      error: 'status_5xx',
    })
    expect(judge({ status: 400, retryAfter: undefined, body: null }, NOW)).toEqual({
      kind: 'refused',
      error: 'status_4xx',
    })
  })
})

test.each([
  ['success is false', '{"success":false}'],
  ['success is false, and no error', '{"success":false,"error":""}'],
  ['there is an error', '{"error":"no such agent"}'],
  ['there is an error, and success', '{"success":true,"error":{"code":7}}'],
])('a 2xx refuses the payload where %s', (_name, body) => {
  expect(verdict(200, body)).toEqual({ kind: 'refused', error: 'refused' })
})

describe('every status, with every form of body', () => {
  const BODIES: Record<string, string> = {
    nothing: '',
    'a page': '<html>no</html>',
    'plain text': 'page not found',
    'a number': '404',
    'a JSON string': '"not found"',
    'a broken object': '{"error":',
    'an object': '{"error":"no such user"}',
    'an object behind spaces': ' \n{"success":true}',
    'a list': '["no such user"]',
  }
  const JSON_BODIES = new Set(['an object', 'an object behind spaces', 'a list'])
  const statuses = Array.from({ length: 500 }, (_, index) => 100 + index)

  /** The rule, as docs/hooks.md has it. */
  const expected = (status: number, name: string): string => {
    if (status >= 200 && status < 300) return name === 'an object' ? 'refused refused' : 'acknowledged'
    if ([400, 409, 413, 415, 422].includes(status)) return 'refused status_4xx'
    if (status === 404 && JSON_BODIES.has(name)) return 'refused status_4xx'
    if (status === 410) return 'gone gone'
    if (status === 429) return 'retry rate_limited'
    if (status >= 500) return 'retry status_5xx'
    if (status >= 400) return 'retry endpoint_4xx'
    return status >= 300 ? 'retry redirect' : 'retry protocol'
  }

  test.each(Object.entries(BODIES))('%s', (name, body) => {
    const told = statuses.map((status) => {
      const found = verdict(status, body)
      return `${status} ${found.kind === 'acknowledged' ? found.kind : `${found.kind} ${found.error}`}`
    })
    expect(told).toEqual(statuses.map((status) => `${status} ${expected(status, name)}`))
  })
})

test('410 says that nobody is there for good', () => {
  expect(verdict(410)).toEqual({ kind: 'gone', error: 'gone' })
})

test.each([500, 502, 503, 504, 599])('%i is the endpoint at fault', (status) => {
  expect(verdict(status)).toEqual({ kind: 'retry', error: 'status_5xx' })
})

test.each([300, 301, 302, 303, 304, 307, 308])('%i is not followed', (status) => {
  expect(verdict(status)).toEqual({ kind: 'retry', error: 'redirect' })
})

describe('Retry-After', () => {
  test.each([
    ['seconds', '7', 7_000],
    ['none', '0', 0],
    ['a date', 'Sun, 22 Nov 2026 09:02:00 GMT', 120_000],
    ['a date gone by', 'Sun, 22 Nov 2026 08:00:00 GMT', 0],
  ])('%s', (_name, value, afterMs) => {
    expect(verdict(429, '', value)).toEqual({ kind: 'retry', error: 'rate_limited', afterMs })
    expect(verdict(503, '', value)).toEqual({ kind: 'retry', error: 'status_5xx', afterMs })
  })

  test.each(['', 'soon', '-1', '1.5', '99999999999', undefined])('%s is as good as none', (value) => {
    expect(verdict(429, '', value)).toEqual({ kind: 'retry', error: 'rate_limited' })
  })

  test('counts on 429 and 503 only', () => {
    expect(verdict(500, '', '7')).toEqual({ kind: 'retry', error: 'status_5xx' })
    expect(verdict(400, '', '7')).toEqual({ kind: 'refused', error: 'status_4xx' })
  })
})
