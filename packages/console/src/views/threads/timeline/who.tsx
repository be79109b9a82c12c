import type { Sender, TimelineEntry } from '@tract/contract'

/** Whom the wire calls how. */
const SENDERS: Readonly<Record<Sender, string>> = {
  ceu: 'user',
  iva: 'assistant',
  ect: 'desk',
  aeu: 'agent',
  haptik: 'platform',
}

/** Who said it: the agent by name, where the tool gave one, before the sender and the listener. */
export function Who({ entry: { message, event, listener } }: { entry: TimelineEntry }) {
  const { name, team } = message?.agent ?? {}
  return (
    <span title={message && `sender: ${message.sender}`}>
      {name !== undefined && <strong title={team && `of ${team}`}>{name}</strong>}
      {name !== undefined && ' · '}
      {[...new Set([message ? SENDERS[message.sender] : event?.type, listener])].filter(Boolean).join(' · ')}
    </span>
  )
}
