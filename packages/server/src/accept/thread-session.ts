import { isDeepStrictEqual } from 'node:util'
import { v7 as uuidv7 } from 'uuid'
import type { OrganisationRecord, Organisations } from '../accounts/organisations.js'
import {
  type EnqueueItem,
  endOfDelivery,
  type Lane,
  type LearnedIds,
  learnEctUserIds,
  readLanes,
} from '../lanes/lanes.js'
import type { UserKey } from '../lanes/user-key.js'
import { decide } from '../threads/decide.js'
import { isEnabled } from '../threads/roles.js'
import { eventHearers, messageHearers, receiptHearers } from '../threads/routing.js'
import type { Command, Decision, Effect, EventEffect, Listener, Thread } from '../threads/types.js'
import { type MessageRecord, messagesAfter } from './messages.js'
import { createUserPayload, type EventOut, eventPayload, messagePayload } from './payloads.js'
import { Refusal } from './refusal.js'
import { type LockedThread, lockThreads } from './threads.js'
import type { Work } from './work.js'
import { type EventRecord, type ThreadChange, writeThreads } from './write-threads.js'

/** The author of what the service itself says. No listener may be called so. */
export const SERVICE = 'tract'

export type NewMessage = Pick<MessageRecord, 'sender' | 'listener' | 'body' | 'metadata'>

/** Where a session stands: in a transaction that has the thread locked, or without a connection, on what is remembered of it. */
type Footing = Pick<Work, 'now' | 'traceparent'> & { client: Work['client'] | null }

/**
 * One user's thread, decided upon in memory and written back with everything that has to go out. Deliveries are numbered in the order in
 * which they were added here.
 */
export class ThreadSession {
  thread: Thread
  /** W3C trace context of the call that is at work, which goes out with what it causes. */
  traceparent: string | null
  readonly key: UserKey
  readonly user: LockedThread['user']
  readonly organisation: OrganisationRecord
  /** The organisation's listeners as thread control sees them. */
  readonly listeners: readonly Listener[]
  readonly #work: Footing
  readonly #before: LockedThread
  readonly #lanes: ReadonlyMap<string, Lane>
  /** The last message that each listener heard of in this session. */
  readonly #heard = new Map<string, number>()
  #lastMessageId: number
  readonly #outbox: EnqueueItem[] = []
  readonly #messages: MessageRecord[] = []
  readonly #events: EventRecord[] = []
  readonly #introduced = new Set<string>()
  readonly #learned = new Map<string, string>()

  constructor(work: Footing, before: LockedThread, organisation: OrganisationRecord, lanes: ReadonlyMap<string, Lane>) {
    this.key = before.key
    this.user = before.user
    this.organisation = organisation
    this.thread = before.thread as Thread
    this.#work = work
    this.#before = before
    this.traceparent = work.traceparent
    this.#lanes = lanes
    this.#lastMessageId = before.lastMessageId
    this.listeners = listenersOf(organisation, lanes, work.now)
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

  /** Runs the timers that are due. Whether the owner has had what the CEU wrote is for delivery to know. */
  async tick(client: Work['client']): Promise<Decision> {
    const heard = await this.#ownerHeard(client)
    return this.command({ kind: 'tick', ...(heard !== undefined && { heard }) })
  }

  async #ownerHeard(client: Work['client']): Promise<'pending' | number | undefined> {
    const { owner } = this.thread
    const lane = owner === null ? undefined : this.#lanes.get(owner)
    // what a disabled listener has not had, it will not have
    if (!lane || lane.ceuSequence === 0 || !isEnabled(this.listeners, owner)) return undefined
    if (lane.head < lane.ceuSequence) return 'pending'
    return (await endOfDelivery(client, this.key, lane.listener, lane.ceuSequence))?.getTime()
  }

