import type { TimelineEntry } from '@tract/contract'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { Attachments } from '../../files/attachments.js'
import { Hsl } from '../../hsl/hsl-element.js'
import { Time } from '../../time/time.js'
import { what } from '../threads/timeline/timeline-row.js'
import { Who } from '../threads/timeline/who.js'

interface MessageLogProps {
  label: string
  organisationId: string
  /** The newest first. */
  entries: readonly TimelineEntry[]
  isOwn: (entry: TimelineEntry) => boolean
  /** Takes what a tap says, on whichever message. */
  onReply?: ((words: string) => void) | undefined
  /** Takes one's own message back into the field, to change it and send it again. */
  onAgain: (entry: TimelineEntry) => void
  empty: string
}

/** What one side of a conversation sees of it, the newest at the bottom and in sight. */
export function MessageLog({ label, organisationId, entries, isOwn, onReply, onAgain, empty }: MessageLogProps) {
  const end = useRef<HTMLDivElement>(null)
  const newest = entries[0]?.id
  const latestOwn = entries.find((entry) => isOwn(entry) && isSaid(entry))?.id
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever something new is there
  useEffect(() => {
    const log = end.current
    if (log) log.scrollTop = log.scrollHeight
  }, [newest])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be in reach of the keyboard
    <div ref={end} className="sandbox-log" role="log" aria-label={label} tabIndex={0} onKeyDown={stepAmongAgain}>
      {entries.length === 0 && <p className="hint">{empty}</p>}
      {entries.toReversed().map((entry) => (
        <LogEntry
          key={entry.id}
          entry={entry}
          organisationId={organisationId}
          own={isOwn(entry)}
          onReply={isOwn(entry) ? undefined : onReply}
          again={isOwn(entry) && isSaid(entry) ? { onAgain, isStop: entry.id === latestOwn } : undefined}
        />
      ))}
    </div>
  )
}

interface LogEntryProps {
  entry: TimelineEntry
  organisationId: string
  own: boolean
  onReply: MessageLogProps['onReply']
  again: { onAgain: MessageLogProps['onAgain']; isStop: boolean } | undefined
}

/** There are words in it to send again. */
const isSaid = ({ message }: TimelineEntry): boolean => message !== undefined && !message.deleted_at

/** However much was said, the tab key comes to one of these buttons; the arrow keys to the others. */
function stepAmongAgain(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('.sandbox-again')]
  const at = all.indexOf(event.target as HTMLElement)
  if (step === undefined || at < 0) return
  event.preventDefault()
  all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus()
}

function LogEntry({ entry, organisationId, own, onReply, again }: LogEntryProps) {
  const { message, timestamp } = entry
  if (!message) {
    return (
      <p className="sandbox-event hint">
        <Who entry={entry} /> {what(entry)}
      </p>
    )
  }
  return (
    <article className={own ? 'sandbox-message sandbox-message-own' : 'sandbox-message'}>
      <p className="row hint">
        <span>
          <Who entry={entry} />
        </span>{' '}
        <Time value={timestamp} exact still />
        {message.edited_at && <span>edited</span>}
      </p>
      {message.deleted_at ? (
        <p className="hint">{what(entry)}</p>
      ) : (
        <Hsl element={message.message_body} onReply={onReply} />
      )}
      <Attachments entry={entry} organisationId={organisationId} />
      {again && (
        <button
          type="button"
          className="sandbox-again"
          tabIndex={again.isStop ? 0 : -1}
          aria-label={`Edit and send again, message ${message.message_id}`}
          onClick={() => again.onAgain(entry)}
        >
          Edit and send again
        </button>
      )}
    </article>
  )
}
