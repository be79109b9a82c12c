import { v7 as uuidv7 } from 'uuid'
import { type EnqueueItem, type Lane, NEVER } from '../lanes/lanes.js'
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
  /** The listeners that are told of the user from here, and in which conversation. */
  readonly #introduced = new Map<string, number>()

  constructor(user: UserRecord, lanes: ReadonlyMap<string, Lane>, traceparent: string | null) {
    this.#user = user
    this.#lanes = lanes
    this.traceparent = traceparent
  }

  add(
    listener: Listener,
    { category, subcategory, body }: Pick<EnqueueItem, 'category' | 'subcategory' | 'body'>,
    conversation: number,
  ): void {
    this.#introduce(listener, conversation)
    this.#push(listener, category, subcategory, { body })
  }

  /**
   * @param body with its `ending` where it begins as the message is stored
   * @param conversation in which the listener hears it; for what it had missed, that is not the message's own
   */
  addMessage(
    listener: Listener,
    body: Pick<EnqueueItem, 'body' | 'ending'>,
    message: MessageRecord,
    conversation: number = message.conversationNumber,
  ): void {
    const { messageId, sender } = message
    this.#introduce(listener, conversation)
    this.#heard.set(listener.id, Math.max(messageId, this.lastHeard(listener.id)))
    this.#push(listener, 'message', 'receive', { ...body, messageId, isOfCeu: sender === 'ceu' })
  }

  /**
   * The user comes before anything that a listener hears of it: once, from when the listener has a hook for that, or in
   * every conversation.
   */
  #introduce(listener: Listener, conversation: number): void {
    if (!listener.hooks.has('user_events.create_user')) return
    const last = this.#introduced.get(listener.id) ?? this.#introducedBefore(listener.id)
    if (last !== NEVER && (listener.createUser === 'once' || last >= conversation)) return
    this.#introduced.set(listener.id, conversation)
    const body = createUserPayload(this.#user)
    this.#push(listener, 'user_events', 'create_user', { body, introducesIn: conversation })
  }

  #introducedBefore(listener: string): number {
    const lane = this.#lanes.get(listener)
    return lane && lane.tail > 0 ? lane.introducedIn : NEVER
  }

  #push(
    listener: Listener,
    category: string,
    subcategory: string,
    content: Pick<EnqueueItem, 'body' | 'ending' | 'messageId' | 'isOfCeu' | 'introducesIn'>,
  ): void {
    const { traceparent } = this
    this.items.push({ id: uuidv7(), traceparent, listener: listener.id, category, subcategory, ...content })
  }

  /** Every listener that something goes to has a lane, and knows the user. */
  get isForKnownOnly(): boolean {
    return this.#introduced.size === 0 && this.items.every(({ listener }) => (this.#lanes.get(listener)?.tail ?? 0) > 0)
  }

  /** Whether the listener has been sent anything of the user. */
  knowsUser(listener: string): boolean {
    return (this.#lanes.get(listener)?.tail ?? 0) > 0
  }

  /** The number of the last message that goes to the listener, or went to it before. */
  lastHeard(listener: string): number {
    return this.#heard.get(listener) ?? this.#lanes.get(listener)?.heardMessageId ?? 0
  }

  /** Whether the listener calls the user so, or did before: what it sent may have been on its way. */
  isCalled(listener: string, ectUserId: string): boolean {
    const former = this.#lanes.get(listener)?.formerEctUserIds ?? []
    return ectUserId === this.ectUserId(listener) || former.some(([, id]) => id === ectUserId)
  }

  /** What the listener calls the user. */
  ectUserId(listener: string): string | null {
    return this.learned.get(listener) ?? this.#lanes.get(listener)?.ectUserId ?? null
  }
}
