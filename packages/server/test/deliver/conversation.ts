import { v7 as uuidv7 } from 'uuid'
import { type Appending, appendMessages } from '../../src/accept/queue/append-messages.js'
import type { Written } from '../../src/accept/store.js'
import type { Queryable } from '../../src/database/queryable.js'
import { SecretBox } from '../../src/database/secret-box.js'
import { readLanes } from '../../src/lanes/lanes.js'
import type { LaneOffer } from '../../src/lanes/offer.js'
import { type Engine, MESSAGE } from './engine.js'

const BOX = new SecretBox(Buffer.alloc(32, 1))
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** A thread as a process remembers it, whose messages go to the listeners given. */
export class Conversation {
  #messages = 0

  private constructor(
    readonly engine: Engine,
    readonly userId: string,
    readonly listeners: readonly string[],
  ) {}

  static async begin(engine: Engine, userId: string, ...listeners: string[]): Promise<Conversation> {
    const { bucket, organisationId } = engine.key(userId)
    const user = { bucket, organisation_id: organisationId, user_id: userId }
    await engine.stored.insert('threads', { ...user, last_activity_at: new Date(), memory: {} })
    for (const listener of listeners) await engine.stored.insert('lanes', { ...user, listener })
    return new Conversation(engine, userId, listeners)
  }

  async say(
    offered?: (now: Date) => LaneOffer,
    { now = new Date(), count = 1, behind = 0, db = this.engine.pool as Queryable } = {},
  ): Promise<Written | null> {
    const [written = null] = await appendMessages(
      db,
      BOX,
      now,
      [await this.#appending(now, count, behind)],
      offered?.(now),
    )
    return written
  }

  /** @param behind by this many versions of the thread */
  async #appending(now: Date, count: number, behind: number): Promise<Appending> {
    const key = this.engine.key(this.userId)
    const thread = await this.engine.stored.row('threads', { user_id: this.userId })
    const lanes = await readLanes(this.engine.pool, [{ ...key, listeners: this.listeners }])
    const messages = Array.from({ length: count }, () => ({
      messageId: ++this.#messages,
      conversationNumber: 1,
      sender: 'ceu' as const,
      listener: 'md',
      body: { text: 'hello' },
      metadata: null,
      agent: null,
      timestamp: now,
      opening: `{"message_id": ${this.#messages}`,
      traceparent: TRACEPARENT,
    }))
    const outbox = messages.flatMap(({ messageId }) =>
      this.listeners.map((listener) => ({
        id: uuidv7(),
        listener,
        ...MESSAGE,
        body: `{"message_id": ${messageId},"for":"${listener}"}`,
        ending: `,"for":"${listener}"}`,
        messageId,
        traceparent: TRACEPARENT,
      })),
    )
    return {
      key,
      lastMessageId: this.#messages,
      messages,
      outbox,
      lanes: new Map(lanes.map((lane) => [lane.listener, lane])),
      version: Number(thread?.version) - behind,
      configVersion: 1,
      answers: [],
    }
  }
}
