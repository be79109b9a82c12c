import { v7 as uuidv7 } from 'uuid'
import { bucketOf } from '../store/bucket.js'
import { type EventRecord, insertEvents } from '../store/events.js'
import { type EnqueueItem, enqueue, type Lane, readLanes } from '../store/lanes.js'
import { insertMessage, type MessageRecord, messagesAfter } from '../store/messages.js'
import type { OrganisationRecord, Organisations } from '../store/organisations.js'
import { type LockedThread, lockThread, saveThread, type UserKey } from '../store/threads.js'
import { decide } from '../threads/decide.js'
import { eventHearers, messageHearers, receiptHearers } from '../threads/routing.js'
import type { Command, Decision, Effect, EventEffect, Listener, Memory, Thread } from '../threads/types.js'
import { createUserPayload, type EventOut, eventPayload, messagePayload } from './payloads.js'
import { Refusal } from './refusal.js'
import type { Work } from './work.js'

/** The author of what the service itself says. No listener may be called so. */
export const SERVICE = 'tract'

export type NewMessage = Pick<MessageRecord, 'sender' | 'listener' | 'body' | 'metadata'>

export const userKey = (organisationId: string, userId: string): UserKey => ({
  bucket: bucketOf(organisationId, userId),
  organisationId,
  userId,
})

/**
 * One user's thread inside one transaction: locked, decided upon, and written back with everything that has to go out. Deliveries are
 * numbered in the order in which they were added here.
 */
export class ThreadSession {
  thread: Thread
  readonly organisation: OrganisationRecord
  readonly #work: Work
  readonly #key: UserKey
  readonly #user: LockedThread['user']
  readonly #lanes: ReadonlyMap<string, Lane>
  #lastMessageId: number
  readonly #outbox: EnqueueItem[] = []
  readonly #events: EventRecord[] = []
  readonly #introduced = new Set<string>()

  private constructor(work: Work, key: UserKey, locked: LockedThread, organisation: OrganisationRecord, lanes: Lane[]) {
    this.#work = work
    this.#key = key
    this.#user = locked.user
    this.#lastMessageId = locked.lastMessageId
    this.thread = { ...locked.thread, memory: locked.thread.memory as Memory }
    this.organisation = organisation
    this.#lanes = new Map(lanes.map((lane) => [lane.listener, lane]))
  }

  /** @throws {Refusal} `user_not_found` */
  static async open(work: Work, organisations: Organisations, key: UserKey): Promise<ThreadSession> {
    const locked = await lockThread(work.client, key)
    const organisation = locked && (await organisations.at(work.client, key.organisationId, locked.configVersion))
    if (!locked || !organisation) throw new Refusal('user_not_found', `The organisation has no user ${key.userId}.`)
    const lanes = await readLanes(work.client, { ...key, listeners: [...organisation.listeners.keys()] })
    return new ThreadSession(work, key, locked, organisation, lanes)
  }

  get user(): LockedThread['user'] {
    return this.#user
  }

  lane(listener: string): Lane | undefined {
    return this.#lanes.get(listener)
  }

  /** The organisation's listeners as thread control sees them. */
  get listeners(): Listener[] {
    const limit = this.#work.now.getTime() - this.organisation.unreachableAfter * 1000
    return [...this.organisation.listeners.values()].map((listener) => {
      const failingSince = this.#lanes.get(listener.id)?.failingSince
      const lost = failingSince != null && failingSince.getTime() <= limit
      return { ...listener, reachable: !lost && !listener.disabledHooks.has('message.receive') }
    })
  }

  /** Decides on a command and, if it is accepted, carries it out. */
  async command(command: Command): Promise<Decision> {
    const decision = decide(this.thread, this.listeners, this.organisation, command, this.#work.now.getTime())
    if (decision.ok) {
      this.thread = decision.thread
      for (const effect of decision.effects) await this.#carryOut(effect, command)
    }
    return decision
  }

  async #carryOut(effect: Effect, command: Command): Promise<void> {
    switch (effect.kind) {
      case 'event':
        // what a listener sent goes out as that listener's; what follows from it is the service's word
        return this.#event(effect, command.kind === 'event' && isSame(command, effect) ? command.from : null)
      case 'history':
        return this.#history(effect.to)
      case 'say':
        await this.message({ sender: 'haptik', listener: SERVICE, body: textElement(effect.text), metadata: null })
    }
  }

