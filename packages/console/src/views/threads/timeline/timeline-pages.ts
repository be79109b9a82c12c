/** The pages of a timeline, the newest first, and how what comes later finds its place among them. */

export interface TimelinePage<Entry> {
  /** What the page was asked for with; undefined for the newest. */
  cursor: string | undefined
  entries: readonly Entry[]
  /** What the next older page is asked for with; undefined where this is the last. */
  next: string | undefined
}

type Pages<Entry> = readonly TimelinePage<Entry>[]

interface Identified {
  id: string
}

/** An older page, after the last. One that was asked for twice stands once. */
export function appendPage<Entry>(pages: Pages<Entry>, page: TimelinePage<Entry>): Pages<Entry> {
  return pages.at(-1)?.next === page.cursor ? [...pages, page] : pages
}

/** The newest page, asked for again: new entries go on top, and known ones are as they are now. */
export function mergeNewest<Entry extends Identified>(pages: Pages<Entry>, newest: TimelinePage<Entry>): Pages<Entry> {
  const known = new Set(pages.flatMap(({ entries }) => entries.map(({ id }) => id)))
  const added = newest.entries.filter(({ id }) => !known.has(id))
  // More came than fits a page: what lies between is not known, so the timeline begins again.
  if (added.length === newest.entries.length && newest.next !== undefined) return [newest]
  const updated = updateEntries(pages, newest.entries)
  const [first, ...others] = updated
  return first ? [{ ...first, entries: [...added, ...first.entries] }, ...others] : [newest]
}

/** Known entries as they are now; pages without any of them stay the same object. */
export function updateEntries<Entry extends Identified>(pages: Pages<Entry>, entries: readonly Entry[]): Pages<Entry> {
  const now = new Map(entries.map((entry) => [entry.id, entry]))
  return pages.map((page) =>
    page.entries.some(({ id }) => now.has(id))
      ? { ...page, entries: page.entries.map((entry) => now.get(entry.id) ?? entry) }
      : page,
  )
}
