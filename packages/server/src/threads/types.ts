import type { eventCatalogue, PassContext } from '@tract/contract'

/**
 * The vocabulary of thread control. Everything here is plain data: times are milliseconds since 1970, a policy's spans
 * are seconds, and what goes on the wire inside `metadata` is already in its wire form (snake_case).
 */

export type ListenerKind = 'iva' | 'sac' | 'ect' | 'md' | 'analytics'

export type Sender = 'ceu' | 'iva' | 'haptik' | 'ect' | 'aeu'

export type ConversationState = 'bot' | 'incomplete' | 'waiting' | 'pinned' | 'complete'

/** How an owner fails the CEU. */
export type Failure = 'unreachable' | 'disabled' | 'not_allocated'

/** What is remembered of a conversation, until the next one opens. */
export interface ConversationMemory {
  /** Listeners that lost control, or should have, because they failed. */
  readonly failed: readonly string[]
  /** How each of them failed last. Threads that were stored before it was kept lack it. */
  readonly failures?: Readonly<Record<string, Failure>>
  /** Control has been returned to the default; that happens at most once. */
  readonly returned: boolean
  /** Control has gone to the fallback; that happens at most once as well. Threads from before there was one lack it. */
  readonly fellBack?: boolean
}

/** What is remembered of the present owner, until the owner changes. */
export interface Tenure {
  /** Since when an agent is awaited; null when none is (an IVA owns it, an agent is there, the time has run out). */
  readonly unallocatedSince: number | null
  /** Who passed control to the owner: a repetition of that pass is a success that changes nothing. */
  readonly passedBy: string | null
  /** When the owner got control by a take. */
  readonly takenAt: number | null
  /** What came with control. Threads that were stored before there were contexts lack it. */
  readonly context?: PassContext | null
}

export interface Memory extends ConversationMemory, Tenure {}

export interface PendingRequest {
  readonly from: string
  readonly expiresAt: number
  readonly context?: PassContext
}

/** A question to one listener whether it takes control. The owner, who asks, keeps it until the listener accepts. */
export interface Offer {
  /** Counts the offers on the thread. */
  readonly number: number
  /** The owner. */
  readonly from: string
  readonly to: string
  /** Whom the owner offers control to, in the order in which they are asked; `to` is one of them. */
  readonly receivers: readonly string[]
  /** How long each of them has, in seconds. */
  readonly within: number
  readonly expiresAt: number
  readonly context?: PassContext
  readonly whenClosed?: 'refuse' | 'wait'
}

export interface Thread {
  readonly owner: string | null
  /** +1 at every change of owner, to or from null included. */
  readonly epoch: number
  /** 0: no conversation has been opened yet. */
  readonly conversationNumber: number
  readonly conversationState: ConversationState
  readonly pendingRequest: PendingRequest | null
  readonly offer: Offer | null
  /** The number of the last offer; 0: there was none. */
  readonly offerNumber: number
  readonly lastActivityAt: number
  /**
   * When the next `tick` has something to do. Derived by `decide`, and brought forward in the database when a lane
   * begins to fail.
   */
  readonly deadlineAt: number | null
  readonly memory: Memory
}

export interface Listener {
  readonly id: string
  readonly kind: ListenerKind
  readonly enabled: boolean
  /** Hears the conversation while another is in control (ect and sac). */
  readonly standby: boolean
  readonly isPrimary: boolean
  readonly mayTake: boolean
  readonly mayPassTo: 'default_or_primary' | 'any'
  /** False while the head of this user's lane to it has been failing for longer than the policy allows. */
  readonly reachable: boolean
  /** Since when that head has been failing; null where it is not. */
  readonly failingSince: number | null
  /** No agent is there: by what it says of itself, or of the team that is asked for, else by its hours. */
  readonly closed: boolean
  /** When it opens again; null where it is not closed, or that is not known. */
  readonly reopensAt: number | null
  /** How often it is told of a user. */
  readonly createUser: 'once' | 'per_conversation'
  /** Its active hooks as `category.subcategory`. */
  readonly hooks: ReadonlySet<string>
}

/** The organisation's settings, spans in seconds. */
export interface Policy {
  readonly defaultListener: string | null
  /** The desk that gets control where the default cannot be reached. */
  readonly fallbackListener: string | null
  readonly onRequest: 'ask' | 'grant' | 'deny'
  readonly unreachableAfter: number
  /** How long a listener has to answer an offer that says nothing of it. */
  readonly offerWithin: number
  readonly allocateWithin: number | null
  readonly idleCompleteAfter: number
  /** Said to the CEU when control returns to the default. */
  readonly returnedMessage: string | null
}

/** Metadata of an event that goes out: an object is serialised for the wire, a string goes out as it is. */
export type Metadata = Readonly<Record<string, unknown>> | string

type Catalogued = (typeof eventCatalogue)[number]

/** What stands in the catalogue as sent by a kind of listener, not by TRACT alone. */
type SentByListener<Entry> = Entry extends Catalogued
  ? [Entry['senders'][number]] extends ['tract']
    ? never
    : { readonly type: Entry['type']; readonly subtype: Entry['subtype'] }
  : never

type MessageEvent = Extract<SentByListener<Catalogued>, { type: 'message' }>

