import { eventCatalogue } from './generated/events.js'

/**
 * The wire name of an event's subtype, which is its hook's subcategory too. The source writes some of them as no name can be written, such as
 * `transition(aeu, aeu)`; callers may do so as well. What is in no catalogue stays as it is.
 */
export function wireSubtype(type: string | undefined, subtype: string): string {
  const entry = eventCatalogue.find(
    (each) => (type === undefined || each.type === type) && 'also' in each && each.also === subtype,
  )
  return entry?.subtype ?? subtype
}
