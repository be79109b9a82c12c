/** A moment as people read it: in their own zone, which is said beside it, and exactly in UTC. */

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making one is slow, and a list has hundreds of times. */
function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options)
  const made = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', options)
  formats.set(key, made)
  return made
}

/** Of who reads: the browser's. */
const ownZone = (): string => format({}).resolvedOptions().timeZone

/** How far a zone is from UTC at a moment, as `GMT+5:30`. */
function offsetOf(date: Date, timeZone: string): string {
  const parts = format({ timeZone, timeZoneName: 'shortOffset' }).formatToParts(date)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

/** `Asia/Kolkata, GMT+5:30`, and `UTC` alone. */
export function zoneName(date: Date, timeZone = ownZone()): string {
  return timeZone === 'UTC' ? 'UTC' : `${timeZone}, ${offsetOf(date, timeZone)}`
}

/** The whole of it: day, second and zone, then the same in UTC to the millisecond. */
export function exactly(date: Date, timeZone = ownZone()): { own: string; utc: string } {
  const own = format({ timeZone, dateStyle: 'full', timeStyle: 'medium' }).format(date)
  return {
    own: `${own} (${zoneName(date, timeZone)})`,
    utc: `${date.toISOString().replace('T', ' ').slice(0, -1)} UTC`,
  }
}

/** What a field for a local time shows of an instant of an address; empty where that is none. */
export function localOf(instant: string): string {
  const date = new Date(instant)
  if (Number.isNaN(date.getTime())) return ''
  const own = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return own.toISOString().slice(0, 16)
}

/** The instant of what such a field has: an address means the same in every zone. */
export function instantOf(local: string): string {
  const date = new Date(local)
  return local === '' || Number.isNaN(date.getTime()) ? '' : date.toISOString()
}
