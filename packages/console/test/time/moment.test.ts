import { expect, test } from '@jest/globals'
import { exactly, instantOf, localOf, zoneName } from '../../src/time/moment.js'

const SUMMER = new Date('2026-07-01T22:30:05.123Z')
const WINTER = new Date('2026-12-01T22:30:05.123Z')

test('a zone is said with how far it is from UTC at that moment', () => {
  expect(zoneName(SUMMER, 'Asia/Kolkata')).toBe('Asia/Kolkata, GMT+5:30')
  expect(zoneName(SUMMER, 'Europe/Berlin')).toBe('Europe/Berlin, GMT+2')
  expect(zoneName(WINTER, 'Europe/Berlin')).toBe('Europe/Berlin, GMT+1')
  expect(zoneName(WINTER, 'UTC')).toBe('UTC')
})

test('a moment is said in the zone of who reads, and exactly in UTC', () => {
  const { own, utc } = exactly(SUMMER, 'Asia/Kolkata')
  // the words between differ by the browser's version
  expect(own).toMatch(/^Thursday.* 2 July 2026.* 04:00:05 \(Asia\/Kolkata, GMT\+5:30\)$/)
  expect(utc).toBe('2026-07-01 22:30:05.123 UTC')
})

test('what is entered in a field is an instant, and comes back to the field as it was', () => {
  for (const local of ['2026-07-01T22:30', '2026-12-31T00:00']) expect(localOf(instantOf(local))).toBe(local)
  expect(instantOf('2026-07-01T22:30')).toBe(new Date(2026, 6, 1, 22, 30).toISOString())
  for (const none of ['', 'yesterday', '2026-13-01T00:00']) expect([localOf(none), instantOf(none)]).toEqual(['', ''])
})
