import { toJson } from '@tract/contract'
import { v7 as uuidv7 } from 'uuid'
import type { Queryable } from '../database/queryable.js'
import { laneOf } from '../lanes/lane-key.js'
import type { EnqueueItem, Lane } from '../lanes/lanes.js'
import { byLane } from '../lanes/lock-order.js'
import type { UserKey } from '../lanes/user-key.js'
import type { EventRecord } from './events.js'
import type { MessageRecord } from './messages.js'
import type { ThreadRecord } from './threads.js'

/** What became of one thread in a transaction that holds its lock. */
export interface ThreadChange {
  key: UserKey
  thread: ThreadRecord
  lastMessageId: number
  messages: readonly MessageRecord[]
  events: readonly EventRecord[]
  /** What is to go out, in order. */
  outbox: readonly EnqueueItem[]
  /** The lanes as they were read under the lock, by listener. */
  lanes: ReadonlyMap<string, Lane>
}

/** A thread that was written, as it has to be remembered. */
export interface WrittenThread {
  version: number
  lanes: ReadonlyMap<string, Lane>
}

// One statement for a whole batch, each part an array of rows as JSON: one parameter to serialise instead of forty. Whoever appends to a
// lane holds the lock of its thread, so sequences are counted in memory; a dispatcher may move the head meanwhile, never the tail.
const ACCEPT = `
  with saved as (
    update threads t set owner = c.owner, epoch = c.epoch, conversation_number = c.conversation_number,
      conversation_state = c.conversation_state::conversation_state, pending_request = c.pending_request,
      last_message_id = c.last_message_id, last_activity_at = c.last_activity_at, deadline_at = c.deadline_at, memory = c.memory,
      version = t.version + 1
    from json_to_recordset($1) as c(bucket smallint, organisation_id uuid, user_id text, owner text, epoch int, conversation_number int,
      conversation_state text, pending_request jsonb, last_message_id int, last_activity_at timestamptz, deadline_at timestamptz, memory jsonb)
    where t.bucket = any(array[c.bucket]) and t.organisation_id = c.organisation_id and t.user_id = c.user_id
  ), said as (
    insert into messages (bucket, organisation_id, user_id, message_id, conversation_number, sender, listener, message_body, metadata, timestamp)
    select m.bucket, m.organisation_id, m.user_id, m.message_id, m.conversation_number, m.sender::sender, m.listener, m.message_body,
      m.metadata, m.timestamp
    from json_to_recordset($2) as m(bucket smallint, organisation_id uuid, user_id text, message_id int, conversation_number int,
      sender text, listener text, message_body jsonb, metadata jsonb, timestamp timestamptz)
  ), happened as (
    insert into events (bucket, organisation_id, user_id, id, conversation_number, type, subtype, listener, metadata, created_at)
    select * from json_to_recordset($3) as e(bucket smallint, organisation_id uuid, user_id text, id uuid, conversation_number int,
      type text, subtype text, listener text, metadata text, created_at timestamptz)
  ), moved as (
    update lanes l set tail = m.tail, last_delivery_id = m.last_delivery_id, heard_message_id = m.heard_message_id,
      ceu_sequence = m.ceu_sequence, next_at = coalesce(l.next_at, $7)
    from json_to_recordset($4) as m(bucket smallint, organisation_id uuid, listener text, user_id text, tail int, last_delivery_id uuid,
      heard_message_id int, ceu_sequence int)
    where ${laneOf('m')}
  ), begun as (
    insert into lanes (bucket, organisation_id, listener, user_id, tail, last_delivery_id, heard_message_id, ceu_sequence, next_at)
    select b.*, $7 from json_to_recordset($5) as b(bucket smallint, organisation_id uuid, listener text, user_id text, tail int,
      last_delivery_id uuid, heard_message_id int, ceu_sequence int)
  )
  insert into deliveries (bucket, organisation_id, listener, user_id, sequence, id, previous_id, category, subcategory, body, traceparent, created_at)
  select d.*, $7 from json_to_recordset($6) as d(bucket smallint, organisation_id uuid, listener text, user_id text, sequence int, id uuid,
    previous_id uuid, category text, subcategory text, body text, traceparent text)`

/**
 * Writes what was decided on threads whose locks the caller holds, and appends what goes out to its lanes. A transaction calls this once.
 * After the commit, wake the buckets (see `Wakeups`). Answers each thread's lanes as they are then.
 */
