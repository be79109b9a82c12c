import { useVirtualizer } from '@tanstack/react-virtual'
import type { TimelineEntry } from '@tract/contract'
import { type CSSProperties, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Empty, Loading } from '../../../components/empty.js'
import { Name } from '../../../components/name.js'
import { Problem } from '../../../components/problem.js'
import { useNarrow } from '../../../theme/use-narrow.js'
import { MarkLegend } from './delivery-mark.js'
import { EntryDialog } from './entry-dialog.js'
import './timeline.css'
import { TimelineRow } from './timeline-row.js'
import { useRowKeys } from './use-row-keys.js'
import type { LoadedTimeline } from './use-timeline.js'

const ROW = 60
const TALL_ROW = 88
/** Pixels at the end of what is in sight that a row stays out of: the head, above the rows, moves them down by so much. */
const HEAD = 56
/** This many rows before the end, older ones are fetched. */
const AHEAD = 40

interface TimelineProps {
  timeline: LoadedTimeline
  organisationId: string
  /** Those that have a column. */
  listeners: readonly string[]
  /** As a chat beside it runs: the newest at the bottom, and in sight. */
  oldestFirst?: boolean
  /** Among other windows: an entry has its columns beneath what it says, which gets the width. */
  stacked?: boolean
}

/** What happened on a thread, the newest first unless it is said otherwise. Rows have one height, so that however many there are only those in sight are made. */
export function Timeline({ timeline, organisationId, listeners, oldestFirst = false, stacked = false }: TimelineProps) {
  const { error, loading, hasOlder, loadOlder, retry } = timeline
  const entries = useMemo(
    () => (oldestFirst ? timeline.entries.toReversed() : timeline.entries),
    [timeline.entries, oldestFirst],
  )
  const scroll = useRef<HTMLDivElement>(null)
  const [opened, setOpened] = useState<string>()
  const narrow = useNarrow()
  const isTall = narrow || stacked
  const height = isTall ? TALL_ROW : ROW
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: 12,
    scrollPaddingEnd: narrow ? 0 : HEAD,
    getItemKey: (index) => entries[index]?.id ?? index,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height, other places
  useEffect(() => rows.measure(), [height])

  const reveal = useCallback(
    (index: number) => {
      rows.scrollToIndex(index, { align: 'auto' })
      requestAnimationFrame(() => {
        scroll.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true })
      })
    },
    [rows],
  )
  const { active, setActive, onKeyDown } = useRowKeys(entries.length, reveal)
  useKeptPlace(scroll, entries, height, oldestFirst)

  const visible = rows.getVirtualItems()
  const [first, last] = [visible[0]?.index ?? 0, visible.at(-1)?.index ?? 0]
  const isNearOldest = oldestFirst ? first < AHEAD : last >= entries.length - AHEAD
  // biome-ignore lint/correctness/useExhaustiveDependencies: another length, another page
  useEffect(() => {
    if (hasOlder && isNearOldest) loadOlder()
  }, [hasOlder, isNearOldest, entries.length, loadOlder])

  const open = useCallback((entry: TimelineEntry) => setOpened(entry.id), [])
  if (error !== undefined && entries.length === 0) return <Problem error={error} onRetry={retry} />
  if (loading && entries.length === 0) return <Loading what="Loading the timeline" />
  if (entries.length === 0) return <Empty title="Nothing has happened on this thread." />
  const entry = entries.find(({ id }) => id === opened)
  return (
    <>
      <Problem error={error} onRetry={retry} />
      <div
        className={`timeline ${isTall ? 'timeline-tall' : ''} ${stacked && !narrow ? 'timeline-stacked' : ''}`}
        style={{ '--lanes': listeners.length } as CSSProperties}
      >
        <div ref={scroll} className="timeline-scroll">
          <div className="timeline-head" aria-hidden="true">
            <span>Time</span>
            <span>What happened</span>
            {listeners.map((listener) => (
              <span key={listener} title={listener}>
                <Name>{listener}</Name>
              </span>
            ))}
          </div>
          <ol
            className="timeline-space"
            aria-label={oldestFirst ? 'The oldest first' : 'The newest first'}
            style={{ height: `${rows.getTotalSize()}px` }}
          >
            {visible.map(({ index, start, key }) => {
              const entry = entries[index]
              return (
                entry && (
                  <TimelineRow
                    key={key}
                    entry={entry}
                    organisationId={organisationId}
                    index={index}
                    count={hasOlder ? -1 : entries.length}
                    top={start}
                    listeners={narrow ? undefined : listeners}
                    current={index === active}
                    onOpen={open}
                    onFocus={setActive}
                    onKeyDown={onKeyDown}
                  />
                )
              )
            })}
          </ol>
        </div>
      </div>
      {!narrow && <MarkLegend />}
      {entry && <EntryDialog entry={entry} organisationId={organisationId} onClose={() => setOpened(undefined)} />}
    </>
  )
}

/**
 * Who reads further down stays there when rows come in on top. Where the newest are at the bottom, who is there stays at the bottom.
 */
function useKeptPlace(
  scroll: { readonly current: HTMLDivElement | null },
  entries: readonly TimelineEntry[],
  height: number,
  oldestFirst: boolean,
): void {
  const before = useRef<{ first: string | undefined; end: number }>(undefined)
  useLayoutEffect(() => {
    const { current: element } = scroll
    const was = before.current
    before.current = { first: entries[0]?.id, end: entries.length * height }
    if (!element) return
    const isAtEnd = was === undefined || element.scrollTop + element.clientHeight > was.end - height
    if (oldestFirst && isAtEnd) {
      element.scrollTop = element.scrollHeight
      return
    }
    if (!was || (!oldestFirst && element.scrollTop < height)) return
    const added = entries.findIndex(({ id }) => id === was.first)
    if (added > 0) element.scrollTop += added * height
  }, [entries, height, scroll, oldestFirst])
}
