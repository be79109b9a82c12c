import { parseJson, toJson } from '@tract/contract/json'

/** A body of JSON as a person reads it; anything else as it is. */
export function indented(body: string): string {
  try {
    return toJson(parseJson(body), 2)
  } catch {
    return body
  }
}
