import { hasAgents, hears } from './roles.js'
import type { EventEffect, Listener, ListenerKind, Sender, Thread } from './types.js'

/** Which kinds of listeners hear `message/receive`, by sender. No author hears its own message. */
const HEARS: Record<Sender, ReadonlySet<ListenerKind>> = {
  ceu: new Set(['iva', 'ect', 'sac', 'analytics']),
  iva: new Set(['md', 'iva', 'ect', 'sac', 'analytics']),
  ect: new Set(['md', 'iva', 'ect', 'sac', 'analytics']),
  aeu: new Set(['md', 'iva', 'ect', 'sac', 'analytics']),
  haptik: new Set(['md', 'ect', 'sac', 'analytics']),
}

export interface MessageHearer {
  readonly listener: Listener
  readonly inControl: boolean
  /** It gets a standby copy: see `standbyCopy`. */
  readonly standby: boolean
}

type Owned = Pick<Thread, 'owner'>

const isOnStandby = (listener: Listener, { owner }: Owned): boolean => hasAgents(listener) && listener.id !== owner

/** Whether what happens on a thread reaches a listener at all, if it has the hooks for it. */
export const hearsThread = (listener: Listener, thread: Owned): boolean =>
  !isOnStandby(listener, thread) || listener.standby

/** `thread` as it is when the message goes out; `author`: the listener that sent it, null when the service did. */
export function messageHearers(
  sender: Sender,
  author: string | null,
  thread: Owned,
  listeners: readonly Listener[],
): MessageHearer[] {
  return listeners
    .filter((listener) => listener.enabled && listener.id !== author && hears(listener))
    .filter((listener) => HEARS[sender].has(listener.kind))
    .map((listener) => ({
      listener,
      inControl: listener.id === thread.owner,
      standby: isOnStandby(listener, thread),
    }))
    .filter(({ listener, standby }) => !standby || listener.standby)
}

/** `thread` as it is after the decision that the effect belongs to. */
export function eventHearers(effect: EventEffect, thread: Owned, listeners: readonly Listener[]): Listener[] {
  const hook = `${effect.type}.${effect.subtype}`
  return listeners.filter((listener) => {
    if (!listener.enabled || !listener.hooks.has(hook) || listener.id === effect.except) return false
    if (effect.to !== 'all') return effect.to.includes(listener.id) || listener.kind === 'analytics'
    return !isOnStandby(listener, thread) || listener.standby || listener.id === effect.formerOwner
  })
}

export interface Receipt {
  readonly subtype: 'sent' | 'delivered' | 'read' | 'failed'
  /** Who wrote the message. */
  readonly author: string | null
  /** Who reports on it. */
  readonly reporter: string
}

/** A receipt goes to the author of the message, in control or not, and to analytics. */
export function receiptHearers({ subtype, author, reporter }: Receipt, listeners: readonly Listener[]): Listener[] {
  return listeners.filter(
    ({ id, kind, enabled, hooks }) =>
      enabled && id !== reporter && hooks.has(`message.${subtype}`) && (id === author || kind === 'analytics'),
  )
}

export interface Corrected {
  readonly subtype: 'edited' | 'deleted'
  readonly sender: Sender
  /** Who wrote the message. */
  readonly author: string
  /** Who was ever in control of its conversation. */
  readonly heldBy: readonly string[]
  /** Whether this listener was sent the message, or a later one. */
  readonly mayHave: (listener: string) => boolean
}

/**
 * An edit goes to who hears messages of this sender and may read the conversation of this one: its text is no news to
 * them. A deletion goes to who may have a copy as well: it says nothing but a number.
 */
export function correctionHearers(
  { subtype, sender, author, heldBy, mayHave }: Corrected,
  thread: Owned,
  listeners: readonly Listener[],
): { listener: Listener; standby: boolean }[] {
  const concerns = (listener: Listener) =>
    !hasAgents(listener) ||
    listener.standby ||
    heldBy.includes(listener.id) ||
    (subtype === 'deleted' && mayHave(listener.id))
  return listeners
    .filter(
      ({ id, kind, enabled, hooks }) =>
        enabled && id !== author && hooks.has(`message.${subtype}`) && HEARS[sender].has(kind),
    )
    .filter(concerns)
    .map((listener) => ({ listener, standby: isOnStandby(listener, thread) }))
}

/** A rating goes to the listeners that held the conversation, and to analytics. */
export function feedbackHearers(heldBy: readonly string[], listeners: readonly Listener[]): Listener[] {
  return listeners.filter(
    ({ id, kind, enabled, hooks }) =>
      enabled && hooks.has('user_events.feedback') && (heldBy.includes(id) || kind === 'analytics'),
  )
}
