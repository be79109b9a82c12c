/** Strings of a schema (Validation §6.3, §7.3). A length counts characters, not UTF-16 units. */
import fc from 'fast-check'
import type { SchemaObject } from '../schema/keywords.js'

const FORMATS: Record<string, () => fc.Arbitrary<string>> = {
  uuid: () => fc.uuid(),
  'date-time': () => {
    const range = { min: new Date('1970-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true }
    return fc.date(range).map((date) => date.toISOString())
  },
  email: () => fc.emailAddress(),
  uri: () => fc.webUrl(),
  'uri-reference': () => fc.webUrl(),
}

/** Enough to go over any limit that is worth testing, little enough to be quick. */
const LONG = 300

export function stringArbitrary({
  pattern,
  format,
  minLength = 0,
  maxLength = LONG,
}: SchemaObject): fc.Arbitrary<string> {
  const most = Math.max(minLength, Math.min(maxLength, LONG))
  const fits = (text: string) => [...text].length >= minLength && [...text].length <= maxLength
  const known = format === undefined ? undefined : FORMATS[format]
  if (typeof pattern === 'string')
    return known ? both(pattern, known()).filter(fits) : matching(pattern, minLength, most).filter(fits)
  if (known) return known().filter(fits)
  return fc.string({ minLength, maxLength: most, unit: 'binary', size: 'small' })
}

/** What a pattern makes is seldom of the format beside it, what the format makes mostly matches. */
function both(pattern: string, ofFormat: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const expression = new RegExp(pattern, 'u')
  return ofFormat.filter((text) => expression.test(text))
}

function matching(pattern: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  const expression = new RegExp(pattern, 'u')
  // fast-check follows no lookaround; such patterns exclude little, so that a guess mostly fits.
  if (/\(\?<?[=!]/.test(pattern))
    return fc.string({ minLength, maxLength, size: 'small' }).filter((text) => expression.test(text))
  const longEnough = (text: string) => text.padEnd(minLength, text)
  return fc
    .stringMatching(expression, { maxLength })
    .map(longEnough)
    .filter((text) => expression.test(text))
}
