/**
 * An offer asks a listener whether it takes control; the owner keeps it until the listener accepts, so that the CEU always
 * has a listener. An offer to several asks one after another, and each question is an offer with a number of its own.
 *
 * States of an offer
 *   offered    to one listener, until `expiresAt`
 *   accepted   control goes over as by a pass
 *   declined   by the listener
 *   expired    not answered in time, or the listener was disabled or could not be reached
 *   withdrawn  by the owner, or because control changed or the conversation ended
 *
 * What holds: a thread has at most one offer, made by its owner; an offer ends once. After one that was declined or has
 * expired, the next of its receivers that can be given control is asked.
 */
import { done, type Progress, pending, refuse, type Situation, unchanged } from '../decision.js'
import { acceptedFrom, handOver } from '../hand-over.js'
import { refuseControl, refuseGiving } from '../receiver-guard.js'
import { find, hears } from '../roles.js'
import { parsedObject } from '../sent-metadata.js'
import { holderOf, inControlAlready } from '../thread.js'
import { historyFor } from '../thread-events.js'
import type { Command, Decision, Listener, Offer, OfferCommand, Refused, Thread } from '../types.js'
import { offerEvent, withdrawOffer } from './offer-events.js'

type Terms = Pick<Offer, 'from' | 'receivers' | 'within' | 'context' | 'whenClosed'>

export function offer(thread: Thread, command: OfferCommand, situation: Situation): Decision {
  const { requester, receivers, caller, within = situation.policy.offerWithin, context, whenClosed } = command
  for (const receiver of receivers) {
    const asked = { kind: command.kind, requester, receiver, ...(caller !== undefined && { caller }) }
    const refused = refuseControl(thread, asked, situation)
    if (refused) return refused
  }
  if (requester !== thread.owner) {
    const isAccepted = thread.owner !== null && receivers.includes(thread.owner)
    if (isAccepted && thread.memory.passedBy === requester)
      return unchanged(thread, inControlAlready(thread.owner as string))
    return refuse(thread, 'not_owner', `Only who is in control may offer it; ${holderOf(thread)}.`)
  }
  const standing = refuseSecond(thread, receivers, situation.now)
  if (standing) return standing
  // one that has run out gives way to the next, before any tick
  const { thread: free, effects } = thread.offer === null ? { thread, effects: [] } : endOffer(thread, 'expired')
  const terms = { from: requester, receivers, within, ...(context && { context }), ...(whenClosed && { whenClosed }) }
  const asked = askFirst(free, terms, receivers, situation)
  return 'ok' in asked ? asked : pending({ thread: asked.thread, effects: [...effects, ...asked.effects] })
}

/** The same offer again is a success that changes nothing; another one has to wait. */
function refuseSecond(thread: Thread, receivers: readonly string[], now: number): Decision | undefined {
  const { offer } = thread
  if (offer === null || offer.expiresAt <= now) return undefined
  if (offer.receivers.join() === receivers.join()) return pending({ thread, effects: [] })
  const wait = Math.min(offer.within * 1000, offer.expiresAt - now)
  return refuse(thread, 'offer_pending', `Control is offered to '${offer.to}', which has not answered yet.`, wait)
}

/** Asks the first of `candidates` that can be given control. @returns why the first one cannot, if none can */
function askFirst(
  thread: Thread,
  terms: Terms,
  candidates: readonly string[],
  situation: Situation,
): Progress | Refused {
  let refused: Refused | undefined
  for (const id of candidates) {
    const barred = refuseOffer(thread, terms, id, situation)
    if (!barred) return ask(thread, terms, find(situation.listeners, id) as Listener, situation.now)
    refused ??= barred
  }
  return refused ?? refuse(thread, 'unknown_receiver', 'There is no listener to offer control to.')
}

function refuseOffer(thread: Thread, terms: Terms, to: string, situation: Situation): Refused | undefined {
  const { listeners, now } = situation
  const receiver = find(listeners, to)
  const offerer = find(listeners, terms.from)
  if (!receiver || !offerer) return refuse(thread, 'unknown_receiver', `There is no listener '${to}'.`)
  if (receiver === offerer) return refuse(thread, 'receiver_not_allowed', `'${to}' is in control already.`)
  const barred = refuseGiving(thread, offerer, receiver, terms, situation)
  if (barred) return barred
  if (!receiver.hooks.has('thread_control.offered')) {
    return refuse(
      thread,
      'receiver_not_allowed',
      `'${to}' has no hook for thread_control/offered, so it cannot be asked.`,
    )
  }
  if ((lostAt(receiver, situation) ?? now + 1) > now) return undefined
  return refuse(thread, 'receiver_unreachable', `Deliveries to '${to}' are failing.`)
}

