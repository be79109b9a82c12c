import type { Issue } from '../generated/types.js'
import { ExactNumber, MAX_NUMBER_LENGTH } from '../json/exact-json.js'

/** The element itself is the first level. */
const MAX_NESTING = 16

/** Enough to mend a message by; more would only make the answer long. */
export const MAX_ISSUES = 10

/** A field's name may be as long as the whole message; what names the place need not be. */
const MAX_NAME_LENGTH = 128

/**
 * Why a JSON value cannot be stored and passed on unchanged: depth, names with a meaning in
 * JavaScript, characters that PostgreSQL refuses, numbers beyond a double. Stops when too deep.
 */
export function findUnstorable(value: unknown, path: string): Issue[] {
  const issues: Issue[] = []
  visit(value, { path, names: [] }, issues)
  return issues
}

/** Written out only where there is something to say of it. */
interface Place {
  path: string
  /** Below `path`. */
  names: string[]
}

function visit(value: unknown, place: Place, issues: Issue[]): void {
  if (issues.length >= MAX_ISSUES) return
  if (typeof value === 'string') {
    const problem = problemOfString(value)
    if (problem) issues.push({ path: written(place), message: problem })
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) issues.push({ path: written(place), message: BEYOND_ALL_DOUBLES })
  } else if (value instanceof ExactNumber) {
    const problem = problemOfNumber(String(value))
    if (problem) issues.push({ path: written(place), message: problem })
  } else if (typeof value === 'object' && value !== null) {
    if (place.names.length >= MAX_NESTING) {
      const message = `must not be nested deeper than ${MAX_NESTING} levels`
      issues.push({ path: written(place), message })
      return
    }
    for (const name of Object.keys(value)) {
      const child = (value as Record<string, unknown>)[name]
      place.names.push(name)
      const problem = Array.isArray(value) ? undefined : problemOfName(name, child)
      if (problem) issues.push({ path: written(place), message: problem })
      else visit(child, place, issues)
      place.names.pop()
    }
  }
}

const written = ({ path, names }: Place) => path + names.map((name) => `/${segment(name)}`).join('')

function problemOfName(name: string, child: unknown): string | undefined {
  // Fastify refuses the same names in a body: a copy of such an object may change its prototype.
  if (name === '__proto__') return 'the name __proto__ is not allowed'
  if (name === 'constructor' && typeof child === 'object' && child !== null && Object.hasOwn(child, 'prototype'))
    return 'the name constructor with a prototype inside is not allowed'
  const problem = problemOfString(name)
  return problem && `the name ${problem}`
}

const BEYOND_ALL_DOUBLES = 'must be a number that fits into 64 bits'

/** Digits are kept, but not without end; and what every other reader takes for zero is none. */
function problemOfNumber(text: string): string | undefined {
  if (text.length > MAX_NUMBER_LENGTH) return `must be a number of at most ${MAX_NUMBER_LENGTH} characters`
  return Number(text) === 0 ? BEYOND_ALL_DOUBLES : undefined
}

/** PostgreSQL's `jsonb` and `text` can hold neither. */
export function problemOfString(value: string): string | undefined {
  if (value.includes('\0')) return 'must not contain the character U+0000'
  if (!value.isWellFormed()) return 'must be well-formed Unicode, without half of a surrogate pair'
  return undefined
}

/** One segment of a JSON pointer (RFC 6901). */
function segment(name: string): string {
  const short = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name
  return short.replace(/~/g, '~0').replace(/\//g, '~1')
}
