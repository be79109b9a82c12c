import type { TimelineEntry } from '@tract/contract'

/** Who said it: the agent by name, where the tool gave one, before the sender and the listener. */
export function Who({ entry: { message, event, listener } }: { entry: TimelineEntry }) {
  const { name, team } = message?.agent ?? {}
  return (
    <>
      {name !== undefined && <strong title={team && `of ${team}`}>{name}</strong>}
      {name !== undefined && ' · '}
      {[message?.sender ?? event?.type, listener].filter((part) => part !== undefined).join(' · ')}
    </>
  )
}
