import { randomUUID } from 'node:crypto'
import type { Queryable } from '../database/queryable.js'
import { RowParameters } from '../database/row-parameters.js'
import type { SecretBox } from '../database/secret-box.js'
import { laneOf } from '../lanes/lane-key.js'
import { byKey, byLane, byUser } from '../lanes/lock-order.js'
import type { ClaimedLane, LaneTaker } from '../lanes/offer.js'
import {
  type AppendedLane,
  appended,
  lanesAfter,
  messageRow,
  named,
  type ThreadChange,
  type WrittenThread,
} from './accept.js'
import { type KeptAnswer, keyRow, keysExpireBefore } from './idempotency.js'

/** Messages for one thread that nothing follows from but their deliveries, worked out on what is remembered of the thread. */
export interface Appending {
  change: ThreadChange
  /** Of the thread and of its organisation, as they are remembered: if either has moved on, nothing of this is written. */
  version: number
  configVersion: number
  /** The answers of calls with an Idempotency-Key. */
  answers: readonly KeptAnswer[]
}

/** What became of an appending. */
export interface Appended extends WrittenThread {
  /** For the taker. */
  taken: ClaimedLane[]
  /** Others of its lanes have something to deliver: wake the bucket. */
  hasMore: boolean
}

/** A row, and which of the appendings it belongs to. */
interface Of<Row> {
  place: number
  it: Row
}

interface UserColumns {
  bucket: number
  organisation_id: string
  user_id: string
}

const USER = {
  place: ['int', ({ place }: Of<UserColumns>) => place],
  bucket: ['smallint', ({ it }: Of<UserColumns>) => it.bucket],
  organisation_id: ['uuid', ({ it }: Of<UserColumns>) => it.organisation_id],
  user_id: ['text', ({ it }: Of<UserColumns>) => it.user_id],
} as const

interface ThreadColumns extends UserColumns {
  version: number
  config_version: number
  last_message_id: number
}

const THREAD = new RowParameters<Of<ThreadColumns>>({
  ...USER,
  version: ['bigint', ({ it }) => it.version],
  config_version: ['int', ({ it }) => it.config_version],
  last_message_id: ['int', ({ it }) => it.last_message_id],
})
interface LaneColumns extends Of<AppendedLane['row']> {
  ectUserId: string | null
  /** Its place among those that the taker wants. */
  offer: number | null
}

const LANE = new RowParameters<LaneColumns>({
  ...USER,
  listener: ['text', ({ it }) => it.listener],
  ect_user_id: ['text', ({ ectUserId }) => ectUserId],
  offer: ['int', ({ offer }) => offer],
  tail: ['int', ({ it }) => it.tail],
  last_delivery_id: ['uuid', ({ it }) => it.last_delivery_id],
  heard_message_id: ['int', ({ it }) => it.heard_message_id],
  ceu_sequence: ['int', ({ it }) => it.ceu_sequence],
})
const MESSAGE = new RowParameters<Of<ReturnType<typeof messageRow>>>({
  ...USER,
  message_id: ['int', ({ it }) => it.message_id],
  conversation_number: ['int', ({ it }) => it.conversation_number],
  sender: ['sender', ({ it }) => it.sender],
  listener: ['text', ({ it }) => it.listener],
  message_body: ['jsonb', ({ it }) => it.message_body],
  metadata: ['jsonb', ({ it }) => it.metadata],
})
const DELIVERY = new RowParameters<Of<AppendedLane['deliveries'][number]>>({
  ...USER,
  listener: ['text', ({ it }) => it.listener],
  sequence: ['int', ({ it }) => it.sequence],
  id: ['uuid', ({ it }) => it.id],
  previous_id: ['uuid', ({ it }) => it.previous_id],
  category: ['text', ({ it }) => it.category],
  subcategory: ['text', ({ it }) => it.subcategory],
  body: ['text', ({ it }) => it.body],
  traceparent: ['text', ({ it }) => it.traceparent],
})
const KEY = new RowParameters<Of<ReturnType<typeof keyRow>>>({
  place: ['int', ({ place }) => place],
  bucket: ['smallint', ({ it }) => it.bucket],
  client_id: ['text', ({ it }) => it.client_id],
  key: ['text', ({ it }) => it.key],
  operation_id: ['text', ({ it }) => it.operation_id],
  request_hash: ['text', ({ it }) => it.request_hash],
  organisation_id: ['uuid', ({ it }) => it.organisation_id],
  user_id: ['text', ({ it }) => it.user_id],
  status: ['int', ({ it }) => it.status],
  answer: ['text', ({ it }) => it.answer],
})

