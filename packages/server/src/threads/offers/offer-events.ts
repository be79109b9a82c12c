import type { Progress } from '../decision.js'
import { beginningOf, parsedObject } from '../sent-metadata.js'
import { type ControlDetails, controlEvent } from '../thread-events.js'
import type { EventEffect, Offer, Thread } from '../types.js'

/** Characters. */
export const LONGEST_REASON = 1024

interface Told {
  readonly to: readonly string[]
  /** Its sender, which is not told. */
  readonly except?: string
  /** What the listener that sent the event said with it. */
  readonly sent?: string | undefined
  readonly more?: Pick<ControlDetails, 'reason' | 'context' | 'expires_at' | 'next'>
}

/** An event of an offer, from its beginning to its end. */
export function offerEvent(
  thread: Thread,
  { number, from, to: asked }: Offer,
  subtype: 'offered' | 'accepted' | 'declined' | 'expired' | 'withdrawn',
  { to, except, sent, more }: Told,
): EventEffect {
  const known = { from, to: asked, offer_number: number, ...more }
  // text that is no object is a reason: the event has to say which offer it is about
  const isText = sent !== undefined && parsedObject(sent) === null
  const event = isText
    ? controlEvent(thread, subtype, to, { ...known, reason: beginningOf(sent, LONGEST_REASON) })
    : controlEvent(thread, subtype, to, known, sent)
  return except === undefined ? event : { ...event, except }
}

/** The offer that stands, if one does, ends without an answer. */
export function withdrawOffer(thread: Thread, { reason, except, sent }: Withdrawal): Progress {
  const { offer } = thread
  if (offer === null) return { thread, effects: [] }
  const free: Thread = { ...thread, offer: null }
  const told = {
    to: [offer.to, offer.from],
    sent,
    ...(except !== undefined && { except }),
    more: reason === undefined ? {} : { reason },
  }
  return { thread: free, effects: [offerEvent(free, offer, 'withdrawn', told)] }
}

interface Withdrawal extends Pick<Told, 'except' | 'sent'> {
  readonly reason?: string
}
