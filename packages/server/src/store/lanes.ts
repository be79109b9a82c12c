import type { Queryable } from './queryable.js'
import type { UserKey } from './threads.js'

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
}

/** What one transaction has to say to the listeners of one user, in the order in which each of them is to hear it. */
export interface EnqueueBatch extends UserKey {
  now: Date
  items: readonly EnqueueItem[]
  /** W3C trace context of the call that caused it. */
  traceparent?: string | null
}

export interface EnqueuedDelivery {
  id: string
  listener: string
  sequence: number
}

// Lanes are locked in the order of their keys here and wherever several are locked at once, so that nobody waits for each other.
// `known` holds what a lane was before: RETURNING tells only what it has become.
const ENQUEUE = `
  with items as (
    select i.*, lag(i.id) over lane as before, row_number() over lane as place
    from unnest($5::text[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::int[]) with ordinality
      as i(listener, id, category, subcategory, body, message_id, ord)
    window lane as (partition by i.listener order by i.ord)
  ), added as (
    select listener, count(*)::int as count, (array_agg(id order by ord desc))[1] as last_id, coalesce(max(message_id), 0) as heard
    from items group by listener
  ), known as (
    select listener, last_delivery_id from lanes
    where bucket = $1 and organisation_id = $2 and user_id = $3 and listener = any($5::text[])
    order by listener for update
  ), moved as (
    insert into lanes as l
      (bucket, organisation_id, listener, user_id, tail, next_at, last_delivery_id, heard_message_id)
    select $1, $2, a.listener, $3, a.count, $4, a.last_id, a.heard
    from added a left join known k on k.listener = a.listener order by a.listener
    on conflict (bucket, organisation_id, listener, user_id) do update set
      tail = l.tail + excluded.tail,
      next_at = case when l.head = l.tail and l.lease is null then excluded.next_at else l.next_at end,
      last_delivery_id = excluded.last_delivery_id,
      heard_message_id = greatest(l.heard_message_id, excluded.heard_message_id)
    returning l.listener, l.tail
  )
  insert into deliveries (bucket, organisation_id, listener, user_id, sequence, id, previous_id, category, subcategory,
    state, attempts, created_at, body, traceparent)
  select $1, $2, i.listener, $3, (m.tail - a.count + i.place)::int, i.id, coalesce(i.before, k.last_delivery_id),
    i.category, i.subcategory, 'pending', 0, $4, i.body, $11
  from items i join added a on a.listener = i.listener join moved m on m.listener = i.listener
    left join known k on k.listener = i.listener
  order by i.ord
  returning id, listener, sequence`

/**
 * Appends deliveries to the lanes of one user, in the transaction that accepts what they carry. Whoever calls has the user's thread locked;
 * a transaction calls this once. After the commit, wake the bucket (see `Wakeups`).
 */
export async function enqueue(db: Queryable, batch: EnqueueBatch): Promise<EnqueuedDelivery[]> {
  const { bucket, organisationId, userId, now, items, traceparent = null } = batch
  if (items.length === 0) return []
  const { rows } = await db.query<EnqueuedDelivery>({
    name: 'lanes_enqueue',
    text: ENQUEUE,
    values: [
      bucket,
      organisationId,
      userId,
      now,
      items.map((item) => item.listener),
      items.map((item) => item.id),
      items.map((item) => item.category),
      items.map((item) => item.subcategory),
      items.map((item) => item.body),
      items.map((item) => item.messageId ?? null),
      traceparent,
    ],
  })
  return rows
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
  /** Since when its head cannot be delivered. */
  failingSince: Date | null
}

/**
 * The lanes that these listeners have with the user. They are named since the listener stands before the user in the key: an index probe
 * for each. Serialised by the lock on the user's thread, if the caller holds it.
 */
export async function readLanes(db: Queryable, lanes: UserKey & { listeners: readonly string[] }): Promise<Lane[]> {
  const { rows } = await db.query<Lane>({
    name: 'lanes_read',
    text: `select listener, head, tail, ect_user_id as "ectUserId", heard_message_id as "heardMessageId",
        failing_since as "failingSince"
      from lanes where bucket = $1 and organisation_id = $2 and listener = any($3::text[]) and user_id = $4`,
    values: [lanes.bucket, lanes.organisationId, lanes.listeners, lanes.userId],
  })
  return rows
}

/** Keeps what the listener calls the user, learned from something it sent. */
export async function learnEctUserId(
  db: Queryable,
  lane: UserKey & { listener: string; ectUserId: string; now: Date },
): Promise<void> {
  await db.query({
    name: 'lane_learn_ect_user_id',
    text: `insert into lanes (bucket, organisation_id, listener, user_id, next_at, ect_user_id) values ($1, $2, $3, $4, $5, $6)
      on conflict (bucket, organisation_id, listener, user_id) do update set ect_user_id = excluded.ect_user_id`,
    values: [lane.bucket, lane.organisationId, lane.listener, lane.userId, lane.now, lane.ectUserId],
  })
}