const BEFORE_LANES = 4
const AFTER_LANES = BEFORE_LANES + LANE.count
const AFTER_THREADS = AFTER_LANES + THREAD.count
const AFTER_MESSAGES = AFTER_THREADS + MESSAGE.count
const AFTER_DELIVERIES = AFTER_MESSAGES + DELIVERY.count

// One statement that commits by itself, and no lock held over a round trip. A thread whose version is another one by now is passed over,
// with everything that was to follow; so is one whose lanes call the user otherwise, since that is learned without touching the thread.
// A key that was used before fails the statement as a whole: what it belongs to cannot be left out of it any more.
// A lane with nothing to deliver has no attempts behind it and nobody's lease; after a gap it is claimed as any other, since the gap has to
// be read. All that the taker of the rest has to know is here.
// The `case` keeps `in` from becoming a join, which would compare each row with each thread; as it is, the threads are hashed.
const isSaved = (row: string) => `case when ${row}.place in (select place from saved) then true end`

const isTaken = 'r.offer is not null and l.next_at is null and l.unacknowledged = 0'

const APPEND = `
  with lane as materialized (
    select * from ${LANE.from(BEFORE_LANES, 'r')}
  ), differs as materialized (
    select r.place from lane r join lanes l on ${laneOf('r')} where l.ect_user_id is distinct from r.ect_user_id
  ), saved as (
    update threads t set last_message_id = c.last_message_id, last_activity_at = $1, version = t.version + 1
    from ${THREAD.from(AFTER_LANES, 'c')}
    where t.bucket = any(array[c.bucket]) and t.organisation_id = c.organisation_id and t.user_id = c.user_id and t.version = c.version
      and c.config_version = (select o.config_version from organisations o where o.id = c.organisation_id)
      and c.place not in (select place from differs)
    returning c.place
  ), moved as (
    update lanes l set tail = r.tail, last_delivery_id = r.last_delivery_id, heard_message_id = r.heard_message_id,
      ceu_sequence = r.ceu_sequence, next_at = coalesce(l.next_at, $1),
      lease = case when ${isTaken} then $3 else l.lease end,
      lease_until = case when ${isTaken} then $4 else l.lease_until end
    from lane r where ${laneOf('r')} and ${isSaved('r')}
    returning case when l.lease = $3 then r.offer end as taken
  ), said as (
    insert into messages (bucket, organisation_id, user_id, message_id, conversation_number, sender, listener, message_body, metadata, timestamp)
    select m.bucket, m.organisation_id, m.user_id, m.message_id, m.conversation_number, m.sender, m.listener, m.message_body, m.metadata, $1
    from ${MESSAGE.from(AFTER_THREADS, 'm')} where ${isSaved('m')}
  ), enqueued as (
    insert into deliveries (bucket, organisation_id, listener, user_id, sequence, id, previous_id, category, subcategory, body, traceparent,
      created_at)
    select d.bucket, d.organisation_id, d.listener, d.user_id, d.sequence, d.id, d.previous_id, d.category, d.subcategory, d.body,
      d.traceparent, $1
    from ${DELIVERY.from(AFTER_MESSAGES, 'd')} where ${isSaved('d')}
  ), key as materialized (
    select * from ${KEY.from(AFTER_DELIVERIES, 'k')} where ${isSaved('k')}
  ), kept as (
    insert into idempotency_keys as k (bucket, client_id, key, operation_id, request_hash, organisation_id, user_id, status, answer, created_at)
    select bucket, client_id, key, operation_id, decode(request_hash, 'base64'), organisation_id, user_id, status, answer, $1 from key
    on conflict (bucket, client_id, key) do update set operation_id = excluded.operation_id, request_hash = excluded.request_hash,
      organisation_id = excluded.organisation_id, user_id = excluded.user_id, status = excluded.status, answer = excluded.answer,
      created_at = excluded.created_at
    where k.created_at < $2
    returning 1
  )
  select array(select place from saved) as places, array(select taken from moved where taken is not null) as taken,
    1 / case when (select count(*) from kept) = (select count(*) from key) then 1 else 0 end`

