/**
 * One user's thread while it is worked on. `threads/decide` decides on a command, and its effects are carried out here,
 * in memory: messages and events are numbered, and what the listeners hear of them goes into the outbox. `sessions.ts`
 * opens sessions under the threads' locks and writes them; `remembered-threads.ts` opens them on what is remembered.
 *
 * What holds: deliveries go out in the order in which they were added. A command that is refused leaves the session as
 * it was.
 */
import { toJson } from '@tract/contract'
import type { OrganisationRecord } from '../accounts/organisations.js'
import type { Queryable } from '../database/queryable.js'
import { endOfDelivery, type Lane } from '../lanes/lanes.js'
import type { UserKey } from '../lanes/user-key.js'
import { decide } from '../threads/decide.js'
import { mayAskNext } from '../threads/offers/offer.js'
import { mayFallBack } from '../threads/return-to-default.js'
import { hears, isEnabled } from '../threads/roles.js'
import { eventHearers, feedbackHearers, messageHearers, receiptHearers } from '../threads/routing.js'
import { isOpen } from '../threads/thread.js'
import type { Command, Decision, Effect, EventEffect, Listener, Metadata, Thread } from '../threads/types.js'
import { ConversationLog } from './conversations.js'
import { lockAttachments, type NamedFiles } from './message-attachments.js'
import {
  historyOf,
  type MessageAttachment,
  type MessageRecord,
  MOST_COUNTED,
  type NewMessageRecord,
} from './messages.js'
import { Outbox } from './outbox.js'
import { type EventOut, eventPayload, messageEnding, messageOpening, standbyOpening } from './payloads.js'
import { listenersOf, withAvailability } from './thread-listeners.js'
import type { StoredThread } from './threads.js'
import type { EventRecord, ThreadChange } from './write-threads.js'

/** The author of what the service itself says. No listener may be called so. */
export const SERVICE = 'tract'

export type NewMessage = Pick<MessageRecord, 'sender' | 'listener' | 'body' | 'metadata' | 'agent' | 'attachments'>

/** How a thread was found. */
export interface FoundThread {
  before: StoredThread
  organisation: OrganisationRecord
  /** By listener. */
  lanes: ReadonlyMap<string, Lane>
}

/** The transaction that has the thread locked; without a connection where it is remembered. */
interface SessionContext {
  client: Queryable | null
  now: Date
  traceparent: string | null
}

export class ThreadSession {
  thread: Thread
  readonly key: UserKey
  readonly user: StoredThread['user']
  readonly organisation: OrganisationRecord
  /** The organisation's listeners as thread control sees them. */
  listeners: readonly Listener[]
  readonly before: StoredThread
  readonly outbox: Outbox
  readonly #lanes: ReadonlyMap<string, Lane>
  readonly #client: Queryable | null
  readonly #now: Date
  #lastMessageId: number
  readonly #messages: NewMessageRecord[] = []
  readonly #events: EventRecord[] = []
  readonly #conversations: ConversationLog

  constructor({ before, organisation, lanes }: FoundThread, { client, now, traceparent }: SessionContext) {
    this.key = before.key
    this.user = before.user
    this.organisation = organisation
    this.thread = before.thread as Thread
    this.before = before
    this.outbox = new Outbox(before.user, lanes, traceparent)
    this.#client = client
    this.#now = now
    this.#lanes = lanes
    this.#conversations = new ConversationLog(now)
    this.#lastMessageId = before.lastMessageId
    this.listeners = listenersOf(organisation, lanes, now)
  }

