import { describe, expect, test } from '@jest/globals'
import { judge } from '../../src/delivery/acknowledgement.js'

const NOW = Date.parse('2026-11-22T09:00:00Z')
const verdict = (status: number, body = '', retryAfter?: string) => judge(status, retryAfter, body, NOW)

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

  test('and what create_user answers is kept', () => {
    expect(verdict(200, '{"success":true,"ect_user_id":"case-7"}')).toEqual({
      kind: 'acknowledged',
      ectUserId: 'case-7',
    })
  })

  test.each(['7', '""', 'null', `"${'x'.repeat(129)}"`])('but not an ect_user_id of %s', (id) => {
    expect(verdict(200, `{"ect_user_id":${id}}`)).toEqual({ kind: 'acknowledged' })
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

test.each([400, 401, 403, 404, 405, 408, 413, 422, 451, 499])('%i refuses the payload', (status) => {
  expect(verdict(status)).toEqual({ kind: 'refused', error: 'status_4xx' })
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
