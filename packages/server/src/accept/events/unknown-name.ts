import { eventCatalogue } from '@tract/contract'
import { Refusal } from '../refusal.js'

/** Characters of two names and a slash: more is not said again. */
const LONGEST = 129

const known = eventCatalogue.map(({ type, subtype }) => `${type}/${subtype}`).join(', ')

/** Of two names that are not together in the catalogue. `fields`: what the call names them by. */
export function unknownName(what: 'hook' | 'event', type: string, subtype: string, fields: [string, string]): Refusal {
  const named = `${type}/${subtype}`
  const said = named.length > LONGEST ? `${named.slice(0, LONGEST)}…` : named
  const path = `/${fields[eventCatalogue.some((entry) => entry.type === type) ? 1 : 0]}`
  return new Refusal(`unknown_${what}`, `There is no ${what} ${said}; known are: ${known}.`, [
    { path, message: 'is not in the catalogue' },
  ])
}
