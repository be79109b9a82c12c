import { eventCatalogue } from './generated/events.js'

/**
 * The wire name of a subtype. The source writes some that are no names, such as
 * `transition(aeu, aeu)`, and callers may too. An unknown subtype is returned unchanged.
 */
export function wireSubtype(type: string | undefined, subtype: string): string {
  const entry = eventCatalogue.find(
    (each) => (type === undefined || each.type === type) && 'also' in each && each.also === subtype,
  )
  return entry?.subtype ?? subtype
}
