/** Which failures pass, and how long to wait for it. */
import { TransportFailure, type TransportResponse } from '../transport/transport.js'
import type { Operation } from './operation.js'

/** How an attempt ended. */
export type Ending = TransportResponse | TransportFailure

const PASSING = new Set([408, 429, 500, 502, 503, 504])
/** Answers of a service that has not begun with the request. */
const REFUSED_UNREAD = new Set([429, 503])

const FIRST_DELAY = 250
const LONGEST_DELAY = 8_000

/** Would another attempt be safe, and might it end better? */
export function isWorthRepeating(ending: Ending, { repeat }: Operation): boolean {
  if (ending instanceof TransportFailure) return ending.kind !== 'abort' && (repeat !== 'never' || !ending.sent)
  return PASSING.has(ending.status) && (repeat !== 'never' || REFUSED_UNREAD.has(ending.status))
}

/** Milliseconds before the attempt after `attempt`: what the service asks for, or a growing pause. */
export function delayBefore(ending: Ending, attempt: number): number {
  const asked = ending instanceof TransportFailure ? undefined : retryAfter(ending.fields)
  return Math.max(asked ?? 0, growingPause(attempt, LONGEST_DELAY))
}

/** Twice as long each time, with half of it left to chance. */
export function growingPause(attempt: number, longest: number): number {
  return Math.min(longest, FIRST_DELAY * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
}

/** In seconds or as a date (RFC 9110 §10.2.3), in milliseconds. */
export function retryAfter(fields: Readonly<Record<string, string>>): number | undefined {
  const value = fields['retry-after']
  if (!value) return undefined
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(milliseconds) ? undefined : milliseconds
}
