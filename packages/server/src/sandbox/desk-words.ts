import type { AvailabilitySet } from '@tract/client'

/** For how long what the desk says of itself stands. */
const STANDS_SECONDS = 600

/** What a user of the sandbox says to have its desk open, busy or closed. The desk's own `availability.set` does the same. */
export const DESK_WORDS: Readonly<Record<AvailabilitySet['status'], string>> = {
  open: 'Open the desk',
  busy: 'Make the desk busy',
  closed: 'Close the desk',
}

/** What the desk is to say of itself; undefined: nothing was said about that. */
export function availabilityFrom(said: string, now: Date): AvailabilitySet | undefined {
  const [status] =
    Object.entries(DESK_WORDS).find(([, words]) => words.toLowerCase() === said.trim().toLowerCase()) ?? []
  const stands = { valid_for_seconds: STANDS_SECONDS }
  if (status === 'open') return { status, ...stands }
  if (status === 'busy') return { status, waiting: 2, estimated_wait_seconds: 180, ...stands }
  const reopens_at = new Date(now.getTime() + STANDS_SECONDS * 1_000).toISOString()
  return status === 'closed' ? { status, reopens_at, ...stands } : undefined
}

/** A place in a queue, to the user. */
export function placeInQueue(position: number, seconds: number | undefined): string {
  const minutes = seconds === undefined ? undefined : Math.max(1, Math.round(seconds / 60))
  const wait = minutes === undefined ? '' : `, and wait about ${minutes} minute${minutes === 1 ? '' : 's'}`
  return `You are number ${position} in the queue${wait}.`
}

/** `2026-12-01 09:00 UTC` */
export const moment = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`
