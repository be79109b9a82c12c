import type { TimelineEntry } from '@tract/contract'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { call } from '../../../api/call.js'
import { Inquiry } from '../../../api/inquiry.js'
import { appendPage, mergeNewest, type TimelinePage, updateEntries } from './timeline-pages.js'

/** A screen and what is round it; older pages are larger. */
const FIRST_PAGE = 100
const OLDER_PAGE = 250
/** What is new is little, and asked for often; what is not settled yet is asked for with it. */
const NEWS = 30
const MOST = 500

export interface LoadedTimeline {
  /** The newest first. */
  entries: readonly TimelineEntry[]
  error: unknown
  loading: boolean
  hasOlder: boolean
  loadOlder: () => void
  /** Asks for what is new, and for how what was not settled is now. */
  refresh: () => void
  /** What failed is asked for again. */
  retry: () => void
}

type Page = TimelinePage<TimelineEntry>
type Pages = readonly Page[]

interface State {
  pages: Pages
  loading: boolean
  newestError: unknown
  olderError: unknown
}

const NOTHING: State = { pages: [], loading: true, newestError: undefined, olderError: undefined }

/** @param isKnown false: the user is not there yet, and nothing is asked for */
export function useTimeline(organisationId: string, userId: string, isKnown = true): LoadedTimeline {
  const [state, setState] = useState(NOTHING)
  const inquiries = useRef<{ newest: Inquiry; older: Inquiry }>(undefined)

  useEffect(() => {
    let now = NOTHING
    const become = (change: Partial<State>) => {
      now = { ...now, ...change }
      setState(now)
    }
    become(NOTHING)
    if (!isKnown) return
    const ask = async (signal: AbortSignal, limit: number, cursor?: string): Promise<Page> => {
      const query = { organisation_id: organisationId, user_id: userId, limit, ...(cursor && { after: cursor }) }
      const { entries, next } = await call('listTimeline', { query }, { signal })
      signal.throwIfAborted()
      return { cursor, entries, next }
    }
    const newest = new Inquiry(
      async (signal) => {
        const [first, ...older] = now.pages
        const unsettled = first?.entries.findLastIndex(isUnsettled) ?? -1
        const page = await ask(signal, first ? Math.min(MOST, Math.max(NEWS, unsettled + 1)) : FIRST_PAGE)
        become({ pages: mergeNewest(now.pages, page), loading: false })
        for (const { cursor } of older.filter(({ entries }) => entries.some(isUnsettled))) {
          const { entries } = await ask(signal, OLDER_PAGE, cursor)
          become({ pages: updateEntries(now.pages, entries) })
        }
        become({ newestError: undefined })
      },
      (newestError) => become({ newestError, loading: false }),
    )
    const older = new Inquiry(
      async (signal) => {
        const last = now.pages.at(-1)
        const page = last?.next === undefined ? undefined : await ask(signal, OLDER_PAGE, last.next)
        const pages = page ? appendPage(now.pages, page) : now.pages
        // the timeline began again: its last page is another
        if (page && pages === now.pages) void older.ask()
        become({ pages, olderError: undefined })
      },
      (olderError) => become({ olderError }),
    )
    inquiries.current = { newest, older }
    void newest.ask()
    return () => {
      newest.leave()
      older.leave()
      inquiries.current = undefined
    }
  }, [organisationId, userId, isKnown])

  const refresh = useCallback(() => void inquiries.current?.newest.ask(), [])
  const loadOlder = useCallback(() => {
    const { current } = inquiries
    if (current?.older.busy === false) void current.older.ask()
  }, [])
  const { pages, loading, newestError, olderError } = state
  const retry = () => {
    if (newestError !== undefined) refresh()
    if (olderError !== undefined) loadOlder()
  }
  const entries = useMemo(() => pages.flatMap((page) => page.entries), [pages])
  const error = newestError ?? olderError
  return { entries, error, loading, hasOlder: pages.at(-1)?.next !== undefined, loadOlder, refresh, retry }
}

const isUnsettled = ({ deliveries }: TimelineEntry): boolean => deliveries.some(({ state }) => state === 'pending')
