import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { canonicalJson, ExactNumber, findUnstorable, parseJson, readJson, toJson } from '../../src/index.js'

/** What a double cannot give back. */
const EXACT = [
  ...['9007199254740993', '-9007199254740993', '12345678901234567890', '18446744073709551615', '9'.repeat(300)],
  ...['0.1234567890123456789', '1.7976931348623157081e308', '9007199254740993.0', '123456789012345678901234567890e-5'],
]
/** What it can, in however many digits. */
const DOUBLES = [
  ...['0', '-0', '1', '1.0', '1E2', '-1.5e-7', '9007199254740991', '9007199254740992', '1e300', '12345678901234567000'],
  ...[
    '0.30000000000000004',
    '1.7777777777777777',
    '1.7976931348623157e308',
    '5e-324',
    '0.10000000000000000000',
    '0e99999',
  ],
]

describe('a number that a double', () => {
  test.each(EXACT)('cannot give back is kept as it stands: %s', (text) => {
    for (const place of [text, `[${text}]`, `{"a": ${text}}`, `{"a": [1, {"b":${text} }]}`]) {
      const { rounded, exact } = readJson(place)
      expect(rounded).toEqual(JSON.parse(place))
      expect(toJson(exact)).toBe(JSON.stringify(JSON.parse(place.replace(text, '"#"'))).replace('"#"', text))
    }
  })
  test.each(DOUBLES)('can give back is a number as ever: %s', (text) => {
    expect(parseJson(`{"a": ${text}}`)).toEqual({ a: Number(text) })
  })
})

test('any JSON is read as the engine reads it, but for digits', () => {
  const hard = fc.jsonValue().map((value) => JSON.stringify(value))
  fc.assert(fc.property(hard, (text) => expect(parseJson(text)).toEqual(JSON.parse(text))))
  for (const text of [
    '',
    '{',
    '[1,]',
    '{"a":1}{',
    '01234567890123456789',
    '1e',
    '"\u0001"',
    'NaN',
    '1234567890123456789a',
  ])
    expect(() => parseJson(text)).toThrow(SyntaxError)
})

test.each([
  ['names that come twice', '{"a": 1, "a": 9007199254740993}', '{"a":9007199254740993}'],
  ['a name with a meaning of its own', '{"__proto__": 9007199254740993}', '{"__proto__":9007199254740993}'],
  ['digits in strings', '{"9007199254740993": "9007199254740993", "a": "\\"9007199254740993"}', undefined],
  ['a string with a backslash at its end', '["\\\\", 9007199254740993, "\\\\\\""]', undefined],
  [
    'what exact numbers look like on their way',
    '[{"text":"1"}, "exact-number:9007199254740993", 9007199254740993]',
    undefined,
  ],
])('%s', (_about, text, want) => {
  expect(toJson(parseJson(text))).toBe(want ?? text.replaceAll(', ', ',').replaceAll(': ', ':'))
})

test('the order of names and the spelling of numbers and characters make no other value', () => {
  const canonical = (text: string) => canonicalJson(parseJson(text))
  const same = [
    ['{"b": 1, "a": {"y": [1, 2], "x": "é"}}', '{"a":{"x":"\\u00e9","y":[1.0,2e0]},"b":1}'],
    ['12345678901234567890', '1.234567890123456789e19'],
    ['[12345678901234567890.50]', '[1234567890123456789050e-2]'],
    ['{"10": 1, "9": 2}', '{"9": 2, "10": 1}'],
  ]
  for (const [one = '', other = ''] of same) expect(canonical(other)).toBe(canonical(one))
  const different = [
    '[1,2]',
    '[2,1]',
    '12345678901234567890',
    '12345678901234567891',
    '"12345678901234567890"',
    '{"a":null}',
    '{}',
  ]
  expect(new Set(different.map(canonical)).size).toBe(different.length)
})

test.each([
  ['a number without end', `0.${'1'.repeat(511)}`, 'at most 512 characters'],
  ['a number beyond all doubles', '1e400', '64 bits'],
  ['a number that every other reader takes for zero', '1e-400', '64 bits'],
])('%s cannot be passed on', (_about, text, message) => {
  const [issue, ...others] = findUnstorable(parseJson(`{"a": [${text}]}`), '')
  expect([issue?.path, others]).toEqual(['/a/0', []])
  expect(issue?.message).toContain(message)
})

test('an exact number has its digits where it is shown', () => {
  expect(`${new ExactNumber('9007199254740993')}`).toBe('9007199254740993')
})
