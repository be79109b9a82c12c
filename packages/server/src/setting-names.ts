/** What was meant by a name that there is not. */
import leven from 'leven'

/** The nearest of the names, if it is near; one without our prefix, or with it, is nearest. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const bare = (name: string) => name.replace(/^TRACT_/, '')
  const same = names.find((name) => bare(name) === bare(word))
  if (same !== undefined) return same
  const [first] = names.map((name) => ({ name, distance: leven(word, name) })).sort((a, b) => a.distance - b.distance)
  return first && first.distance <= Math.max(2, word.length / 3) ? first.name : undefined
}

export const didYouMean = (name: string | undefined) =>
  `${name ? ` Did you mean ${name}?` : ''} \`npm start -- --help\` lists what there is.`

/** How a setting might be given by those who look for an option. */
export const optionOf = (setting: string) =>
  `--${setting
    .replace(/^TRACT_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`
