/** Why a listener of the sandbox hears nothing, or late: what an operator would look up in four places. */
import type { DeliveryHealth, Hook, Listener, ReceiverAvailability, TimelineEntry } from '@tract/contract'

export interface Reason {
  kind: 'no-hook' | 'paused' | 'fetched' | 'breaker' | 'failing' | 'closed'
  text: string
  /** What it is about: the listener, or one of its deliveries. */
  deliveryId?: string
  /** When it is over, or fails since. */
  at?: string
}

export interface Known {
  listener: Pick<Listener, 'listener_id' | 'kind'>
  /** Undefined while they are not known. */
  hooks: readonly Hook[] | undefined
  health: DeliveryHealth | undefined
  availability: ReceiverAvailability | undefined
  /** Of the user that is played. */
  entries: readonly TimelineEntry[]
}

/** What is said comes by this one. */
const isMessageHook = ({ category, subcategory }: Hook): boolean => category === 'message' && subcategory === 'receive'

export function reasonsOf({ listener, hooks, health, availability, entries }: Known): Reason[] {
  const id = listener.listener_id
  const reasons: Reason[] = []
  const hook = hooks?.find(isMessageHook)
  if (hooks && !hook)
    reasons.push({ kind: 'no-hook', text: `${id} has no hook for message/receive: ${lost(listener)}.` })
  if (hook?.status === 'disabled') {
    const why = hook.disabled_reason ? ` (${hook.disabled_reason})` : ''
    reasons.push({ kind: 'paused', text: `The hook message/receive of ${id} is paused${why}: what is for it waits.` })
  }
  const waits = headOf(id, entries)
  if (hook?.url === 'tract:stream' && waits)
    reasons.push({
      kind: 'fetched',
      text: `${id} fetches its hooks, as tract listen does, and has not fetched this one yet.`,
    })
  for (const { origin, opened_at } of health?.open_breakers ?? []) {
    const text = `${origin}, where hooks of ${id} go, fails: only a probe goes there now and then, and all else waits. It fails since`
    reasons.push({ kind: 'breaker', text, at: opened_at })
  }
  if (waits && waits.attempts > 0) {
    const { category, subcategory, attempts, id: deliveryId } = waits
    const times = attempts === 1 ? 'once' : `${attempts} times`
    const text = `${category}/${subcategory} to ${id} was tried ${times} and not acknowledged. It is tried again, and what comes after it waits.`
    reasons.push({ kind: 'failing', text, deliveryId })
  }
  if (availability?.status === 'closed') {
    const text = `${id} is closed: a pass or an offer to it is refused${availability.reopens_at ? ', until' : '.'}`
    reasons.push({ kind: 'closed', text, ...(availability.reopens_at && { at: availability.reopens_at }) })
  }
  return reasons
}

const lost = ({ kind }: Known['listener']): string =>
  kind === 'md'
    ? 'what is said to the user is delivered to no one, and is missing here'
    : 'it hears nothing that the user writes'

/** The first of a listener's deliveries of this user that has not ended: the others stand behind it. */
function headOf(listener: string, entries: readonly TimelineEntry[]) {
  const pending = entries.flatMap(({ deliveries }) =>
    deliveries.filter((delivery) => delivery.listener === listener && delivery.state === 'pending'),
  )
  return pending.toSorted((a, b) => a.sequence - b.sequence)[0]
}
