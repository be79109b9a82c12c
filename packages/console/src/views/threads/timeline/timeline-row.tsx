import type { TimelineEntry } from '@tract/contract'
import { type KeyboardEvent, memo } from 'react'
import { Time } from '../../../components/time.js'
import { DeliveryMark } from './delivery-mark.js'
import { eventText, messageText } from './entry-text.js'

interface TimelineRowProps {
  entry: TimelineEntry
  index: number
  /** How many there are in all; -1 where that is not known yet. */
  count: number
  top: number
  listeners: readonly string[]
  /** Is it the row that the tab key comes to. */
  current: boolean
  onOpen: (entry: TimelineEntry) => void
  onFocus: (index: number) => void
  onKeyDown: (event: KeyboardEvent) => void
}

/** One entry: when, what, and what became of it in each listener's lane. */
export const TimelineRow = memo(function TimelineRow(props: TimelineRowProps) {
  const { entry, index, count, top, listeners, current, onOpen, onFocus, onKeyDown } = props
  return (
    <li
      aria-posinset={index + 1}
      aria-setsize={count}
      className={`timeline-row timeline-row-${entry.kind}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <Time value={entry.timestamp} exact />
      <button
        type="button"
        className="timeline-entry"
        data-index={index}
        tabIndex={current ? 0 : -1}
        onClick={() => onOpen(entry)}
        onFocus={() => onFocus(index)}
        onKeyDown={onKeyDown}
      >
        <span className="timeline-who clip">{who(entry)}</span>
        <span className="timeline-text">{what(entry)}</span>
      </button>
      <div className="timeline-lanes">
        {listeners.map((listener) => (
          <div key={listener} className="timeline-lane" data-listener={listener}>
            {entry.listener === listener && <span className="timeline-author">sent it</span>}
            {entry.deliveries
              .filter((delivery) => delivery.listener === listener)
              .map(({ id, ...delivery }) => (
                <DeliveryMark key={id} {...delivery} />
              ))}
          </div>
        ))}
      </div>
    </li>
  )
})

export function who({ message, event, listener }: TimelineEntry): string {
  return [message?.sender ?? event?.type, listener].filter((part) => part !== undefined).join(' · ')
}

export function what({ message, event }: TimelineEntry): string {
  if (message) return messageText(message.message_body)
  return [event?.subtype, eventText(event?.metadata)].filter(Boolean).join(' · ')
}
