import { describe, expect, test } from '@jest/globals'
import type { Hours } from '@tract/contract'
import { hoursFaults, openingAt } from '../../src/accounts/availability/opening-hours.js'

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const daily = (time_zone: string, opens: string, closes: string): Hours => ({
  time_zone,
  weekly: DAYS.map((day) => ({ day, opens, closes })),
})

/** `open`, or when it opens again. */
function at(hours: Hours, time: string): string {
  const { open, reopensAt } = openingAt(hours, Date.parse(time))
  if (open) return 'open'
  return reopensAt === null ? 'closed for good' : new Date(reopensAt).toISOString()
}

describe('by the hours of a week', () => {
  const office: Hours = {
    time_zone: 'Asia/Kolkata',
    weekly: DAYS.slice(0, 5).flatMap((day) => [
      { day, opens: '14:00', closes: '17:30' },
      { day, opens: '09:00', closes: '13:00' },
    ]),
    exceptions: [
      { date: '2026-12-25', spans: [] },
      { date: '2026-12-26', spans: [{ opens: '10:00', closes: '12:00' }] },
    ],
  }

  test.each([
    ['a second before it opens', '2026-12-01T03:29:59.999Z', '2026-12-01T03:30:00.000Z'],
    ['as it opens', '2026-12-01T03:30:00.000Z', 'open'],
    ['a moment before it closes', '2026-12-01T07:29:59.999Z', 'open'],
    ['as it closes for lunch', '2026-12-01T07:30:00.000Z', '2026-12-01T08:30:00.000Z'],
    ['in the evening', '2026-12-01T12:00:00.000Z', '2026-12-02T03:30:00.000Z'],
    ['on a Friday evening', '2026-12-04T12:00:00.000Z', '2026-12-07T03:30:00.000Z'],
    ['on the evening before a day without spans', '2026-12-24T12:00:00.000Z', '2026-12-26T04:30:00.000Z'],
    ['at noon of a day without spans', '2026-12-25T06:30:00.000Z', '2026-12-26T04:30:00.000Z'],
    ['on a Saturday with spans of its own', '2026-12-26T05:00:00.000Z', 'open'],
  ])('%s', (_, time, expected) => expect(at(office, time)).toBe(expected))
})

describe('over midnight', () => {
  const nights: Hours = {
    time_zone: 'UTC',
    weekly: [{ day: 'sunday', opens: '22:00', closes: '02:00' }],
    exceptions: [{ date: '2026-12-07', spans: [] }],
  }

  test('a span belongs to the day on which it opens', () => {
    expect(at(nights, '2026-12-06T23:59:59.000Z')).toBe('open')
    expect(at(nights, '2026-12-07T01:59:59.000Z')).toBe('open')
    expect(at(nights, '2026-12-07T02:00:00.000Z')).toBe('2026-12-13T22:00:00.000Z')
    expect(at(nights, '2026-12-06T01:00:00.000Z')).toBe('2026-12-06T22:00:00.000Z')
  })

  test('whole days leave no moment out', () => {
    const always = daily('Europe/Berlin', '00:00', '24:00')
    for (const time of ['2026-03-29T00:59:59.999Z', '2026-03-29T01:00:00.000Z', '2026-10-24T22:00:00.000Z'])
      expect(at(always, time)).toBe('open')
    expect(at(daily('Europe/Berlin', '12:00', '11:59'), '2026-10-25T10:59:30.000Z')).toBe('2026-10-25T11:00:00.000Z')
  })
})

describe('where clocks are put forward, 02:00 to 03:00 on 29 March in Berlin', () => {
  test('what opens at a time that does not exist opens as much later', () => {
    const hours = daily('Europe/Berlin', '02:30', '05:00')
    expect(at(hours, '2026-03-29T00:59:00.000Z')).toBe('2026-03-29T01:30:00.000Z')
    expect(at(hours, '2026-03-29T01:30:00.000Z')).toBe('open')
    expect(at(hours, '2026-03-29T03:00:00.000Z')).toBe('2026-03-30T00:30:00.000Z')
  })

  test('a span within the gap is as long as ever', () => {
    const hours = daily('Europe/Berlin', '02:10', '02:40')
    expect(at(hours, '2026-03-29T01:09:00.000Z')).toBe('2026-03-29T01:10:00.000Z')
    expect(at(hours, '2026-03-29T01:39:59.000Z')).toBe('open')
    expect(at(hours, '2026-03-29T01:40:00.000Z')).toBe('2026-03-30T00:10:00.000Z')
  })
})

describe('where clocks are put back, 03:00 to 02:00 on 25 October in Berlin', () => {
  test('a time that comes twice is the first of the two', () => {
    const hours = daily('Europe/Berlin', '02:15', '02:45')
    expect(at(hours, '2026-10-25T00:15:00.000Z')).toBe('open')
    expect(at(hours, '2026-10-25T00:45:00.000Z')).toBe('2026-10-26T01:15:00.000Z')
    expect(at(hours, '2026-10-25T01:20:00.000Z')).toBe('2026-10-26T01:15:00.000Z')
  })

  test('a span around both is an hour longer', () => {
    const hours = daily('Europe/Berlin', '01:00', '04:00')
    expect(at(hours, '2026-10-24T23:00:00.000Z')).toBe('open')
    expect(at(hours, '2026-10-25T02:59:59.000Z')).toBe('open')
    expect(at(hours, '2026-10-25T03:00:00.000Z')).toBe('2026-10-26T00:00:00.000Z')
  })
})

test('a date that a zone has left out is passed over', () => {
  // Samoa went from the 29th to the 31st of December 2011
  expect(at(daily('Pacific/Apia', '09:00', '17:00'), '2011-12-30T05:00:00.000Z')).toBe('2011-12-30T19:00:00.000Z')
})

test('without any span it is closed for good, and the search ends', () => {
  expect(at({ time_zone: 'UTC', weekly: [] }, '2026-12-01T00:00:00.000Z')).toBe('closed for good')
})

test('a zone that this process does not know closes nothing', () => {
  expect(at({ time_zone: 'Mars/Olympus', weekly: [] }, '2026-12-01T00:00:00.000Z')).toBe('open')
})

describe('what is wrong with hours is said by field', () => {
  const faults = (hours: Partial<Hours>) => hoursFaults({ time_zone: 'UTC', weekly: [], ...hours })

  test.each([
    ['a zone that does not exist', { time_zone: 'Europe/Atlantis' }, '/time_zone', 'there is no Europe/Atlantis'],
    [
      'a span without length',
      { weekly: [{ day: 'monday', opens: '09:00', closes: '09:00' }] },
      '/weekly/0/closes',
      '00:00 to 24:00',
    ],
    [
      'a date that does not exist',
      { exceptions: [{ date: '2026-02-30', spans: [] }] },
      '/exceptions/0/date',
      '2026-02-30',
    ],
    [
      'a date that stands twice',
      {
        exceptions: [
          { date: '2026-02-03', spans: [] },
          { date: '2026-02-03', spans: [] },
        ],
      },
      '/exceptions/1/date',
      'twice',
    ],
  ] as [string, Partial<Hours>, string, string][])('%s', (_, hours, path, said) => {
    expect(faults(hours)).toEqual([{ path, message: expect.stringContaining(said) }])
  })

  test('and nothing where all is right', () => {
    expect(
      faults({ time_zone: 'America/Argentina/Buenos_Aires', exceptions: [{ date: '2028-02-29', spans: [] }] }),
    ).toEqual([])
  })
})