function ask(thread: Thread, terms: Terms, receiver: Listener, now: number): Progress {
  const { from, receivers, within, context, whenClosed } = terms
  const number = thread.offerNumber + 1
  const expiresAt = now + within * 1000
  const said = context && { context }
  const open = whenClosed && { whenClosed }
  const offer: Offer = { number, from, to: receiver.id, receivers, within, expiresAt, ...said, ...open }
  const asked: Thread = { ...thread, offer, offerNumber: number }
  const more = { ...said, expires_at: new Date(expiresAt).toISOString() }
  const offered = offerEvent(asked, offer, 'offered', { to: [offer.to], more })
  return { thread: asked, effects: [offered, ...historyFor(receiver)] }
}

/** When deliveries to the listener will have failed for too long. */
const lostAt = ({ failingSince }: Listener, { policy }: Pick<Situation, 'policy'>): number | null =>
  failingSince === null ? null : failingSince + policy.unreachableAfter * 1000

/** When the offer that stands runs out: its time is over, or the listener cannot be reached. */
export function offerEndsAt(thread: Thread, situation: Pick<Situation, 'listeners' | 'policy'>): number | null {
  if (thread.offer === null) return null
  const { to, expiresAt } = thread.offer
  const receiver = find(situation.listeners, to)
  return Math.min(expiresAt, (receiver && lostAt(receiver, situation)) ?? expiresAt)
}

/** The listener that was asked did not answer. */
export function expireOffer(thread: Thread, situation: Situation, reason?: 'unreachable' | 'disabled'): Progress {
  return endOffer(thread, 'expired', { ...(reason !== undefined && { reason }), situation })
}

interface Ending {
  readonly reason?: string
  readonly sent?: string | undefined
  /** Left out: none of the other receivers is asked. */
  readonly situation?: Situation
}

function endOffer(thread: Thread, subtype: 'declined' | 'expired', { reason, sent, situation }: Ending = {}): Progress {
  const offer = thread.offer as Offer
  const free: Thread = { ...thread, offer: null }
  const others = offer.receivers.slice(offer.receivers.indexOf(offer.to) + 1)
  const asked = situation && askFirst(free, offer, others, situation)
  const next = asked && 'thread' in asked ? asked : { thread: free, effects: [] }
  const to = subtype === 'expired' ? [offer.from, offer.to] : [offer.from]
  const more = {
    ...(reason !== undefined && { reason }),
    ...(next.thread.offer && { next: next.thread.offer.to }),
  }
  return { thread: next.thread, effects: [offerEvent(free, offer, subtype, { to, sent, more }), ...next.effects] }
}

/** Whether a command may ask the next receiver: then it has to be known which of them are closed. */
export function mayAskNext({ offer }: Thread, { kind }: Command): boolean {
  if (offer === null || offer.to === offer.receivers.at(-1)) return false
  return kind === 'event' || kind === 'tick' || kind === 'unreachable' || kind === 'disabled'
}

/** What an event of a listener says to the offer that stands. */
interface Answer {
  readonly from: string
  readonly metadata?: string
}

/** Whether the listener is the one that is asked, by the offer that its event names if it names one. */
export function isAsked({ offer }: Thread, { from, metadata }: Answer): boolean {
  const named = namedOffer(metadata)
  return offer !== null && offer.to === from && (named === undefined || named === offer.number)
}

/** The `offer_number` in an event's metadata. */
export function namedOffer(metadata: string | undefined): unknown {
  return metadata === undefined ? undefined : parsedObject(metadata)?.offer_number
}

export const refuseAnswer = (thread: Thread, from: string): Refused =>
  refuse(thread, 'no_offer', `'${from}' is not asked for control of this thread; ${holderOf(thread)} in control.`)

/** The listener takes what it was offered: of the answers to one offer, the first counts. */
export function acceptOffer(thread: Thread, answer: Answer, situation: Situation): Progress | Refused {
  const { from, metadata: sent } = answer
  const receiver = find(situation.listeners, from)
  if (!isAsked(thread, answer) || !receiver?.enabled) return refuseAnswer(thread, from)
  if (!hears(receiver))
    return refuse(
      thread,
      'no_offer',
      `'${from}' has no active hook for message/receive, so it hears nothing and cannot accept.`,
    )
  const offer = thread.offer as Offer
  const handed = handOver({ ...thread, offer: null }, receiver, situation.now, acceptedFrom(offer.from, offer.context))
  // with the epoch that follows, and in the conversation before it, which an IVA ends
  const accepted = offerEvent({ ...thread, epoch: handed.thread.epoch }, offer, 'accepted', { to: [offer.from], sent })
  return { thread: handed.thread, effects: [accepted, ...handed.effects] }
}

export const declineOffer = (thread: Thread, { metadata: sent }: Answer, situation: Situation): Decision =>
  done(endOffer(thread, 'declined', { sent, situation }))

/** By the owner, who made it. */
export const withdrawnBy = (thread: Thread, { from, metadata: sent }: Answer): Progress =>
  withdrawOffer(thread, { except: from, sent })
