import type { Queryable } from '../database/queryable.js'
import { openGap } from './bucket-leases.js'
import { laneOf } from './lane-key.js'
import type { UserKey } from './user-key.js'

/** What is to be delivered to one listener. */
export interface EnqueueItem {
  /** Minted by the caller (UUIDv7): it is the `webhook-id`. */
  id: string
  listener: string
  category: string
  subcategory: string
  /** The JSON that is posted, byte for byte, at every attempt. */
  body: string
  /** On `message/receive`: the listener will have heard up to here. */
  messageId?: number | null
  /** It carries a message of the chat end user. */
  isOfCeu?: boolean
  /** W3C trace context of the call that caused it. */
  traceparent?: string | null
}

/** What one transaction has to say to the listeners of one user, in the order in which each of them is to hear it. */
export interface Outbox extends UserKey {
  items: readonly EnqueueItem[]
}

// Lanes are locked in the order of their keys here and wherever several are locked at once, so that nobody waits for each other.
// `known` holds what a lane was before: RETURNING tells only what it has become.
const ENQUEUE = `
  with items as (
    select i.*, lag(i.id) over lane as before, row_number() over lane as place
    from unnest($2::smallint[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::int[], $11::text[])
      with ordinality as i(bucket, organisation_id, listener, user_id, id, category, subcategory, body, message_id, traceparent, ord)
    window lane as (partition by i.bucket, i.organisation_id, i.listener, i.user_id order by i.ord)
  ), added as (
    select bucket, organisation_id, listener, user_id, count(*)::int as count, (array_agg(id order by ord desc))[1] as last_id,
      coalesce(max(message_id), 0) as heard
    from items group by bucket, organisation_id, listener, user_id
  ), known as (
    select l.bucket, l.organisation_id, l.listener, l.user_id, l.last_delivery_id from added a
      join lanes l on ${laneOf('a')}
    order by a.bucket, a.organisation_id, a.listener, a.user_id for update of l
  ), moved as (
    insert into lanes as l
      (bucket, organisation_id, listener, user_id, tail, next_at, last_delivery_id, heard_message_id)
    select a.bucket, a.organisation_id, a.listener, a.user_id, a.count, $1, a.last_id, a.heard
    from added a left join known k using (bucket, organisation_id, listener, user_id)
    order by a.bucket, a.organisation_id, a.listener, a.user_id
    on conflict (bucket, organisation_id, listener, user_id) do update set
      tail = l.tail + excluded.tail,
      next_at = coalesce(l.next_at, excluded.next_at),
      last_delivery_id = excluded.last_delivery_id,
      heard_message_id = greatest(l.heard_message_id, excluded.heard_message_id)
    returning l.bucket, l.organisation_id, l.listener, l.user_id, l.tail
  )
  insert into deliveries (bucket, organisation_id, listener, user_id, sequence, id, previous_id, category, subcategory,
    created_at, body, traceparent)
  select i.bucket, i.organisation_id, i.listener, i.user_id, (m.tail - a.count + i.place)::int, i.id, coalesce(i.before, k.last_delivery_id),
    i.category, i.subcategory, $1, i.body, i.traceparent
  from items i join added a using (bucket, organisation_id, listener, user_id)
    join moved m using (bucket, organisation_id, listener, user_id)
    left join known k using (bucket, organisation_id, listener, user_id)`

/**
 * Appends deliveries to lanes, in the transaction that accepts what they carry. Whoever calls has the threads of these users locked; a
 * transaction calls this once. After the commit, wake the buckets (see `Wakeups`).
 */
export async function enqueue(db: Queryable, now: Date, outboxes: readonly Outbox[]): Promise<void> {
  const items = outboxes.flatMap(({ items, ...outbox }) => items.map((item) => ({ ...outbox, ...item })))
  if (items.length === 0) return
  await db.query({
    name: 'lanes_enqueue',
    text: ENQUEUE,
    values: [
      now,
      items.map((item) => item.bucket),
      items.map((item) => item.organisationId),
      items.map((item) => item.listener),
      items.map((item) => item.userId),
      items.map((item) => item.id),
      items.map((item) => item.category),
      items.map((item) => item.subcategory),
      items.map((item) => item.body),
      items.map((item) => item.messageId ?? null),
      items.map((item) => item.traceparent ?? null),
    ],
  })
}

