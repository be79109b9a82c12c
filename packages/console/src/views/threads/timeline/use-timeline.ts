import type { TimelineEntry } from '@tract/contract'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { call } from '../../../api/call.js'
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
  /** From the start. */
  reload: () => void
}

type Pages = readonly TimelinePage<TimelineEntry>[]

export function useTimeline(organisationId: string, userId: string): LoadedTimeline {
  const [pages, setPages] = useState<Pages>([])
  const [error, setError] = useState<unknown>()
  const [loading, setLoading] = useState(true)
  const shown = useRef(pages)
  shown.current = pages
  const lifetime = useRef<AbortController>(undefined)
  const under = useRef({ older: false, refresh: false, again: false })

  const ask = useCallback(
    async (cursor: string | undefined, limit: number): Promise<TimelinePage<TimelineEntry>> => {
      const signal = lifetime.current?.signal
      const query = { organisation_id: organisationId, user_id: userId, limit, ...(cursor && { after: cursor }) }
      const { entries, next } = await call('listTimeline', { query }, { signal })
      signal?.throwIfAborted()
      return { cursor, entries, next }
    },
    [organisationId, userId],
  )

  const attempt = useCallback(async (work: () => Promise<void>) => {
    const { signal } = lifetime.current ?? new AbortController()
    try {
      await work()
      setError(undefined)
    } catch (failure) {
      if (!signal.aborted) setError(failure)
    }
    if (!signal.aborted) setLoading(false)
  }, [])

  const reload = useCallback(() => {
    lifetime.current?.abort()
    lifetime.current = new AbortController()
    under.current = { older: false, refresh: false, again: false }
    setLoading(true)
    void attempt(async () => setPages([await ask(undefined, FIRST_PAGE)]))
  }, [ask, attempt])

  useEffect(() => {
    setPages([])
    reload()
    return () => lifetime.current?.abort()
  }, [reload])

  const loadOlder = useCallback(() => {
    const last = shown.current.at(-1)
    if (last?.next === undefined || under.current.older) return
    under.current.older = true
    void attempt(async () => {
      const page = await ask(last.next, OLDER_PAGE)
      setPages((before) => appendPage(before, page))
    }).finally(() => {
      under.current.older = false
    })
  }, [ask, attempt])

  const refresh = useCallback(() => {
    if (under.current.refresh) {
      under.current.again = true
      return
    }
    under.current.refresh = true
    void attempt(async () => {
      const unsettled = shown.current[0]?.entries.findLastIndex(isUnsettled) ?? -1
      const newest = await ask(undefined, Math.min(MOST, Math.max(NEWS, unsettled + 1)))
      setPages((before) => mergeNewest(before, newest))
      const older = shown.current.slice(1).filter(({ entries }) => entries.some(isUnsettled))
      for (const { cursor } of older) {
        const { entries } = await ask(cursor, OLDER_PAGE)
        setPages((before) => updateEntries(before, entries))
      }
    }).finally(() => {
      const { again } = under.current
      under.current = { ...under.current, refresh: false, again: false }
      if (again) refresh()
    })
  }, [ask, attempt])

  const entries = useMemo(() => pages.flatMap((page) => page.entries), [pages])
  return { entries, error, loading, hasOlder: pages.at(-1)?.next !== undefined, loadOlder, refresh, reload }
}

const isUnsettled = ({ deliveries }: TimelineEntry): boolean => deliveries.some(({ state }) => state === 'pending')