export async function writeThreads(
  db: Queryable,
  now: Date,
  changes: readonly ThreadChange[],
): Promise<ReadonlyMap<string, Lane>[]> {
  if (changes.length === 0) return []
  const lanesOf = changes.map(appended)
  const lanes = lanesOf.flat().sort((a, b) => byLane(a.row, b.row))
  const rows = [
    changes.map(threadRow),
    changes.flatMap(({ key, messages }) => messages.map((message) => messageRow(key, message))),
    changes.flatMap(({ key, events }) => events.map((event) => eventRow(key, event))),
    lanes.filter(({ isNew }) => !isNew).map(({ row }) => row),
    lanes.filter(({ isNew }) => isNew).map(({ row }) => row),
    lanes.flatMap(({ deliveries }) => deliveries),
  ]
  await db.query({ name: 'threads_write', text: ACCEPT, values: [...rows.map((part) => toJson(part)), now] })
  return changes.map((change, index) => lanesAfter(change, lanesOf[index] ?? []))
}

/** A thread's lanes with what was appended to them. */
export function lanesAfter({ lanes }: ThreadChange, appended: readonly AppendedLane[]): ReadonlyMap<string, Lane> {
  const after = new Map(lanes)
  for (const { row } of appended) {
    const { listener, tail, last_delivery_id: lastDeliveryId, heard_message_id: heardMessageId } = row
    const { ceu_sequence: ceuSequence } = row
    const before = lanes.get(listener) ?? { listener, head: 0, ectUserId: null, failingSince: null }
    after.set(listener, { ...before, tail, lastDeliveryId, heardMessageId, ceuSequence })
  }
  return after
}

/** The key as columns. To be spread behind others: V8 adds whatever stands behind a spread by a slow way. */
export const named = ({ bucket, organisationId, userId }: UserKey) => ({
  bucket,
  organisation_id: organisationId,
  user_id: userId,
})

const threadRow = ({ key, thread, lastMessageId }: ThreadChange) => ({
  owner: thread.owner,
  epoch: thread.epoch,
  conversation_number: thread.conversationNumber,
  conversation_state: thread.conversationState,
  pending_request: thread.pendingRequest,
  last_message_id: lastMessageId,
  last_activity_at: new Date(thread.lastActivityAt),
  deadline_at: thread.deadlineAt === null ? null : new Date(thread.deadlineAt),
  memory: thread.memory,
  ...named(key),
})

/** One of the table. */
export const messageRow = (key: UserKey, message: MessageRecord) => ({
  message_id: message.messageId,
  conversation_number: message.conversationNumber,
  sender: message.sender,
  listener: message.listener,
  message_body: message.body,
  metadata: message.metadata,
  timestamp: message.timestamp,
  ...named(key),
})

const eventRow = (key: UserKey, event: EventRecord) => ({
  id: uuidv7(),
  conversation_number: event.conversationNumber,
  type: event.type,
  subtype: event.subtype,
  listener: event.listener,
  metadata: event.metadata,
  created_at: event.createdAt,
  ...named(key),
})

export interface AppendedLane {
  isNew: boolean
  row: ReturnType<typeof named> & {
    listener: string
    tail: number
    last_delivery_id: string | null
    heard_message_id: number
    ceu_sequence: number
  }
  deliveries: DeliveryRow[]
}

type DeliveryRow = ReturnType<typeof named> & {
  listener: string
  sequence: number
  id: string
  previous_id: string | null
  category: string
  subcategory: string
  body: string
  traceparent: string | null
}

/** Each lane that something goes to, with its deliveries numbered. */
export function appended({ key, outbox, lanes }: ThreadChange): AppendedLane[] {
  const byListener = new Map<string, AppendedLane>()
  for (const item of outbox) {
    const lane = byListener.get(item.listener) ?? begin(key, item.listener, lanes.get(item.listener))
    byListener.set(item.listener, lane)
    const { row } = lane
    row.tail++
    lane.deliveries.push({
      listener: item.listener,
      sequence: row.tail,
      id: item.id,
      previous_id: row.last_delivery_id,
      category: item.category,
      subcategory: item.subcategory,
      body: item.body,
      traceparent: item.traceparent ?? null,
      ...named(key),
    })
    row.last_delivery_id = item.id
    row.heard_message_id = Math.max(row.heard_message_id, item.messageId ?? 0)
    if (item.isOfCeu) row.ceu_sequence = row.tail
  }
  return [...byListener.values()]
}

const begin = (key: UserKey, listener: string, lane: Lane | undefined): AppendedLane => ({
  isNew: lane === undefined,
  row: {
    listener,
    tail: lane?.tail ?? 0,
    last_delivery_id: lane?.lastDeliveryId ?? null,
    heard_message_id: lane?.heardMessageId ?? 0,
    ceu_sequence: lane?.ceuSequence ?? 0,
    ...named(key),
  },
  deliveries: [],
})
