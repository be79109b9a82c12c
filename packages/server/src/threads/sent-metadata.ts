import type { Metadata } from './types.js'

/**
 * What a listener said with its event, and what we know, which stands above it. JSON of an object gets ours beside what is in it, letter for
 * letter, so that no number in it is rounded. Any other text goes out as it came.
 */
export function withSent(sent: string | undefined, known: Readonly<Record<string, unknown>>): Metadata {
  if (sent === undefined) return known
  const said = parsedObject(sent)
  if (said === null) return sent
  const kept = Object.entries(said).filter(([name]) => !Object.hasOwn(known, name))
  if (kept.length < Object.keys(said).length) return { ...Object.fromEntries(kept), ...known }
  const members = sent.trim().slice(1, -1).trim()
  return `{${members}${members === '' ? '' : ','}${JSON.stringify(known).slice(1)}`
}

function parsedObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
