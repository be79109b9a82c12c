import { hookParts } from '@tract/client'
import leven from 'leven'
import { usage } from './exit.js'
import { hooks } from './generated/hooks.js'

export interface EventEntry {
  about: string
  audience: readonly string[]
  senders: readonly string[]
  example: Readonly<Record<string, unknown>>
}

export const catalogue: Readonly<Record<string, EventEntry>> = hooks
export const eventNames = Object.keys(hooks)
/** Those that a chat tool may hear. */
export const vendorEvents = eventNames.filter((name) => catalogue[name]?.audience.includes('vendor'))

/** A name, `message/receive` for `message.receive`; whole categories as `message.*`; `all`. */
export function parseEvents(words: readonly string[]): string[] {
  const names = words.flatMap((word) => word.split(',')).flatMap((word) => matching(word.trim().replace('/', '.')))
  return [...new Set(names)]
}

export function parseEvent(word: string): string {
  const [name, ...others] = parseEvents([word])
  if (name === undefined || others.length > 0) throw usage('One event has to be named.')
  return name
}

/** Of a name that the catalogue has. */
export const split = (name: string) => hookParts(name as Parameters<typeof hookParts>[0])

function matching(word: string): string[] {
  if (word === '') return []
  if (word === 'all' || word === '*') return eventNames
  if (word.endsWith('.*')) {
    const found = eventNames.filter((name) => name.startsWith(word.slice(0, -1)))
    if (found.length > 0) return found
  }
  if (Object.hasOwn(catalogue, word)) return [word]
  const guess = closest(word, eventNames)
  throw usage(`There is no event '${word}'.`, guess ? `Did you mean ${guess}?` : `There are: ${eventNames.join(', ')}.`)
}

/** The nearest of the names, if it is near. */
export function closest(word: string, names: readonly string[]): string | undefined {
  const [nearest] = names
    .map((name) => ({ name, distance: Math.min(leven(word, name), leven(word, name.split('.')[1] ?? name)) }))
    .sort((a, b) => a.distance - b.distance)
  return nearest && nearest.distance <= Math.max(2, word.length / 3) ? nearest.name : undefined
}
