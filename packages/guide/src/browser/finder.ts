/** Which sections have the words that are searched for, the best first. */
import MiniSearch from 'minisearch'
import type { SearchEntry } from '../search-entry.js'

/** A section, and its words that were found. */
export interface Found extends SearchEntry {
  terms: string[]
}

export type Find = (words: string) => Found[]

/** Words, and the parts of names: `conversation_over` is found as a whole, and by `over`. */
function termsOf(text: string): string[] {
  return (text.match(/[\p{L}\p{N}]+(?:[_./-][\p{L}\p{N}]+)*/gu) ?? []).flatMap((word) => {
    const parts = word.split(/[_./-]/)
    return parts.length > 1 ? [word, ...parts] : [word]
  })
}

export function finder(entries: readonly SearchEntry[]): Find {
  const index = new MiniSearch<SearchEntry>({
    fields: ['page', 'heading', 'text'],
    tokenize: termsOf,
    searchOptions: {
      // of what is searched for, a name counts as a whole
      tokenize: (words) => words.match(/[\p{L}\p{N}]+(?:[_./-][\p{L}\p{N}]+)*/gu) ?? [],
      boost: { page: 2, heading: 3 },
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (/^\p{L}{5,}$/u.test(term) ? 0.2 : false),
      combineWith: 'AND',
    },
  })
  index.addAll(entries)
  const byAddress = new Map(entries.map((entry) => [entry.id, entry]))
  return (words) => index.search(words).map(({ id, terms }) => ({ ...(byAddress.get(id) as SearchEntry), terms }))
}
