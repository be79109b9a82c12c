/**
 * JSON whose numbers keep every digit. JavaScript has only doubles for numbers: `JSON.parse` makes 9007199254740992 of 9007199254740993 and
 * says nothing. What is only passed on (metadata, details, HSL) has to arrive as it came.
 *
 * `readJson` and `parseJson` read as `JSON.parse` does, but for numbers that a double cannot give back: each is an `ExactNumber`, its text.
 * `toJson` writes them as they were read. All leave the work to the engine's own JSON, and go through a text once more only where it may
 * hold such a number: on the way there, an exact number is a string that begins with a mark nothing else can have.
 */

/** Random for each process, so that no text from outside can hold it. */
const MARK = `exact-number:${globalThis.crypto.randomUUID()}:`

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

/** A JSON value, as `JSON.parse` reads it and with every digit; one and the same where that makes no difference. */
export interface ReadJson {
  rounded: unknown
  exact: unknown
}

/**
 * Sixteen digits or an exponent where a number can stand: what has neither is a double. Strings may have them too, and are looked at once
 * more for nothing.
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

/** One text for all the texts of a value: whatever the order of its names, and however its numbers and strings are written. */
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

/** More characters than any double has, written out in full; what is longer is not looked at digit by digit. */
export const MAX_NUMBER_LENGTH = 512

/** Does the double give the same number back? What is beyond all doubles stays Infinity, which no JSON has. */
function isDouble(token: string): boolean {
  const double = Number(token)
  if (!Number.isFinite(double)) return true
  return token.length <= MAX_NUMBER_LENGTH && decimal(token) === decimal(String(double))
}

/** A number in the one form that all its spellings have: sign, digits without zeros at either end, power of ten. */
function decimal(token: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(token) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}