  async #carryOut(effect: Effect, command: Command): Promise<void> {
    switch (effect.kind) {
      case 'event':
        // what a listener sent goes out as that listener's; what follows from it is the service's word
        return this.#event(effect, command.kind === 'event' && isSame(command, effect) ? command.from : null)
      case 'history':
        return this.#history(effect.to)
      case 'say':
        this.message({ sender: 'haptik', listener: SERVICE, body: textElement(effect.text), metadata: null })
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
    const body = eventPayload(event, this.user, this.ectUserId(hearer.id), this.#work.now)
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

  /** Numbers a message, and sends it to everybody who hears it. */
  message(message: NewMessage): MessageRecord {
    const numbered: MessageRecord = {
      messageId: ++this.#lastMessageId,
      conversationNumber: this.thread.conversationNumber,
      timestamp: this.#work.now,
      ...message,
    }
    this.#messages.push(numbered)
    for (const hearer of messageHearers(numbered.sender, numbered.listener, this.thread, this.listeners)) {
      const body = messagePayload(numbered, this.user, this.ectUserId(hearer.listener.id), hearer, false)
      this.#add(hearer.listener, 'message', 'receive', body, numbered)
    }
    return numbered
  }

  async #history(to: string): Promise<void> {
    const listener = this.listeners.find(({ id }) => id === to)
    if (!listener?.hooks.has('message.receive')) return
    const after = this.#heardOf(to)
    const limit = this.organisation.historyMessages
    const { client } = this.#work
    if (client === null) throw new Error('What was said before stands in the database only.')
    const stored = await messagesAfter(client, this.key, { after, listener: to, limit })
    const unstored = this.#messages.filter((message) => message.messageId > after && message.listener !== to)
    for (const message of limit === 0 ? [] : [...stored, ...unstored].slice(-limit)) {
      const body = messagePayload(message, this.user, this.ectUserId(to), { inControl: true, standby: false }, true)
      this.#add(listener, 'message', 'receive', body, message)
    }
  }

  /** What the listener calls the user. */
  ectUserId(listener: string): string | null {
    return this.#learned.get(listener) ?? this.#lanes.get(listener)?.ectUserId ?? null
  }

  #add(listener: Listener, category: string, subcategory: string, body: string, message?: MessageRecord): void {
    this.#introduce(listener)
    if (message) this.#heard.set(listener.id, Math.max(message.messageId, this.#heardOf(listener.id)))
    this.#outbox.push({
      id: uuidv7(),
      traceparent: this.traceparent,
      listener: listener.id,
      category,
      subcategory,
      body,
      ...(message && { messageId: message.messageId, isOfCeu: message.sender === 'ceu' }),
    })
  }

  #heardOf(listener: string): number {
    return this.#heard.get(listener) ?? this.#lanes.get(listener)?.heardMessageId ?? 0
  }

  /** The first thing that a listener hears of a user is the user. */
  #introduce(listener: Listener): void {
    if (this.#introduced.has(listener.id)) return
    this.#introduced.add(listener.id)
    if ((this.#lanes.get(listener.id)?.tail ?? 0) > 0 || !listener.hooks.has('user_events.create_user')) return
    const body = createUserPayload(this.user)
    this.#outbox.push({
      id: uuidv7(),
      traceparent: this.traceparent,
      listener: listener.id,
      category: 'user_events',
      subcategory: 'create_user',
      body,
    })
  }

  /** Keeps what a listener calls the user. */
  learnEctUserId(listener: string, ectUserId: string): void {
    this.#learned.set(listener, ectUserId)
  }

  /** What is to be written. */
  get changes(): ThreadChange {
    return {
      key: this.key,
      thread: this.thread,
      lastMessageId: this.#lastMessageId,
      messages: this.#messages,
      events: this.#events,
      outbox: this.#outbox,
      lanes: this.#lanes,
    }
  }

  get learned(): LearnedIds {
    return { key: this.key, learned: this.#learned }
  }

  /** Nothing came of it at all. */
  get isUnchanged(): boolean {
    return (
      this.thread === this.#before.thread &&
      this.#messages.length + this.#events.length + this.#outbox.length + this.#learned.size === 0
    )
  }

  /**
   * Nothing came of it but messages to listeners that know the user, so that they can be appended to what is there (see `appendMessages`).
   * A timer that a message puts off may stay as it is: when it runs out, it finds nothing to do and is set anew.
   */
  get isMessagesOnly(): boolean {
    const { thread: before } = this.#before
    const { deadlineAt } = this.thread
    return (
      this.#messages.length > 0 &&
      this.#events.length === 0 &&
      this.#learned.size === 0 &&
      this.#outbox.every(({ listener }) => (this.#lanes.get(listener)?.tail ?? 0) > 0) &&
      before.deadlineAt !== null &&
      deadlineAt !== null &&
      before.deadlineAt <= deadlineAt &&
      FOLLOWED.every((field) => isDeepStrictEqual(this.thread[field], before[field]))
    )
  }

  /** The thread as it stands in the database once the session is written. */
  get written(): Omit<LockedThread, 'version'> {
    return { ...this.#before, thread: this.thread, lastMessageId: this.#lastMessageId }
  }

  /** … and once its messages are appended, which leaves the timer as it was. */
  get appended(): Omit<LockedThread, 'version'> {
    const { deadlineAt } = this.#before.thread
    return { ...this.written, thread: { ...this.thread, deadlineAt } }
  }

  /** The user is as old as the thread is: together they can be remembered under its version. */
  get isCurrent(): boolean {
    return this.#before.userIsCurrent
  }

  get version(): number {
    return this.#before.version
  }
}

type Followed = Exclude<keyof Thread, 'lastActivityAt' | 'deadlineAt'>

/** All of a thread but what every message moves on. */
const FOLLOWED = Object.keys({
  owner: true,
  epoch: true,
  conversationNumber: true,
  conversationState: true,
  pendingRequest: true,
  memory: true,
} satisfies Record<Followed, true>) as Followed[]

/** The listeners of organisations as they are where none of them is failing, which is nearly always. */
const undisturbed = new WeakMap<OrganisationRecord, readonly Listener[]>()

function listenersOf(
  organisation: OrganisationRecord,
  lanes: ReadonlyMap<string, Lane>,
  now: Date,
): readonly Listener[] {
  for (const { failingSince } of lanes.values()) if (failingSince !== null) return disturbed(organisation, lanes, now)
  let listeners = undisturbed.get(organisation)
  if (listeners === undefined) {
    listeners = disturbed(organisation, new Map(), now)
    undisturbed.set(organisation, listeners)
  }
  return listeners
}

function disturbed({ listeners, unreachableAfter }: OrganisationRecord, lanes: ReadonlyMap<string, Lane>, now: Date) {
  const limit = now.getTime() - unreachableAfter * 1000
  return [...listeners.values()].map((listener) => {
    const failingSince = lanes.get(listener.id)?.failingSince?.getTime() ?? null
    const lost = failingSince !== null && failingSince <= limit
    return { ...listener, failingSince, reachable: !lost && !listener.disabledHooks.has('message.receive') }
  })
}

/** Opens the threads of some users, by user key; one that there is not is left out. */
export async function openSessions(
  work: Work,
  organisations: Organisations,
  keys: readonly UserKey[],
): Promise<ThreadSession[]> {
  const locked = await lockThreads(work.client, keys)
  const records = new Map<string, OrganisationRecord>()
  for (const { key, configVersion } of locked) {
    const record =
      records.has(key.organisationId) || (await organisations.at(work.client, key.organisationId, configVersion))
    if (typeof record === 'object' && record) records.set(key.organisationId, record)
  }
  const organisationOf = (key: UserKey) => records.get(key.organisationId) as OrganisationRecord
  const lanes = await readLanes(
    work.client,
    locked.map(({ key }) => ({ ...key, listeners: organisationOf(key).listeners.keys() })),
  )
  const byUser = new Map<string, Map<string, Lane>>()
  const name = ({ organisationId, userId }: Omit<UserKey, 'bucket'>) => `${organisationId} ${userId}`
  for (const { key } of locked) byUser.set(name(key), new Map())
  for (const lane of lanes) byUser.get(name(lane))?.set(lane.listener, lane)
  return locked.map(
    (thread) => new ThreadSession(work, thread, organisationOf(thread.key), byUser.get(name(thread.key)) ?? new Map()),
  )
}

/** @throws {Refusal} `user_not_found` */
export async function openSession(work: Work, organisations: Organisations, key: UserKey): Promise<ThreadSession> {
  const [session] = await openSessions(work, organisations, [key])
  if (session) return session
  throw new Refusal('user_not_found', `The organisation has no user ${key.userId}.`)
}

/** A thread that was written, as it has to be remembered. */
export interface WrittenThread {
  version: number
  lanes: ReadonlyMap<string, Lane>
}

/** Writes sessions back; nothing may follow in them. Answers what becomes of each once it is committed. */
export async function finish(work: Work, ...sessions: ThreadSession[]): Promise<WrittenThread[]> {
  const changed = sessions.filter((session) => !session.isUnchanged)
  const changes = changed.map((session) => session.changes)
  const lanes = await writeThreads(work.client, work.now, changes)
  await learnEctUserIds(
    work.client,
    changed.map(({ learned }) => learned),
  )
  for (const { key, outbox } of changes) if (outbox.length > 0) work.touched.add(key.bucket)
  return sessions.map((session) => {
    const lanesNow = lanes[changed.indexOf(session)]
    return lanesNow
      ? { version: session.version + 1, lanes: lanesNow }
      : { version: session.version, lanes: session.changes.lanes }
  })
}

const isSame = (command: { type: string; subtype: string }, effect: EventEffect): boolean =>
  command.type === effect.type && command.subtype === effect.subtype

const metadataText = (metadata: EventEffect['metadata']): string | null =>
  metadata === null || typeof metadata === 'string' ? metadata : JSON.stringify(metadata)

const textElement = (text: string) => ({ text, type: 'TEXT', data: { quick_replies: [] } })
