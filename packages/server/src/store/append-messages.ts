import { appended, lanesAfter, messageRow, named, type ThreadChange, type WrittenThread } from './accept.js'
import { laneOf } from './claims.js'
import { type KeptAnswer, keyRow, keysExpireBefore } from './idempotency.js'
import { byKey, byLane, byUser } from './lock-order.js'
import type { Queryable } from './queryable.js'
import { RowParameters } from './row-parameters.js'
import type { SecretBox } from './secret-box.js'

/** Messages for one thread that nothing follows from but their deliveries, worked out on what is remembered of the thread. */
export interface Appending {
  change: ThreadChange
  /** Of the thread and of its organisation, as they are remembered: if either has moved on, nothing of this is written. */
  version: number
  configVersion: number
  /** The answers of calls with an Idempotency-Key. */
  answers: readonly KeptAnswer[]
}

/** `place`: which of the appendings a row belongs to. */
const USER = { place: 'int', bucket: 'smallint', organisation_id: 'uuid', user_id: 'text' } as const
const THREAD = new RowParameters({ ...USER, version: 'bigint', config_version: 'int', last_message_id: 'int' })
const LANE = new RowParameters({
  ...USER,
  listener: 'text',
  ect_user_id: 'text',
  tail: 'int',
  last_delivery_id: 'uuid',
  heard_message_id: 'int',
})
const MESSAGE = new RowParameters({
  ...USER,
  message_id: 'int',
  conversation_number: 'int',
  sender: 'sender',
  listener: 'text',
  message_body: 'jsonb',
  metadata: 'jsonb',
})
const DELIVERY = new RowParameters({
  ...USER,
  listener: 'text',
  sequence: 'int',
  id: 'uuid',
  previous_id: 'uuid',
  category: 'text',
  subcategory: 'text',
  body: 'text',
  traceparent: 'text',
})
const KEY = new RowParameters({
  place: 'int',
  bucket: 'smallint',
  client_id: 'text',
  key: 'text',
  operation_id: 'text',
  request_hash: 'text',
  organisation_id: 'uuid',
  user_id: 'text',
  status: 'int',
  answer: 'text',
})

const AFTER_LANES = 2 + LANE.count
const AFTER_THREADS = AFTER_LANES + THREAD.count
const AFTER_MESSAGES = AFTER_THREADS + MESSAGE.count
const AFTER_DELIVERIES = AFTER_MESSAGES + DELIVERY.count

// One statement that commits by itself, and no lock held over a round trip. A thread whose version is another one by now is passed over,
// with everything that was to follow; so is one whose lanes call the user otherwise, since that is learned without touching the thread.
// A key that was used before fails the statement as a whole: what it belongs to cannot be left out of it any more.
// The `case` keeps `in` from becoming a join, which would compare each row with each thread; as it is, the threads are hashed.
const isSaved = (row: string) => `case when ${row}.place in (select place from saved) then true end`

const APPEND = `
  with lane as materialized (
    select * from ${LANE.from(2, 'r')}
  ), differs as materialized (
    select r.place from lane r join lanes l on ${laneOf('r')} where l.ect_user_id is distinct from r.ect_user_id
  ), saved as (
    update threads t set last_message_id = c.last_message_id, last_activity_at = $1, version = t.version + 1
    from ${THREAD.from(AFTER_LANES, 'c')} join organisations o on o.id = c.organisation_id and o.config_version = c.config_version
    where t.bucket = any(array[c.bucket]) and t.organisation_id = c.organisation_id and t.user_id = c.user_id and t.version = c.version
      and c.place not in (select place from differs)
    returning c.place
  ), moved as (
    update lanes l set tail = r.tail, last_delivery_id = r.last_delivery_id, heard_message_id = r.heard_message_id,
      next_at = coalesce(l.next_at, $1)
    from lane r where ${laneOf('r')} and ${isSaved('r')}
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
  select place, 1 / case when (select count(*) from kept) = (select count(*) from key) then 1 else 0 end from saved`

/**
 * Writes messages with their deliveries, many threads in one statement, each thread given once and every lane there already. Answers in
 * the order of `appendings`: null where nothing was written, because what was remembered is not so any more. After that, wake the buckets
 * (see `Wakeups`).
 * @throws SQLSTATE 22012 if an Idempotency-Key was used before: nothing was written at all
 */
export async function appendMessages(
  db: Queryable,
  box: SecretBox,
  now: Date,
  appendings: readonly Appending[],
): Promise<(WrittenThread | null)[]> {
  const threads = appendings.map((appending, place) => ({ ...appending, place, lanes: appended(appending.change) }))
  const threadRows = threads.map(({ change, version, configVersion, place }) => ({
    ...named(change.key),
    place,
    version,
    config_version: configVersion,
    last_message_id: change.lastMessageId,
  }))
  const laneRows = threads.flatMap(({ change, lanes, place }) =>
    lanes.map(({ row }) => ({ ...row, place, ect_user_id: ectUserId(change, row.listener) })),
  )
  const { rows } = await db.query<{ place: number }>({
    name: 'messages_append',
    text: APPEND,
    values: [
      now,
      keysExpireBefore(now),
      ...LANE.values(laneRows.sort(byLane)),
      ...THREAD.values(threadRows.sort(byUser)),
      ...MESSAGE.values(
        threads.flatMap(({ change: { key, messages }, place }) =>
          messages.map((message) => ({ ...messageRow(key, message), place })),
        ),
      ),
      ...DELIVERY.values(
        threads.flatMap(({ lanes, place }) =>
          lanes.flatMap(({ deliveries }) => deliveries.map((delivery) => ({ ...delivery, place }))),
        ),
      ),
      ...KEY.values(
        threads.flatMap(({ answers, place }) => answers.map((kept) => ({ ...keyRow(box, kept), place }))).sort(byKey),
      ),
    ],
  })
  const written = new Set(rows.map(({ place }) => place))
  return threads.map(({ change, version, lanes, place }) =>
    written.has(place) ? { version: version + 1, lanes: lanesAfter(change, lanes) } : null,
  )
}

const ectUserId = ({ lanes }: ThreadChange, listener: string) => lanes.get(listener)?.ectUserId ?? null