/** A lane as routing needs it. A listener without one has never been told of the user: `create_user` comes first. */
export interface Lane {
  listener: string
  /** Sequence of the last delivery that ended. */
  head: number
  /** Sequence of the last delivery enqueued; 0 if there was none yet. */
  tail: number
  /** What the listener calls the user. */
  ectUserId: string | null
  /** The last message that was enqueued for it. */
  heardMessageId: number
  /** Sequence of the last delivery enqueued with a message of the chat end user; 0 if there was none. */
  ceuSequence: number
  /** Since when its head cannot be delivered, without the time in which nobody tried. */
  failingSince: Date | null
  /** The last delivery enqueued. */
  lastDeliveryId: string | null
}

/** The lanes that the listeners of an organisation have with one of its users. */
export interface LaneQuery extends UserKey {
  listeners: Iterable<string>
}

/**
 * The lanes of some users. Listeners are named since they stand before the user in the key: an index probe for each. Serialised by the
 * locks on the users' threads, if the caller holds them.
 */
export async function readLanes(db: Queryable, queries: readonly LaneQuery[]): Promise<(Lane & UserKey)[]> {
  const keys = queries.flatMap(({ listeners, ...key }) => [...listeners].map((listener) => ({ ...key, listener })))
  const { rows } = await db.query<Lane & UserKey>({
    name: 'lanes_read',
    text: `select l.bucket, l.organisation_id as "organisationId", l.user_id as "userId", l.listener, head, tail, ect_user_id as "ectUserId",
        heard_message_id as "heardMessageId", ceu_sequence as "ceuSequence", case when failing_since is not null
          then least(failing_since + coalesce(${openGap('l.bucket')}, interval '0'), now()) end as "failingSince", last_delivery_id as "lastDeliveryId"
      from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[]) as k(bucket, organisation_id, listener, user_id)
        join lanes l on ${laneOf('k')}`,
    values: [
      keys.map((key) => key.bucket),
      keys.map((key) => key.organisationId),
      keys.map((key) => key.listener),
      keys.map((key) => key.userId),
    ],
  })
  return rows
}

/** When a delivery that has ended did so; null where its history is gone. */
export async function endOfDelivery(
  db: Queryable,
  key: UserKey,
  listener: string,
  sequence: number,
): Promise<Date | null> {
  const { bucket, organisationId, userId } = key
  const { rows } = await db.query<{ ended_at: Date | null }>({
    name: 'delivery_end',
    text: `select ended_at from wire_deliveries
      where bucket = $1 and organisation_id = $2 and listener = $3 and user_id = $4 and sequence = $5`,
    values: [bucket, organisationId, listener, userId, sequence],
  })
  return rows[0]?.ended_at ?? null
}

export interface LearnedIds {
  key: UserKey
  /** By listener. */
  learned: ReadonlyMap<string, string>
}

/** Keeps what listeners call users, learned from something they sent. */
export async function learnEctUserIds(db: Queryable, users: readonly LearnedIds[]): Promise<void> {
  const rows = users.flatMap(({ key, learned }) =>
    [...learned].map(([listener, ectUserId]) => ({ ...key, listener, ectUserId })),
  )
  if (rows.length === 0) return
  await db.query({
    name: 'lanes_learn_ect_user_id',
    text: `insert into lanes (bucket, organisation_id, listener, user_id, ect_user_id)
      select k.* from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::text[])
        as k(bucket, organisation_id, listener, user_id, ect_user_id)
      order by k.bucket, k.organisation_id, k.listener, k.user_id
      on conflict (bucket, organisation_id, listener, user_id) do update set ect_user_id = excluded.ect_user_id`,
    values: [
      rows.map((row) => row.bucket),
      rows.map((row) => row.organisationId),
      rows.map((row) => row.listener),
      rows.map((row) => row.userId),
      rows.map((row) => row.ectUserId),
    ],
  })
}
