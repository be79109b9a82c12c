/**
 * That an author types: it passes and is not kept. Whom it may go to is read from the lanes without a lock. A lane is at
 * rest where all that was accepted has ended; so nothing that was accepted before comes after it, whichever process holds
 * the lane. What is accepted right after may overtake it, hence an attempt that is the only one.
 */
import { toJson } from '@tract/contract'
import { LRUCache } from 'lru-cache'
import type { ListenerRecord, Organisations } from '../accounts/organisations.js'
import type { Queryable } from '../database/queryable.js'
import { bodyFor } from '../lanes/bodies.js'
import type { LaneKey } from '../lanes/lane-key.js'
import { readLanes } from '../lanes/lanes.js'
import { userKey } from '../lanes/user-key.js'
import { messageHearers } from '../threads/routing.js'
import { holderOf } from '../threads/thread.js'
import type { Sender, Thread } from '../threads/types.js'
import type { Caller } from './accept-message.js'
import { typingPayload } from './payloads.js'
import { Refusal, refusalOf } from './refusal.js'
import { listenersOf } from './thread-listeners.js'
import { readThread } from './threads.js'

const PACE_MS = 1_000
/** Authors that are remembered for a second. */
const MOST_AUTHORS = 10_000

const TYPES_AS: Readonly<Record<ListenerRecord['kind'], Sender | null>> = {
  md: 'ceu',
  iva: 'iva',
  sac: 'aeu',
  ect: 'aeu',
  analytics: null,
}

export interface Typing {
  userId: string
  on: boolean
  agent?: object | undefined
}

/** What is to be posted to one listener. */
export interface TypingNotice {
  lane: LaneKey
  body: string
}

export class TypingAuthors {
  readonly #told = new LRUCache<string, true>({ max: MOST_AUTHORS, ttl: PACE_MS })
  readonly #organisations: Organisations

  constructor(organisations: Organisations) {
    this.#organisations = organisations
  }

  /**
   * To whom it goes.
   * @throws {Refusal} `user_not_found`, `sender_not_allowed`, `not_in_control`
   */
  async notices(db: Queryable, caller: Caller, { userId, on, agent }: Typing): Promise<TypingNotice[]> {
    const key = userKey(caller.organisationId, userId)
    const read = await readThread(db, key)
    const organisation = read && (await this.#organisations.at(db, caller.organisationId, read.configVersion))
    if (!read || !organisation) throw new Refusal('user_not_found', `The organisation has no user ${userId}.`)
    const thread = read.thread as Thread
    const kind = organisation.listeners.get(caller.listener)?.kind ?? 'analytics'
    const sender = TYPES_AS[kind]
    if (sender === null) throw new Refusal('sender_not_allowed', `A listener of kind ${kind} has no author that types.`)
    if (sender !== 'ceu' && thread.owner !== caller.listener) {
      const message = `'${caller.listener}' is not in control of this thread, ${holderOf(thread)}.`
      const { owner, conversationNumber, epoch } = thread
      throw refusalOf({ code: 'not_in_control', message, owner, conversationNumber, epoch })
    }
    const author = toJson([caller.organisationId, caller.listener, userId])
    if (this.#told.has(author)) return []
    this.#told.set(author, true)
    const hearers = messageHearers(sender, caller.listener, thread, listenersOf(organisation, new Map(), new Date()))
    const wanting = hearers.map(({ listener }) => listener).filter(({ hooks }) => hooks.has('message.typing'))
    const lanes = await readLanes(db, [{ ...key, listeners: wanting.map(({ id }) => id) }])
    const atRest = lanes.filter(({ tail, endedTo }) => tail > 0 && endedTo === tail)
    const marked = typingPayload({ conversationNumber: thread.conversationNumber, sender, agent, on }, read.user)
    return atRest.map(({ listener, ectUserId }) => ({ lane: { ...key, listener }, body: bodyFor(marked, ectUserId) }))
  }
}
