import { expect, test } from '@jest/globals'
import { bytes } from '../../src/files/bytes.js'

test.each([
  [1, '1 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [48213, '47 KiB'],
  [26214400, '25 MiB'],
  [0, '0 B'],
])('%d bytes are %s', (size, text) => {
  expect(bytes(size)).toBe(text)
})
