import type { LaneResult } from './results.js'

/** What of a result is left out where it cannot be written. */
export type ReducedPart = 'answer' | 'ect_user_id' | 'attempts'

export interface Reduced {
  result: LaneResult
  parts: ReducedPart[]
}

/**
 * Makes a result that can be written, with any bytes that a receiver sent: it loses what PostgreSQL's text cannot hold. If the
 * database refuses it all the same, `withLess` leaves out what is missed the least: texts of answers, then the attempts.
 */
export function storable(result: LaneResult): Reduced {
  const parts: ReducedPart[] = []
  const attempts = result.attempts.map((attempt) => {
    const { answer } = attempt
    if (answer === null || isStorable(answer)) return attempt
    parts.push('answer')
    return { ...attempt, answer: storableText(answer) }
  })
  const { ectUserId } = result
  if (ectUserId === null || isStorable(ectUserId))
    return parts.length === 0 ? { result, parts } : { result: { ...result, attempts }, parts }
  return { result: { ...result, attempts, ectUserId: null }, parts: [...parts, 'ect_user_id'] }
}

/** @returns null if there is nothing more to do without */
export function withLess(result: LaneResult): Reduced | null {
  const { attempts, ectUserId } = result
  const parts: ReducedPart[] = attempts.flatMap(({ answer }) => (answer === null ? [] : ['answer' as const]))
  if (ectUserId !== null) parts.push('ect_user_id')
  if (parts.length > 0) {
    const silent = attempts.map((attempt) => ({ ...attempt, answer: null }))
    return { result: { ...result, attempts: silent, ectUserId: null }, parts }
  }
  return attempts.length === 0 ? null : { result: { ...result, attempts: [] }, parts: attempts.map(() => 'attempts') }
}

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0')

/** U+FFFD in place of what PostgreSQL's text cannot hold. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')