  /** From here on thread control knows who is closed: before a command that gives the thread to a listener. */
  async lookWhoIsThere(team?: string): Promise<void> {
    this.listeners = await withAvailability(this.#database, this.organisation, this.listeners, team, this.#now)
  }

  /** Decides on a command and, if it is accepted, carries it out. */
  async command(command: Command): Promise<Decision> {
    if (mayAskNext(this.thread, command)) await this.lookWhoIsThere(this.thread.offer?.context?.team)
    else if (mayFallBack(command, this.organisation)) await this.lookWhoIsThere()
    const decision = decide(this.thread, this.listeners, this.organisation, command, this.#now.getTime())
    if (decision.ok) {
      this.#conversations.note(this.thread, decision.thread, command, this.#lastMessageId + 1)
      this.thread = decision.thread
      for (const effect of decision.effects) await this.#carryOut(effect, command)
    }
    return decision
  }

  /** Runs the timers that are due. */
  async tick(): Promise<Decision> {
    const heard = await this.#ownerHeard()
    return this.command({ kind: 'tick', ...(heard !== undefined && { heard }) })
  }

  /** When the owner got the last message of the CEU, in ms since 1970. */
  async #ownerHeard(): Promise<'pending' | number | undefined> {
    const { owner } = this.thread
    const lane = owner === null ? undefined : this.#lanes.get(owner)
    // what a disabled listener has not heard, it will not hear
    if (!lane || lane.ceuSequence === 0 || !isEnabled(this.listeners, owner)) return undefined
    if (lane.endedTo < lane.ceuSequence) return 'pending'
    return (await endOfDelivery(this.#database, this.key, lane.listener, lane.ceuSequence))?.getTime()
  }

  /** Whether a transaction has the thread locked; else it is remembered. */
  get isLocked(): boolean {
    return this.#client !== null
  }

  /** @throws {Refusal} `attachment_not_found` */
  lockAttachments(listener: string, files: NamedFiles): Promise<MessageAttachment[]> {
    return lockAttachments(this.#database, this.key, listener, files)
  }

  get #database(): Queryable {
    if (this.#client === null) throw new Error('A remembered thread cannot be read from the database.')
    return this.#client
  }

  async #carryOut(effect: Effect, command: Command): Promise<void> {
    switch (effect.kind) {
      case 'event':
        // what a listener sent goes out as that listener's; what follows from it, as the service's
        return this.#event(effect, command.kind === 'event' && isSame(command, effect) ? command.from : null)
      case 'history':
        return this.#history(effect.to)
      case 'say':
        this.message({
          sender: 'haptik',
          listener: SERVICE,
          body: textElement(effect.text),
          metadata: null,
          agent: null,
        })
    }
  }

  #event(effect: EventEffect, listener: string | null): void {
    const event = { ...effect, metadata: metadataText(effect.metadata), listener }
    this.#sendEvent(event, eventHearers(effect, this.thread, this.listeners))
  }

  /** A receipt changes nothing on the thread; it goes to the message's author. */
  receipt(
    subtype: 'sent' | 'delivered' | 'read' | 'failed',
    author: string,
    reporter: string,
    metadata: Metadata,
  ): void {
    const { conversationNumber } = this.thread
    this.#sendEvent(
      { type: 'message', subtype, conversationNumber, listener: reporter, metadata: metadataText(metadata) },
      receiptHearers({ subtype, author, reporter }, this.listeners),
    )
  }

  /** A rating changes nothing on the thread; it goes to the listeners that held the conversation. */
  feedback(conversationNumber: number, heldBy: readonly string[], reporter: string, metadata: string): void {
    this.#sendEvent(
      { type: 'user_events', subtype: 'feedback', conversationNumber, listener: reporter, metadata },
      feedbackHearers(heldBy, this.listeners),
    )
  }

  /** What became of a message by its author: each hearer is told more than is kept of the event. */
  correction(event: EventOut, hearers: readonly { listener: Listener; metadata: string }[]): void {
    this.#keepEvent(event)
    for (const { listener, metadata } of hearers) this.#tell(listener, { ...event, metadata })
  }

