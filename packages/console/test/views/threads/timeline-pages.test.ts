import { describe, expect, test } from '@jest/globals'
import {
  appendPage,
  mergeNewest,
  type TimelinePage,
  updateEntries,
} from '../../../src/views/threads/timeline/timeline-pages.js'

interface Entry {
  id: string
  state?: string
}

const page = (cursor: string | undefined, ids: number[], next?: string): TimelinePage<Entry> => ({
  cursor,
  entries: ids.map((id) => ({ id: String(id) })),
  next,
})

const idsOf = (pages: readonly TimelinePage<Entry>[]) => pages.flatMap(({ entries }) => entries.map(({ id }) => id))

const pages = [page(undefined, [6, 5, 4], 'a'), page('a', [3, 2, 1])]

describe('an older page', () => {
  test('follows the page that named it', () => {
    expect(idsOf(appendPage([page(undefined, [6, 5, 4], 'a')], page('a', [3, 2, 1])))).toEqual([
      '6',
      '5',
      '4',
      '3',
      '2',
      '1',
    ])
  })

  test('stands once when its answer comes twice', () => {
    expect(appendPage(pages, page('a', [3, 2, 1]))).toBe(pages)
  })
})

describe('the newest page, asked for again', () => {
  test('puts what is new on top and leaves the rest', () => {
    const merged = mergeNewest(pages, page(undefined, [8, 7, 6], 'b'))
    expect(idsOf(merged)).toEqual(['8', '7', '6', '5', '4', '3', '2', '1'])
    expect(merged.at(-1)).toBe(pages[1])
    expect(merged[0]?.next).toBe('a')
  })

  test('shows known entries as they are now', () => {
    const entries = [{ id: '6', state: 'delivered' }]
    expect(mergeNewest(pages, { cursor: undefined, entries, next: 'c' })[0]?.entries[0]).toEqual(entries[0])
  })

  test('begins the timeline anew when more came than it holds', () => {
    const newest = page(undefined, [20, 19, 18], 'd')
    expect(mergeNewest(pages, newest)).toEqual([newest])
  })

  test('is the whole timeline of a thread that had nothing', () => {
    expect(idsOf(mergeNewest([page(undefined, [])], page(undefined, [1])))).toEqual(['1'])
    expect(idsOf(mergeNewest([], page(undefined, [1])))).toEqual(['1'])
  })
})

test('an entry that changed changes its page alone', () => {
  const updated = updateEntries(pages, [{ id: '2', state: 'delivered' }])
  expect(updated[0]).toBe(pages[0])
  expect(updated[1]?.entries[1]).toEqual({ id: '2', state: 'delivered' })
})
