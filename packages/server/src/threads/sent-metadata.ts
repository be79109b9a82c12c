import { parseJson, toJson } from '@tract/contract'
import type { Metadata } from './types.js'

/**
 * Metadata of a listener's event, with ours added. An object's JSON keeps its text, so that no number is rounded, and
 * ours wins. Any other text goes out as it came.
 */
export function withSent(sent: string | undefined, known: Readonly<Record<string, unknown>>): Metadata {
  if (sent === undefined) return known
  const said = parsedObject(sent)
  if (said === null) return sent
  const kept = Object.entries(said).filter(([name]) => !Object.hasOwn(known, name))
  if (kept.length < Object.keys(said).length) return { ...Object.fromEntries(kept), ...known }
  const members = sent.trim().slice(1, -1).trim()
  return `{${members}${members === '' ? '' : ','}${toJson(known).slice(1)}`
}

/** The object that is sent as JSON, with every digit of its numbers; null for any other text. */
export function parsedObject(text: string | undefined): Record<string, unknown> | null {
  try {
    const value = parseJson(text ?? '')
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** The first characters of a text, none of them halved. @param most UTF-16 units */
export const beginningOf = (text: string, most: number): string => text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
