import { expect, test } from '@jest/globals'
import { linkAddress, pictureAddress } from '../../src/hsl/address.js'

const HOSTILE = [
  'javascript:alert(1)',
  ' JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'blob:https://example.com/1',
  'file:///etc/passwd',
  '//example.com',
  '/console/',
  '',
  undefined,
  { toString: () => 'https://example.com' },
]

test.each(HOSTILE)('%p is neither a link nor a picture', (address) => {
  expect(linkAddress(address)).toBeUndefined()
  expect(pictureAddress(address)).toBeUndefined()
})

test('pages, calls and mails are links', () => {
  for (const address of [
    'https://example.com/a?b=c',
    'http://localhost:8080/docs',
    'tel:+9198200',
    'mailto:a@example.com',
  ])
    expect(linkAddress(address)).toBe(address)
})

test('a picture comes by the web, or inline', () => {
  expect(pictureAddress('https://example.com/a.png')).toBe('https://example.com/a.png')
  expect(pictureAddress('data:image/png;base64,AA==')).toBe('data:image/png;base64,AA==')
  expect(pictureAddress('tel:1')).toBeUndefined()
})
