/**
 * The copy of an HSL element for a listener that only follows the conversation: without `gogo_message`, the part of a
 * button's or quick reply's payload that is meant for the listener in control. Works on elements of unknown type as
 * well, leaves the original alone, and returns the original itself where nothing is hidden.
 */
export const standbyCopy = <T>(element: T): T => withoutHidden(element, false) as T

function withoutHidden(value: unknown, inPayload: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => withoutHidden(item, inPayload))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  const entries = Object.entries(value)
  const kept = entries
    .filter(([key]) => !(inPayload && key === 'gogo_message'))
    .map(([key, member]): [string, unknown] => [key, withoutHidden(member, inPayload || key === 'payload')])
  const same = kept.length === entries.length && kept.every(([, member], index) => member === entries[index]?.[1])
  return same ? value : Object.fromEntries(kept)
}
