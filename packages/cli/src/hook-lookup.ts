import { closest } from './events.js'
import { usage } from './exit.js'

/** Finds a hook by its id or event among those of the listener. */
export function findHook<Found extends { id: string; category: string; subcategory: string }>(
  hooks: readonly Found[],
  word: string,
): Found {
  const name = word.replace('/', '.')
  const found = hooks.find((hook) => hook.id === word || nameOf(hook) === name)
  if (found) return found
  const guess = closest(name, hooks.map(nameOf))
  throw usage(
    `The listener has no hook '${word}'.`,
    guess ? `Did you mean ${guess}?` : 'See the hooks with `tract hooks list`.',
  )
}

export const nameOf = ({ category, subcategory }: { category?: string; subcategory?: string }) =>
  `${category}.${subcategory}`