/** What the author of a message does to it afterwards. */
export type CorrectionEvent = Extract<MessageEvent, { subtype: 'edited' | 'deleted' }>

/** An event that a listener may send of a message. It changes nothing on the thread. */
export type ReceiptEvent = Exclude<MessageEvent, CorrectionEvent>

/** An event that a listener may send of a user: a rating. It changes nothing on the thread either. */
export type FeedbackEvent = Extract<SentByListener<Catalogued>, { type: 'user_events'; subtype: 'feedback' }>

/**
 * An event that a listener may send of the thread. It follows from the catalogue: where a new one has no rule,
 * `listenerEvent` does not compile.
 */
export type ThreadEvent = Exclude<SentByListener<Catalogued>, MessageEvent | FeedbackEvent>

/** What may be meant for one conversation, and comes to nothing once that is over. */
export interface Meant {
  /** Its number. */
  readonly conversation?: number | undefined
}

export type ListenerEvent = ThreadEvent &
  Meant & {
    readonly kind: 'event'
    readonly from: string
    /** As it came over the wire: a string, JSON or not. */
    readonly metadata?: string
  }

export interface ControlCommand extends Meant {
  readonly kind: 'pass' | 'take' | 'request'
  readonly requester: string
  readonly receiver: string
  /** What a pass meets whose receiver is closed. */
  readonly whenClosed?: 'refuse' | 'wait'
  /** Whose token it was; left out when the service itself asks. */
  readonly caller?: string
  readonly context?: PassContext | undefined
}

export interface OfferCommand extends Meant {
  readonly kind: 'offer'
  readonly requester: string
  /** Asked one after another. */
  readonly receivers: readonly string[]
  /** How long each of them has, in seconds; the policy's time otherwise. */
  readonly within?: number
  readonly caller?: string
  readonly whenClosed?: 'refuse' | 'wait'
  readonly context?: PassContext | undefined
}

export interface ListenerMessage extends Meant {
  readonly kind: 'listener_message'
  readonly from: string
  readonly sender: 'iva' | 'ect' | 'aeu'
}

/** A message is edited or deleted by the listener that sent it. */
export interface Correction extends Meant {
  readonly kind: CorrectionEvent['subtype']
  readonly from: string
  readonly message: { readonly sender: Sender; readonly conversationNumber: number }
}

export interface Tick {
  readonly kind: 'tick'
  /** When the delivery of the CEU's last message to the owner ended, or `pending`. Left out without such a message. */
  readonly heard?: 'pending' | number
}

export type Command =
  | ({ readonly kind: 'ceu_message' } & Meant)
  | ListenerMessage
  /** A message of sender `haptik`: from a listener (md, sac), or from the service. */
  | ({ readonly kind: 'haptik_message'; readonly from: string | null } & Meant)
  | ControlCommand
  | OfferCommand
  | Correction
  | ListenerEvent
  | { readonly kind: 'unreachable'; readonly listener: string; readonly failingSince: number }
  | { readonly kind: 'disabled'; readonly listener: string }
  | Tick

export interface EventEffect {
  readonly kind: 'event'
  readonly type: string
  readonly subtype: string
  /** The conversation the event belongs to: the old one where a conversation closes and another opens. */
  readonly conversationNumber: number
  readonly metadata: Metadata | null
  /** `all` is narrowed by `eventHearers`; named listeners hear it also without standby. */
  readonly to: 'all' | readonly string[]
  /** Its sender, which is not told. */
  readonly except?: string
  /** The owner before: it hears this event also without standby. */
  readonly formerOwner?: string
}

export type Effect =
  | EventEffect
  /** The last messages of the user, as far as the listener did not hear them. */
  | { readonly kind: 'history'; readonly to: string }
  /** A `haptik` message to the CEU. */
  | { readonly kind: 'say'; readonly text: string }

export type RefusalCode =
  | 'requester_mismatch'
  | 'unknown_receiver'
  | 'receiver_disabled'
  | 'receiver_unreachable'
  | 'receiver_not_allowed'
  | 'not_owner'
  | 'not_primary'
  | 'request_denied'
  | 'request_pending'
  | 'offer_pending'
  | 'no_offer'
  | 'conflict'
  | 'no_conversation'
  | 'receiver_closed'
  | 'conversation_over'
  | 'not_in_control'
  | 'no_default_receiver'

export interface Refusal {
  readonly code: RefusalCode
  readonly message: string
  readonly owner: string | null
  /** Of the last conversation, open or over; 0: there was none. */
  readonly conversationNumber: number
  readonly epoch: number
  /** Seconds. */
  readonly retryAfter?: number
  /** When a closed receiver opens again, in ms since 1970. */
  readonly reopensAt?: number
}

/**
 * `done`: it had an effect. `unchanged`: it was allowed and there was nothing to do. `pending`: `thread.pendingRequest`,
 * or `thread.offer`, says until when.
 */
export type Accepted = {
  readonly ok: true
  readonly thread: Thread
  /** In the order in which they must go out. A message that was accepted with them goes out after them. */
  readonly effects: readonly Effect[]
} & ({ readonly outcome: 'done' | 'pending' } | { readonly outcome: 'unchanged'; readonly why: string })

export interface Refused {
  readonly ok: false
  readonly refusal: Refusal
}

export type Decision = Accepted | Refused
