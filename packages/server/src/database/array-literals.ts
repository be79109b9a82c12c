import { toJson } from '@tract/contract'

// Arrays as PostgreSQL reads them. The driver writes them too, but takes each element for a text that has to be escaped, and a time for one
// in the zone of the machine: in statements about many rows that is most of what they cost this side.

type Element<T> = T | null

/** Numbers, UUIDs, booleans, names of an enum: nothing in them has to be escaped. */
export function plainArray(elements: readonly Element<string | number | boolean>[]): string {
  let literal = '{'
  for (const element of elements) literal += literal.length > 1 ? `,${element}` : String(element)
  return `${literal}}`
}

export function timeArray(times: readonly Element<Date>[]): string {
  return plainArray(times.map((time) => (time === null ? null : time.toISOString())))
}

const SPECIAL = /["\\]/

export function textArray(texts: readonly Element<string>[]): string {
  let literal = '{'
  for (const text of texts) {
    if (literal.length > 1) literal += ','
    if (text === null) literal += 'null'
    else literal += SPECIAL.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`
  }
  return `${literal}}`
}

/** Elements of `jsonb[]`. JSON has no control characters, so that quoting a text of it as JSON does is quoting it as an array wants. */
export function jsonArray(values: readonly unknown[]): string {
  return plainArray(values.map((value) => (value == null ? null : JSON.stringify(toJson(value)))))
}
