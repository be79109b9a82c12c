import type { TimelineEntry } from '@tract/contract'
import { type KeyboardEvent, memo } from 'react'
import { Thumbnails } from '../../../files/attachments.js'
import { Time } from '../../../time/time.js'
import { DeliveryMark, DeliverySummary } from './delivery-mark.js'
import { eventText, messageText } from './entry-text.js'
import { Who } from './who.js'

interface TimelineRowProps {
  entry: TimelineEntry
  organisationId: string
  index: number
  /** How many there are in all; -1 where that is not known yet. */
  count: number
  top: number
  /** Those that have a column; undefined where there is no room for columns. */
  listeners: readonly string[] | undefined
  /** Is it the row that the tab key comes to. */
  current: boolean
  onOpen: (entry: TimelineEntry) => void
  onFocus: (index: number) => void
  onKeyDown: (event: KeyboardEvent) => void
}

/** One entry: when, what, and what became of it in each listener's lane. */
export const TimelineRow = memo(function TimelineRow(props: TimelineRowProps) {
  const { entry, organisationId, index, count, top, listeners, current, onOpen, onFocus, onKeyDown } = props
  return (
    <li
      aria-posinset={index + 1}
      aria-setsize={count}
      className={`timeline-row timeline-row-${entry.kind}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <Time value={entry.timestamp} exact still />
      <button
        type="button"
        className="timeline-entry"
        data-index={index}
        tabIndex={current ? 0 : -1}
        onClick={() => onOpen(entry)}
        onFocus={() => onFocus(index)}
        onKeyDown={onKeyDown}
      >
        <span className="timeline-said">
          <span className="timeline-who clip">
            <Who entry={entry} />
            {entry.message?.edited_at && ' · edited'}
          </span>
          <span className="timeline-text">{what(entry)}</span>
        </span>
        <Thumbnails entry={entry} organisationId={organisationId} />
      </button>
      {listeners === undefined ? (
        <DeliverySummary deliveries={entry.deliveries} />
      ) : (
        listeners.map((listener) => <Lane key={listener} entry={entry} listener={listener} />)
      )}
    </li>
  )
})

/** Of more than these, a cell says how many. */
const SHOWN = 2

function Lane({ entry, listener }: { entry: TimelineEntry; listener: string }) {
  const deliveries = entry.deliveries.filter((delivery) => delivery.listener === listener)
  const more = deliveries.length - SHOWN
  return (
    <div className="timeline-lane">
      {entry.listener === listener && <span className="timeline-author">sent it</span>}
      {deliveries.slice(0, SHOWN).map(({ id, ...delivery }) => (
        <DeliveryMark key={id} {...delivery} />
      ))}
      {more > 0 && <span className="timeline-author">{more} more</span>}
    </div>
  )
}

export function what({ message, event }: TimelineEntry): string {
  if (message?.deleted_at) return 'Deleted by its author.'
  if (message) return messageText(message.message_body)
  return [event?.subtype, eventText(event?.metadata)].filter(Boolean).join(' · ')
}
