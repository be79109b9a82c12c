import { expect, test } from '@jest/globals'
import { bearerToken } from '../../src/authentication/bearer.js'

test.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER  abc ', 'abc'],
  ['Bearer ', ''],
  ['Bearer', undefined],
  ['Bearerabc', undefined],
  ['Basic abc', undefined],
  ['', undefined],
  [undefined, undefined],
])('the Authorization header %p holds the token %p', (header, token) => {
  expect(bearerToken(header)).toBe(token)
})