/**
 * Writes messages with their deliveries, many threads in one statement, each thread given once and every lane there already. Answers in
 * the order of `appendings`: null where nothing was written, because what was remembered is not so any more. After that, the taker takes
 * its lanes, and the buckets of others are woken (see `Wakeups`).
 * @throws SQLSTATE 22012 if an Idempotency-Key was used before: nothing was written at all
 */
export async function appendMessages(
  db: Queryable,
  box: SecretBox,
  now: Date,
  appendings: readonly Appending[],
  taker?: LaneTaker,
): Promise<(Appended | null)[]> {
  const threads: Of<ThreadColumns>[] = []
  const lanes: LaneColumns[] = []
  const offers: Of<AppendedLane>[] = []
  const messages: Of<ReturnType<typeof messageRow>>[] = []
  const deliveries: Of<AppendedLane['deliveries'][number]>[] = []
  const keys: Of<ReturnType<typeof keyRow>>[] = []
  const lanesOf: AppendedLane[][] = []
  for (const [place, { change, version, configVersion, answers }] of appendings.entries()) {
    const { bucket, organisationId, userId } = change.key
    const user = named(change.key)
    threads.push({
      place,
      it: { version, config_version: configVersion, last_message_id: change.lastMessageId, ...user },
    })
    for (const message of change.messages) messages.push({ place, it: messageRow(change.key, message) })
    const touched = appended(change)
    lanesOf.push(touched)
    for (const lane of touched) {
      const { row } = lane
      const isOffered = taker?.wants({ bucket, organisationId, listener: row.listener, userId }) ?? false
      const ectUserId = change.lanes.get(row.listener)?.ectUserId ?? null
      lanes.push({ place, it: row, ectUserId, offer: isOffered ? offers.length : null })
      if (isOffered) offers.push({ place, it: lane })
      for (const it of lane.deliveries) deliveries.push({ place, it })
    }
    for (const kept of answers) keys.push({ place, it: keyRow(box, kept) })
  }
  const lease = randomUUID()
  const leaseUntil = taker?.leaseUntil(now) ?? now
  const { rows } = await db.query<{ places: number[]; taken: number[] }>({
    name: 'messages_append',
    text: APPEND,
    values: [
      now,
      keysExpireBefore(now),
      lease,
      leaseUntil,
      ...LANE.values(lanes.sort((a, b) => byLane(a.it, b.it))),
      ...THREAD.values(threads.sort((a, b) => byUser(a.it, b.it))),
      ...MESSAGE.values(messages),
      ...DELIVERY.values(deliveries),
      ...KEY.values(keys.sort((a, b) => byKey(a.it, b.it))),
    ],
  })
  const { places = [], taken = [] } = rows[0] ?? {}
  const takenOf: ClaimedLane[][] = appendings.map(() => [])
  for (const offer of taken) {
    const { place, it } = offers[offer] as Of<AppendedLane>
    takenOf[place]?.push({ lease, leaseUntil, ...takenLane(it, now) })
  }
  const results: (Appended | null)[] = appendings.map(() => null)
  for (const place of places) {
    const { change, version } = appendings[place] as Appending
    const touched = lanesOf[place] as AppendedLane[]
    const its = takenOf[place] as ClaimedLane[]
    const hasMore = its.length < touched.length
    results[place] = { version: version + 1, lanes: lanesAfter(change, touched), taken: its, hasMore }
  }
  return results
}

/** A lane as it is with the first that it has to deliver. */
function takenLane({ row, deliveries }: AppendedLane, now: Date): Omit<ClaimedLane, 'lease' | 'leaseUntil'> {
  return {
    bucket: row.bucket,
    organisationId: row.organisation_id,
    listener: row.listener,
    userId: row.user_id,
    head: row.tail - deliveries.length,
    tail: row.tail,
    attempt: 0,
    attemptsMade: 0,
    refusals: 0,
    failingSince: null,
    unacknowledged: 0,
    deliveries: deliveries.map((it) => ({
      id: it.id,
      sequence: it.sequence,
      previousId: it.previous_id,
      category: it.category,
      subcategory: it.subcategory,
      replayOf: null,
      createdAt: now,
      body: it.body,
      traceparent: it.traceparent,
    })),
  }
}
