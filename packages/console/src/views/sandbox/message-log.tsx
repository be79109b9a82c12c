import type { TimelineEntry } from '@tract/contract'
import { useEffect, useRef } from 'react'
import { Time } from '../../components/time.js'
import { Attachments } from '../../files/attachments.js'
import { Hsl } from '../../hsl/hsl-element.js'
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
  empty: string
}

/** What one side of a conversation sees of it, the newest at the bottom and in sight. */
export function MessageLog({ label, organisationId, entries, isOwn, onReply, empty }: MessageLogProps) {
  const end = useRef<HTMLDivElement>(null)
  const newest = entries[0]?.id
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever something new is there
  useEffect(() => {
    const log = end.current
    if (log) log.scrollTop = log.scrollHeight
  }, [newest])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be in reach of the keyboard
    <div ref={end} className="sandbox-log" role="log" aria-label={label} tabIndex={0}>
      {entries.length === 0 && <p className="hint">{empty}</p>}
      {entries.toReversed().map((entry) => (
        <LogEntry
          key={entry.id}
          entry={entry}
          organisationId={organisationId}
          own={isOwn(entry)}
          onReply={isOwn(entry) ? undefined : onReply}
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
}

function LogEntry({ entry, organisationId, own, onReply }: LogEntryProps) {
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
        <Time value={timestamp} exact />
        {message.edited_at && <span>edited</span>}
      </p>
      {message.deleted_at ? (
        <p className="hint">{what(entry)}</p>
      ) : (
        <Hsl element={message.message_body} onReply={onReply} />
      )}
      <Attachments entry={entry} organisationId={organisationId} />
    </article>
  )
}
