/**
 * Stores what was decided on threads whose locks the caller holds: the threads, their events, and the rows of `withRows`.
 */
import { v7 as uuidv7 } from 'uuid'
import type { Queryable } from '../database/queryable.js'
import { statement } from '../database/statement.js'
import type { Lane } from '../lanes/lanes.js'
import { USER_KEY } from '../lanes/user-key.js'
import { CONVERSATION_ROW, type ConversationChange, conversationsWritten } from './conversations.js'
import { ANSWER, begun, ifSavedIn, ROW_PARAMETERS, storeRows, type UserRows, withRows } from './store.js'
import { type ThreadRecord, tenMinutesOf, threadOf } from './threads.js'

export interface EventRecord {
  conversationNumber: number
  type: string
  subtype: string
  /** The listener that sent it; null where the service did. */
  listener: string | null
  metadata: string | null
  createdAt: Date
}

/** What became of one thread in a transaction that holds its lock. */
export interface ThreadChange extends UserRows {
  thread: ThreadRecord
  lastMessageId: number
  events: readonly EventRecord[]
  conversations: readonly ConversationChange[]
}

const WRITE = statement({
  name: 'threads_write',
  parameters: {
    ...ROW_PARAMETERS,
    threads: {
      place: 'int',
      ...USER_KEY,
      owner: 'text',
      epoch: 'int',
      conversationNumber: 'int',
      conversationState: 'conversation_state',
      pendingRequest: 'jsonb',
      offer: 'jsonb',
      offerNumber: 'int',
      lastMessageId: 'int',
      lastActivityAt: 'timestamptz',
      deadlineAt: 'timestamptz',
      memory: 'jsonb',
    },
    events: {
      place: 'int',
      ...USER_KEY,
      id: 'uuid',
      conversationNumber: 'int',
      type: 'text',
      subtype: 'text',
      listener: 'text',
      metadata: 'text',
      createdAt: 'timestamptz',
    },
    conversations: CONVERSATION_ROW,
    nowInJson: 'jsonb',
  },
  text: ({ threads, events, conversations, nowInJson, ...rows }) => `${withRows(
    rows,
    `saved as (
    update threads t set owner = c.owner, epoch = c.epoch, conversation_number = c.conversation_number,
      conversation_state = c.conversation_state, pending_request = c.pending_request, offer = c.offer, offer_number = c.offer_number, last_message_id = c.last_message_id,
      last_activity_at = c.last_activity_at, active_in = ${tenMinutesOf('c.last_activity_at')}, deadline_at = c.deadline_at, memory = c.memory, version = t.version + 1
    from ${threads('c')} where ${threadOf('c')}
    returning c.place
  )`,
  )}, ${begun(rows)}, happened as (
    insert into events (bucket, organisation_id, user_id, id, conversation_number, type, subtype, listener, metadata, created_at)
    select bucket, organisation_id, user_id, id, conversation_number, type, subtype, listener, metadata, created_at
    from ${events('e')} where ${ifSavedIn('e')}
  ), ${conversationsWritten(conversations, { now: rows.now, nowInJson }, ifSavedIn)} ${ANSWER}`,
})

/**
 * A transaction calls this once. After the commit, wake the buckets (see `Wakeups`).
 * @returns each thread's lanes as they are then
 */
export async function writeThreads(
  db: Queryable,
  now: Date,
  changes: readonly ThreadChange[],
): Promise<ReadonlyMap<string, Lane>[]> {
  if (changes.length === 0) return []
  const threads = changes.map(({ key, thread, lastMessageId }, place) => ({
    place,
    owner: thread.owner,
    epoch: thread.epoch,
    conversationNumber: thread.conversationNumber,
    conversationState: thread.conversationState,
    pendingRequest: thread.pendingRequest,
    offer: thread.offer,
    offerNumber: thread.offerNumber,
    lastMessageId,
    lastActivityAt: new Date(thread.lastActivityAt),
    deadlineAt: thread.deadlineAt === null ? null : new Date(thread.deadlineAt),
    memory: thread.memory,
    ...key,
  }))
  const events = changes.flatMap(({ key, events }, place) =>
    events.map((event) => ({ place, id: uuidv7(), ...event, ...key })),
  )
  const conversations = changes.flatMap(({ key, conversations }, place) =>
    conversations.map((conversation) => ({ place, ...conversation, ...key })),
  )
  const written = await storeRows(db, { now, users: changes }, (rows) =>
    WRITE({ ...rows, threads, events, conversations, nowInJson: JSON.stringify(now) }),
  )
  return written.map((thread, place) => {
    if (thread === null) throw new Error(`The thread of user ${changes[place]?.key.userId} went away under its lock.`)
    return thread.lanes
  })
}