  #event(effect: EventEffect, listener: string | null): void {
    const event = this.#recordEvent({ ...effect, metadata: metadataText(effect.metadata), listener })
    for (const hearer of eventHearers(effect, this.thread, this.listeners)) this.#sendEvent(hearer, event)
  }

  #recordEvent(event: EventOut): EventOut {
    const { conversationNumber, type, subtype, listener, metadata } = event
    this.#events.push({ conversationNumber, type, subtype, listener, metadata, createdAt: this.#work.now })
    return event
  }

  #sendEvent(hearer: Listener, event: EventOut): void {
    const body = eventPayload(event, this.#user, this.#ectUserId(hearer.id), this.#work.now)
    this.#add(hearer, event.type, event.subtype, body)
  }

  /** A receipt changes nothing on the thread; it goes to the message's author. */
  receipt(subtype: 'sent' | 'delivered' | 'read' | 'failed', author: string, reporter: string, metadata: string): void {
    const event = this.#recordEvent({
      type: 'message',
      subtype,
      conversationNumber: this.thread.conversationNumber,
      listener: reporter,
      metadata,
    })
    for (const hearer of receiptHearers({ subtype, author, reporter }, this.listeners)) this.#sendEvent(hearer, event)
  }

  /** Numbers and stores a message, and sends it to everybody who hears it. */
  async message(message: NewMessage): Promise<MessageRecord> {
    const stored: MessageRecord = {
      ...message,
      messageId: ++this.#lastMessageId,
      conversationNumber: this.thread.conversationNumber,
      timestamp: this.#work.now,
    }
    await insertMessage(this.#work.client, this.#key, stored)
    for (const hearer of messageHearers(stored.sender, stored.listener, this.thread, this.listeners)) {
      const body = messagePayload(stored, this.#user, this.#ectUserId(hearer.listener.id), hearer, false)
      this.#add(hearer.listener, 'message', 'receive', body, stored.messageId)
    }
    return stored
  }

  async #history(to: string): Promise<void> {
    const listener = this.listeners.find(({ id }) => id === to)
    if (!listener?.hooks.has('message.receive')) return
    const after = this.#lanes.get(to)?.heardMessageId ?? 0
    const limit = this.organisation.historyMessages
    for (const message of await messagesAfter(this.#work.client, this.#key, { after, listener: to, limit })) {
      const body = messagePayload(message, this.#user, this.#ectUserId(to), { inControl: true, standby: false }, true)
      this.#add(listener, 'message', 'receive', body, message.messageId)
    }
  }

  #ectUserId(listener: string): string | null {
    return this.#lanes.get(listener)?.ectUserId ?? null
  }

  #add(listener: Listener, category: string, subcategory: string, body: string, messageId?: number): void {
    this.#introduce(listener)
    this.#outbox.push({
      id: uuidv7(),
      listener: listener.id,
      category,
      subcategory,
      body,
      ...(messageId !== undefined && { messageId }),
    })
  }

  /** The first thing that a listener hears of a user is the user. */
  #introduce(listener: Listener): void {
    if (this.#introduced.has(listener.id)) return
    this.#introduced.add(listener.id)
    if ((this.#lanes.get(listener.id)?.tail ?? 0) > 0 || !listener.hooks.has('user_events.create_user')) return
    const body = createUserPayload(this.#user)
    this.#outbox.push({
      id: uuidv7(),
      listener: listener.id,
      category: 'user_events',
      subcategory: 'create_user',
      body,
    })
  }

  /** Writes everything back; nothing may follow. */
  async finish(): Promise<void> {
    const { client, now, traceparent, touched } = this.#work
    await saveThread(client, this.#key, this.thread, this.#lastMessageId)
    await insertEvents(client, this.#key, this.#events)
    if (this.#outbox.length === 0) return
    await enqueue(client, { ...this.#key, now, traceparent, items: this.#outbox })
    touched.add(this.#key.bucket)
  }
}

const isSame = (command: { type: string; subtype: string }, effect: EventEffect): boolean =>
  command.type === effect.type && command.subtype === effect.subtype

const metadataText = (metadata: EventEffect['metadata']): string | null =>
  metadata === null || typeof metadata === 'string' ? metadata : JSON.stringify(metadata)

const textElement = (text: string) => ({ text, type: 'TEXT', data: { quick_replies: [] } })
