import { expect, test } from '@jest/globals'
import { indented } from '../../../src/views/deliveries/indented.js'

test('a body keeps the digits of its numbers', () => {
  expect(indented('{"order":9007199254740993,"rate":[0.1234567890123456789]}')).toBe(
    '{\n  "order": 9007199254740993,\n  "rate": [\n    0.1234567890123456789\n  ]\n}',
  )
})
test('what is no JSON stays as it is', () => {
  expect(indented('no {')).toBe('no {')
})
