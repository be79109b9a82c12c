/**
 * Whether a listener is open by its configured hours. A span is a pair of local times of the day on which it opens; it
 * becomes an interval of instants, start included and end not, and the listener is open within any of them. A local time
 * that is skipped or repeated becomes an instant as Temporal's `compatible` has it (RFC 5545 too): skipped, it is as much
 * later as the clock jumps; repeated, it is the first.
 */
import type { Hours } from '@tract/contract'
import { Temporal } from 'temporal-polyfill'

type Span = Hours['weekly'][number] | NonNullable<Hours['exceptions']>[number]['spans'][number]
type Exceptions = ReadonlyMap<string, readonly Span[]>

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
/** How far ahead an opening is looked for: a year and a day, more than the exceptions can close in a row. */
const DAYS_AHEAD = 401

/** What is wrong with hours beyond their schema: by path within them. */
export function hoursFaults(hours: Hours): { path: string; message: string }[] {
  const faults: { path: string; message: string }[] = []
  if (!isKnownZone(hours.time_zone)) {
    const message = `must be a time zone of the IANA database, such as Asia/Kolkata; there is no ${hours.time_zone}`
    faults.push({ path: '/time_zone', message })
  }
  const check = (spans: readonly Span[], path: string) => {
    spans.forEach(({ opens, closes }, index) => {
      const message = `must not be ${opens}, when it opens; a whole day is 00:00 to 24:00`
      if (opens === closes) faults.push({ path: `${path}/${index}/closes`, message })
    })
  }
  check(hours.weekly, '/weekly')
  const dates = new Set<string>()
  hours.exceptions?.forEach(({ date, spans }, index) => {
    const path = `/exceptions/${index}`
    if (!isDate(date)) faults.push({ path: `${path}/date`, message: `must be a date; there is no ${date}` })
    if (dates.has(date)) faults.push({ path: `${path}/date`, message: `must not stand twice: ${date}` })
    dates.add(date)
    check(spans, `${path}/spans`)
  })
  return faults
}

function isKnownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

function isDate(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text
  } catch {
    return false
  }
}

/** `reopensAt`: where it is closed, when it opens next, in ms since 1970; null where that is not within a year. */
export function openingAt(hours: Hours, now: number): { open: boolean; reopensAt: number | null } {
  // stored by a process with a newer database of zones: closing what may be open would do more harm
  if (!isKnownZone(hours.time_zone)) return { open: true, reopensAt: null }
  const exceptions: Exceptions = new Map(hours.exceptions?.map(({ date, spans }) => [date, spans]))
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(hours.time_zone).toPlainDate()
  // a span of yesterday may go on
  for (let day = -1; day <= DAYS_AHEAD; day++) {
    const intervals = intervalsOf(hours, exceptions, today.add({ days: day }))
    if (day <= 0 && intervals.some(({ start, end }) => start <= now && now < end))
      return { open: true, reopensAt: null }
    const starts = intervals.filter(({ start, end }) => start > now && start < end).map(({ start }) => start)
    if (day >= 0 && starts.length > 0) return { open: false, reopensAt: Math.min(...starts) }
  }
  return { open: false, reopensAt: null }
}

/** The intervals that open on a date. */
function intervalsOf(hours: Hours, exceptions: Exceptions, date: Temporal.PlainDate) {
  const weekly = () => hours.weekly.filter(({ day }) => DAYS[date.dayOfWeek - 1] === day)
  const spans: readonly Span[] = exceptions.get(date.toString()) ?? weekly()
  return spans.map(({ opens, closes }) => ({
    start: instantOf(date, opens, hours.time_zone),
    end:
      closes === '24:00'
        ? instantOf(date.add({ days: 1 }), '00:00', hours.time_zone)
        : instantOf(closes > opens ? date : date.add({ days: 1 }), closes, hours.time_zone),
  }))
}

const instantOf = (date: Temporal.PlainDate, time: string, timeZone: string): number =>
  date.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds
