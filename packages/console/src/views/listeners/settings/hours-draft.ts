/** Opening hours as a person writes them, a line for each day, and what is sent of them. */
import type { Hours } from '@tract/contract'

export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
type Day = (typeof DAYS)[number]

export interface HoursDraft {
  /** Without them, a listener is open where it does not say otherwise. */
  has: boolean
  time_zone: string
  /** `09:00-12:30, 14:00-18:00`; nothing where it is closed. */
  days: Readonly<Record<Day, string>>
  /** `2026-12-25 closed`, or `2026-12-24 09:00-12:00`: a line for each date. */
  exceptions: string
}

interface Span {
  opens: string
  closes: string
}

const written = (spans: readonly Span[]): string => spans.map(({ opens, closes }) => `${opens}-${closes}`).join(', ')

export function hoursDraftOf(hours: Hours | undefined, timeZone: string): HoursDraft {
  const usual = hours ?? {
    time_zone: timeZone,
    weekly: DAYS.slice(0, 5).map((day) => ({ day, opens: '09:00', closes: '17:30' })),
  }
  const days = DAYS.map((day) => [day, written(usual.weekly.filter((span) => span.day === day))])
  const exceptions = (hours?.exceptions ?? []).map(({ date, spans }) => `${date} ${written(spans) || 'closed'}`)
  return {
    has: hours !== undefined,
    time_zone: usual.time_zone,
    days: Object.fromEntries(days) as HoursDraft['days'],
    exceptions: exceptions.join('\n'),
  }
}

/** Spans that cannot be read are a sentence about them. */
function spansOf(text: string): Span[] | string {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  const spans: Span[] = []
  for (const part of parts) {
    const [, opens, closes] = /^(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)$/.exec(part) ?? []
    if (opens === undefined || closes === undefined) return `“${part}” is no span such as 09:00-17:30.`
    spans.push({ opens, closes })
  }
  return spans
}

export interface HoursFaults {
  days: Partial<Readonly<Record<Day, string>>>
  exceptions?: string
}

/** @returns what is sent, null for none, or what cannot be read */
export function hoursOf({ has, time_zone, days, exceptions }: HoursDraft): Hours | null | HoursFaults {
  if (!has) return null
  const faults: { days: Record<string, string>; exceptions?: string } = { days: {} }
  const weekly = DAYS.flatMap((day) => {
    const spans = spansOf(days[day])
    if (typeof spans !== 'string') return spans.map((span) => ({ day, ...span }))
    faults.days[day] = spans
    return []
  })
  const dates = exceptions
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [date = '', rest = ''] = line.split(/\s+(.*)/s)
      const spans = /^closed$/i.test(rest.trim()) ? [] : spansOf(rest)
      const isRead = /^\d{4}-\d\d-\d\d$/.test(date) && typeof spans !== 'string' && rest.trim() !== ''
      if (!isRead) faults.exceptions = `“${line}” is no line such as 2026-12-25 closed, or 2026-12-24 09:00-12:00.`
      return { date, spans: typeof spans === 'string' ? [] : spans }
    })
  if (Object.keys(faults.days).length > 0 || faults.exceptions !== undefined) return faults
  return { time_zone: time_zone.trim(), weekly, ...(dates.length > 0 && { exceptions: dates }) }
}

export const isFaulty = (hours: Hours | null | HoursFaults): hours is HoursFaults => hours !== null && 'days' in hours