  #sendEvent(event: EventOut, hearers: readonly Listener[]): void {
    this.#keepEvent(event)
    for (const hearer of hearers) this.#tell(hearer, event)
  }

  #keepEvent({ conversationNumber, type, subtype, listener, metadata }: EventOut): void {
    this.#events.push({ conversationNumber, type, subtype, listener, metadata, createdAt: this.#now })
  }

  #tell(hearer: Listener, event: EventOut): void {
    const { type: category, subtype: subcategory, conversationNumber } = event
    this.outbox.add(
      hearer,
      { category, subcategory, body: eventPayload(event, this.user, this.#now) },
      conversationNumber,
    )
  }

  /** Numbers a message, and sends it to all listeners that hear it. */
  message(message: NewMessage): MessageRecord {
    const numbered: MessageRecord = {
      messageId: ++this.#lastMessageId,
      conversationNumber: this.thread.conversationNumber,
      timestamp: this.#now,
      ...message,
    }
    const opening = this.#sendMessage(numbered)
    this.#messages.push({ ...numbered, opening, traceparent: opening === null ? null : this.outbox.traceparent })
    return numbered
  }

  /** @returns the opening, if it is to be kept for a delivery that has only the ending */
  #sendMessage(message: MessageRecord): string | null {
    const hearers = messageHearers(message.sender, message.listener, this.thread, this.listeners)
    if (hearers.length === 0) return null
    const opening = messageOpening(message, this.user)
    let isNeeded = false
    for (const { listener, standby, inControl } of hearers) {
      const ending = messageEnding(this.user, { inControl })
      const begun = standby ? standbyOpening(opening, message, this.user) : opening
      const begins = begun === opening
      isNeeded ||= begins
      this.outbox.addMessage(listener, { body: begun + ending, ...(begins && { ending }) }, message)
    }
    return isNeeded ? opening : null
  }

  async #history(to: string): Promise<void> {
    const listener = this.listeners.find(({ id }) => id === to)
    if (!listener || !hears(listener)) return
    const { historyMessages: limit, historyScope } = this.organisation
    const conversation = historyScope === 'user' ? null : this.thread.conversationNumber
    // what was said before a conversation is another one's
    if (limit === 0 || (conversation !== null && !isOpen(this.thread))) return
    const inControl = to === this.thread.owner
    const after = this.outbox.lastHeard(to)
    const unstored = this.#messages.filter(
      ({ messageId, listener: author, conversationNumber: number }) =>
        messageId > after && author !== to && (conversation === null || number === conversation),
    )
    const isStored = conversation === null || conversation === this.before.thread.conversationNumber
    const stored = isStored
      ? await historyOf(this.#database, this.key, { after, listener: to, limit, conversation })
      : { messages: [], earlier: 0 }
    const all = [...stored.messages, ...unstored]
    const earlier = Math.min(stored.earlier + Math.max(0, all.length - limit), MOST_COUNTED)
    for (const [index, message] of all.slice(-limit).entries()) {
      const hears = { inControl, history: { earlier: index === 0 ? earlier : 0 } }
      const opening = messageOpening(message, this.user)
      // who is offered control does not have it yet
      const shown = inControl ? opening : standbyOpening(opening, message, this.user)
      const body = shown + messageEnding(this.user, hears)
      this.outbox.addMessage(listener, { body }, message, this.thread.conversationNumber)
    }
  }

  /** What is to be written. */
  get changes(): ThreadChange {
    return {
      key: this.key,
      thread: this.thread,
      lastMessageId: this.#lastMessageId,
      messages: this.#messages,
      events: this.#events,
      conversations: this.#conversations.changes,
      outbox: this.outbox.items,
      lanes: this.#lanes,
    }
  }

  get isUnchanged(): boolean {
    const { items, learned } = this.outbox
    const added = this.#messages.length + this.#events.length + items.length + learned.size
    return this.thread === this.before.thread && added === 0
  }
}

const isSame = (command: { type: string; subtype: string }, effect: EventEffect): boolean =>
  command.type === effect.type && command.subtype === effect.subtype

const metadataText = (metadata: EventEffect['metadata']): string | null =>
  metadata === null || typeof metadata === 'string' ? metadata : toJson(metadata)

const textElement = (text: string) => ({ text, type: 'TEXT', data: { quick_replies: [] } })
