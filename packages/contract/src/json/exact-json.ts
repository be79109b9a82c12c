/**
 * JSON whose numbers keep every digit.
 *
 * JavaScript has only doubles: `JSON.parse` turns 9007199254740993 into 9007199254740992.
 * Metadata, details and HSL are only passed on, and have to arrive as they came.
 *
 * `readJson` and `parseJson` read as `JSON.parse` does, except for a number that a double cannot
 * give back: it becomes an `ExactNumber`, which holds its text. `toJson` writes that text.
 *
 * The engine's own JSON does the work. Only a text that may hold such a number is read a second
 * time, with each exact number as a string that begins with a mark that no other string can have.
 */

/** Random for each process, so that no text from outside can hold it. A page without TLS has no `randomUUID`. */
const MARK = `exact-number:${globalThis.crypto.getRandomValues(new Uint32Array(4)).join('-')}:`

/** A number with more digits than a double keeps. */
export class ExactNumber {
  /** As they stand in the JSON. A field, so that what compares values by their fields sees it. */
  readonly digits: string

  constructor(digits: string) {
    this.digits = digits
  }

  toString(): string {
    return this.digits
  }

  toJSON(): string {
    return MARK + this.digits
  }
}

/** A value as `JSON.parse` reads it, and with every digit; the same value where both agree. */
export interface ReadJson {
  rounded: unknown
  exact: unknown
}

/**
 * Sixteen digits or an exponent where a number can stand: a text with neither has only doubles.
 * A string may match too; the text is then read a second time without need.
 */
const MAY_LOSE = /(?:^|[\s:,[])-?(?:[\d.]{16}|\d[\d.]*[eE])/
/** On valid JSON, what is no string and begins like a number is one. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g
const MARKED = new RegExp(`"${MARK}([^"]*)"`, 'g')

/** @throws {SyntaxError} as `JSON.parse` does */
export function readJson(text: string): ReadJson {
  const rounded: unknown = JSON.parse(text)
  if (!MAY_LOSE.test(text)) return { rounded, exact: rounded }
  let found = false
  const marked = text.replace(TOKENS, (token) => {
    if (token.startsWith('"') || isDouble(token)) return token
    found = true
    return `"${MARK}${token}"`
  })
  return { rounded, exact: found ? JSON.parse(marked, revive) : rounded }
}

/** @throws {SyntaxError} as `JSON.parse` does */
export const parseJson = (text: string): unknown => readJson(text).exact

/** @throws {TypeError} as `JSON.stringify` does */
export function toJson(value: unknown, indentation?: number): string {
  const text = JSON.stringify(value, null, indentation)
  // of `undefined` the engine makes no text
  return text?.includes(MARK) ? text.replace(MARKED, '$1') : text
}

/** One text for a value, for any order of names and any spelling of numbers and strings. */
export const canonicalJson = (value: unknown): string => toJson(canonical(value))

function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof ExactNumber) return new ExactNumber(decimal(String(value)))
  if (Array.isArray(value)) return value.map(canonical)
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, canonical((value as Record<string, unknown>)[name])]))
}

const revive = (_name: string, value: unknown): unknown =>
  typeof value === 'string' && value.startsWith(MARK) ? new ExactNumber(value.slice(MARK.length)) : value

/** More characters than any double has in full; a longer number is not compared by digits. */
export const MAX_NUMBER_LENGTH = 512

/** Does the double give the same number back? Beyond all doubles it is Infinity: no JSON. */
function isDouble(token: string): boolean {
  const double = Number(token)
  if (!Number.isFinite(double)) return true
  return token.length <= MAX_NUMBER_LENGTH && decimal(token) === decimal(String(double))
}

/** The one form of all spellings of a number: sign, digits without outer zeros, power of ten. */
function decimal(token: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(token) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}
