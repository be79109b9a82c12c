/** Ids are UUIDv7: their order is that of time, to within the difference of the processes' clocks. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000'
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** An id tells the time of creation to within this. */
export const ID_SLACK_MS = 60_000

/** The smallest UUIDv7 of a moment, in milliseconds since 1970. */
export function idAt(time: number): string {
  const hex = Math.max(0, time).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
