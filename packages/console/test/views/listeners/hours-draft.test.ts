import { expect, test } from '@jest/globals'
import { hoursDraftOf, hoursOf, isFaulty } from '../../../src/views/listeners/settings/hours-draft.js'

const HOURS = {
  time_zone: 'Asia/Kolkata',
  weekly: [
    { day: 'monday', opens: '09:00', closes: '12:30' },
    { day: 'monday', opens: '14:00', closes: '18:00' },
    { day: 'sunday', opens: '22:00', closes: '02:00' },
  ],
  exceptions: [
    { date: '2026-12-25', spans: [] },
    { date: '2026-12-24', spans: [{ opens: '09:00', closes: '12:00' }] },
  ],
} as Parameters<typeof hoursDraftOf>[0]

test('hours that are edited and not changed are sent as they were', () => {
  expect(hoursOf(hoursDraftOf(HOURS, 'UTC'))).toEqual(HOURS)
  expect(hoursOf(hoursDraftOf(undefined, 'UTC'))).toBeNull()
})

test('what cannot be read is said at its line', () => {
  const draft = hoursDraftOf(HOURS, 'UTC')
  for (const spans of ['nine', '9-17', '09:00', '09:00-17:00;18:00-19:00']) {
    const hours = hoursOf({ ...draft, days: { ...draft.days, friday: spans } })
    expect(isFaulty(hours) && Object.keys(hours.days)).toEqual(['friday'])
  }
  for (const line of ['2026-12-25', 'Christmas closed', '2026-12-25 open', '2026-12-25 09:00-12:00 13']) {
    const hours = hoursOf({ ...draft, exceptions: line })
    expect(isFaulty(hours) && hours.exceptions).toContain(line)
  }
})
