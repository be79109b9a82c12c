import { type HslElement, text } from '@tract/client'

/** What was typed, as a message: an HSL element where it is JSON with a `type`, and else text, also where it looks like JSON. */
export function messageOf(typed: string): HslElement {
  try {
    const value: unknown = JSON.parse(typed)
    if (isElement(value)) return value
  } catch {
    // text, as most is
  }
  return text(typed)
}

const isElement = (value: unknown): value is HslElement =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  typeof value.type === 'string'
