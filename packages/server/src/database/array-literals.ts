import { toJson } from '@tract/contract'

// Arrays as PostgreSQL reads them. The driver writes them too, but escapes every element as text and gives times in the
// zone of the machine: in statements about many rows that is most of what they cost this process.

type Elements<T> = readonly (T | null)[]

/** Numbers, UUIDs, booleans, names of an enum: nothing in them has to be escaped. */
export function plainArray(elements: Elements<string | number | boolean>): string {
  let literal = '{'
  for (const element of elements) literal += literal.length > 1 ? `,${element}` : String(element)
  return `${literal}}`
}

export const timeArray = (times: Elements<Date>): string =>
  plainArray(times.map((time) => (time === null ? null : time.toISOString())))

const SPECIAL = /["\\]/

export function textArray(texts: Elements<string>): string {
  let literal = '{'
  for (const text of texts) {
    if (literal.length > 1) literal += ','
    if (text === null) literal += 'null'
    else literal += SPECIAL.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`
  }
  return `${literal}}`
}

/** JSON has no control characters, so quoting JSON text as JSON quotes it as an array wants. */
export const jsonArray = (values: readonly unknown[]): string =>
  plainArray(values.map((value) => (value == null ? null : JSON.stringify(toJson(value)))))

export const bytesArray = (values: Elements<Uint8Array>): string =>
  plainArray(values.map((value) => (value === null ? null : `"\\\\x${Buffer.from(value).toString('hex')}"`)))
