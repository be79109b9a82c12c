import { v7 as uuidv7 } from 'uuid'
import type { EnqueueItem, Lane } from '../lanes/lanes.js'
import type { Listener } from '../threads/types.js'
import type { MessageRecord } from './messages.js'
import { createUserPayload } from './payloads.js'
import type { UserRecord } from './threads.js'

/** What goes out to the listeners of one user, in order, and what each of them knows by then. */
export class Outbox {
  readonly items: EnqueueItem[] = []
  /** What listeners call the user, learned from what they sent. By listener. */
  readonly learned = new Map<string, string>()
  /** W3C trace context of the call that is at work, which goes out with what it causes. */
  traceparent: string | null
  readonly #user: UserRecord
  readonly #lanes: ReadonlyMap<string, Lane>
  /** The last message that each listener was sent from here. */
  readonly #heard = new Map<string, number>()
  readonly #introduced = new Set<string>()

  constructor(user: UserRecord, lanes: ReadonlyMap<string, Lane>, traceparent: string | null) {
    this.#user = user
    this.#lanes = lanes
    this.traceparent = traceparent
  }

  add(listener: Listener, category: string, subcategory: string, body: string): void {
    this.#introduce(listener)
    this.#push(listener, category, subcategory, { body })
  }

  /** @param body with its `ending` where it begins as the message is stored */
  addMessage(listener: Listener, body: Pick<EnqueueItem, 'body' | 'ending'>, message: MessageRecord): void {
    const { messageId, sender } = message
    this.#introduce(listener)
    this.#heard.set(listener.id, Math.max(messageId, this.lastHeard(listener.id)))
    this.#push(listener, 'message', 'receive', { ...body, messageId, isOfCeu: sender === 'ceu' })
  }

  /** The first thing that a listener hears of a user is the user. */
  #introduce(listener: Listener): void {
    if (this.#introduced.has(listener.id)) return
    this.#introduced.add(listener.id)
    if (this.#isKnownTo(listener.id) || !listener.hooks.has('user_events.create_user')) return
    this.#push(listener, 'user_events', 'create_user', { body: createUserPayload(this.#user) })
  }

  #push(
    listener: Listener,
    category: string,
    subcategory: string,
    content: Pick<EnqueueItem, 'body' | 'ending' | 'messageId' | 'isOfCeu'>,
  ): void {
    const { traceparent } = this
    this.items.push({ id: uuidv7(), traceparent, listener: listener.id, category, subcategory, ...content })
  }

  /** Every listener that something goes to has heard of the user before. */
  get isForKnownOnly(): boolean {
    return this.items.every(({ listener }) => this.#isKnownTo(listener))
  }

  #isKnownTo(listener: string): boolean {
    return (this.#lanes.get(listener)?.tail ?? 0) > 0
  }

  /** The number of the last message that goes to the listener, or went to it before. */
  lastHeard(listener: string): number {
    return this.#heard.get(listener) ?? this.#lanes.get(listener)?.heardMessageId ?? 0
  }

  /** What the listener calls the user. */
  ectUserId(listener: string): string | null {
    return this.learned.get(listener) ?? this.#lanes.get(listener)?.ectUserId ?? null
  }
}
