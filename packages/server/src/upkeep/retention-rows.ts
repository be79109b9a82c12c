import type { Queryable } from '../database/queryable.js'
import { FIRST_ID, ID_SLACK_MS, idAt } from '../database/time-ordered-id.js'

// Every statement here names one bucket, reads a bounded number of rows by key, and can be repeated: a process that is
// killed between two of them leaves nothing half done.

/** Those of these buckets that were not pruned since then, the longest waiting first. */
export async function bucketsToPrune(db: Queryable, buckets: readonly number[], since: Date): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>({
    name: 'buckets_to_prune',
    text: `select id from buckets where id = any($1::smallint[]) and (pruned_at is null or pruned_at < $2)
      order by pruned_at nulls first, id`,
    values: [buckets, since],
  })
  return rows.map(({ id }) => id)
}

export async function markPruned(db: Queryable, bucket: number, now: Date): Promise<void> {
  await db.query({
    name: 'bucket_pruned',
    text: 'update buckets set pruned_at = $2 where id = $1',
    values: [bucket, now],
  })
}

/** The next organisation that has deliveries in the bucket, by one probe of the key. */
export async function nextOrganisation(db: Queryable, bucket: number, after: string): Promise<string | null> {
  const { rows } = await db.query<{ organisation_id: string }>({
    name: 'prune_organisation',
    text: `select organisation_id from deliveries where bucket = $1 and organisation_id > $2
      order by bucket, organisation_id limit 1`,
    values: [bucket, after],
  })
  return rows[0]?.organisation_id ?? null
}

/** How far a walk through a bucket's deliveries has come. */
export interface DeliveryPlace {
  bucket: number
  organisationId: string
  after: string
}

export interface PrunedDeliveries {
  pruned: number
  /** Where to go on; null: there are no older ones. */
  next: string | null
}

// Old ones are found by their ids, which are in the order of time. A delivery that has not ended stays. Its attempts
// and its end go with it.
const PRUNE_DELIVERIES = `
  with old as materialized (
    select id, listener, user_id, sequence from deliveries
    where bucket = $1 and organisation_id = $2 and id > $3 and id < $4 order by id limit $5
  ), ended as materialized (
    select o.id from old o where not exists (
      select from lanes l where l.bucket = $1 and l.organisation_id = $2 and l.listener = o.listener and l.user_id = o.user_id
        and l.head < o.sequence
    )
  ), tried as (
    delete from attempts a using ended e where a.bucket = $1 and a.organisation_id = $2 and a.delivery_id = e.id
  ), closed as (
    delete from delivery_ends x using ended e where x.bucket = $1 and x.organisation_id = $2 and x.delivery_id = e.id
  ), gone as (
    delete from deliveries d using ended e where d.bucket = $1 and d.organisation_id = $2 and d.id = e.id
  )
  select count(*)::int as seen, (select count(*)::int from ended) as pruned, (array_agg(id order by id desc))[1] as last from old`

/** Removes deliveries that have ended, with their attempts: of the next `limit` those from before this time. */
export async function pruneDeliveries(
  db: Queryable,
  { bucket, organisationId, after }: DeliveryPlace,
  before: Date,
  limit: number,
): Promise<PrunedDeliveries> {
  const { rows } = await db.query<{ seen: number; pruned: number; last: string | null }>({
    name: 'prune_deliveries',
    text: PRUNE_DELIVERIES,
    values: [bucket, organisationId, after, idAt(before.getTime()), limit],
  })
  const { seen, pruned, last } = rows[0] ?? { seen: 0, pruned: 0, last: null }
  return { pruned, next: seen === limit ? last : null }
}

/** How far a walk through a bucket's users has come. */
export interface UserPlace {
  bucket: number
  organisationId: string
  userId: string
}

export const FIRST_USER: Omit<UserPlace, 'bucket'> = { organisationId: FIRST_ID, userId: '' }

export interface PrunedUsers {
  pruned: number
  /** Where to go on: the last user of this step, or the same place if there is more to remove; null at the end. */
  next: UserPlace | null
}

// Where the numbers of erased users go on, the oldest first.
const FORGET_ERASED = `
  delete from erased_users e using (
    select organisation_id, mark from erased_users where bucket = $1 and erased_at < $2 order by erased_at limit $3
  ) o where e.bucket = $1 and e.organisation_id = o.organisation_id and e.mark = o.mark`

/** @returns whether there may be more */
export async function forgetErased(db: Queryable, bucket: number, before: Date, limit: number): Promise<boolean> {
  const { rowCount } = await db.query({ name: 'forget_erased', text: FORGET_ERASED, values: [bucket, before, limit] })
  return rowCount === limit
}

// Messages and events are keyed by user, so the oldest of a user is one probe away. `first` stops at users that have
// nothing old. A message that a delivery names stays with it: those that are this old and left are few, and their ids tell
// of their time to within a minute.
const PRUNE_USERS = `
  with users_seen as materialized (
    select organisation_id, user_id from threads where bucket = $1 and (organisation_id, user_id) > ($2::uuid, $3::text)
    order by organisation_id, user_id limit $6
  ), named as materialized (
    select d.organisation_id, d.user_id, d.message_id from (select distinct organisation_id from users_seen) o cross join lateral (
      select organisation_id, user_id, message_id from deliveries
      where bucket = $1 and organisation_id = o.organisation_id and id < $8 and message_id is not null offset 0
    ) d
  ), old_messages as materialized (
    select u.organisation_id, u.user_id, old.message_id from users_seen u cross join lateral (
      select timestamp from messages where bucket = $1 and organisation_id = u.organisation_id and user_id = u.user_id
      order by message_id limit 1
    ) first cross join lateral (
      select message_id, timestamp from messages
      where bucket = $1 and organisation_id = u.organisation_id and user_id = u.user_id and first.timestamp < $4
        and (organisation_id, user_id, message_id) not in (select organisation_id, user_id, message_id from named)
      order by message_id limit $7
    ) old where old.timestamp < $4 limit $7
  ), old_events as materialized (
    select u.organisation_id, u.user_id, old.id from users_seen u cross join lateral (
      select id from events where bucket = $1 and organisation_id = u.organisation_id and user_id = u.user_id and id < $5
      order by id limit $7
    ) old limit $7
  ), old_conversations as materialized (
    select u.organisation_id, u.user_id, old.conversation_number from users_seen u cross join lateral (
      select conversation_number, closed_at from conversations
      where bucket = $1 and organisation_id = u.organisation_id and user_id = u.user_id and opened_at < $4
      order by conversation_number limit $7
    ) old where old.closed_at < $4 limit $7
  ), said as (
    delete from messages m using old_messages o
    where m.bucket = $1 and m.organisation_id = o.organisation_id and m.user_id = o.user_id and m.message_id = o.message_id
    returning m.organisation_id, m.user_id, m.message_id, m.attachments is not null as has_files
  ), files as (
    delete from attachments a using said s where s.has_files
      and a.organisation_id = any(array[s.organisation_id]) and a.user_id = s.user_id and a.message_id = s.message_id
    returning a.organisation_id, a.id
  ), strays as (
    insert into stray_files (organisation_id, id, due_at) select organisation_id, id, now() from files
  ), happened as (
    delete from events e using old_events o
    where e.bucket = $1 and e.organisation_id = o.organisation_id and e.user_id = o.user_id and e.id = o.id
  ), held as (
    delete from conversations c using old_conversations o
    where c.bucket = $1 and c.organisation_id = o.organisation_id and c.user_id = o.user_id and c.conversation_number = o.conversation_number
  )
  select (select count(*)::int from users_seen) as seen, (select count(*)::int from old_messages) as messages,
    (select count(*)::int from old_events) as events,
    (select count(*)::int from old_conversations) as conversations, last.organisation_id, last.user_id
  from (select 1) one left join lateral (
    select organisation_id, user_id from users_seen order by organisation_id desc, user_id desc limit 1
  ) last on true`

// What a message was found by goes after it, by a statement of its own: a reader of the message has written its words by then.
const PRUNE_WORDS = `
  with users_seen as materialized (
    select organisation_id, user_id from threads where bucket = $1 and (organisation_id, user_id) > ($2::uuid, $3::text)
    order by organisation_id, user_id limit $4
  )
  delete from message_words w using (
    select u.organisation_id, u.user_id, (
      select message_id from messages where bucket = $1 and organisation_id = u.organisation_id and user_id = u.user_id order by message_id limit 1
    ) as first from users_seen u
  ) u where w.bucket = $1 and w.organisation_id = u.organisation_id and w.user_id = u.user_id and (u.first is null or w.message_id < u.first)`

/** Of the next `users` users: the words of messages that are gone. */
export async function pruneWords(db: Queryable, place: UserPlace, users: number): Promise<void> {
  await db.query({
    name: 'prune_words',
    text: PRUNE_WORDS,
    values: [place.bucket, place.organisationId, place.userId, users],
  })
}

/**
 * Removes messages, events and closed conversations from before this time, of the next `users` users, at most `rows` of
 * each table.
 */
export async function pruneUsers(
  db: Queryable,
  place: UserPlace,
  before: Date,
  limits: { users: number; rows: number },
): Promise<PrunedUsers> {
  const { rows } = await db.query<{
    seen: number
    messages: number
    events: number
    conversations: number
    organisation_id: string | null
    user_id: string | null
  }>({
    name: 'prune_users',
    text: PRUNE_USERS,
    values: [
      place.bucket,
      place.organisationId,
      place.userId,
      before,
      idAt(before.getTime()),
      limits.users,
      limits.rows,
      idAt(before.getTime() + ID_SLACK_MS),
    ],
  })
  const row = rows[0]
  if (row === undefined || row.organisation_id === null || row.user_id === null) return { pruned: 0, next: null }
  const counts = [row.messages, row.events, row.conversations]
  const pruned = counts.reduce((sum, count) => sum + count, 0)
  if (counts.includes(limits.rows)) return { pruned, next: place }
  const last = { bucket: place.bucket, organisationId: row.organisation_id, userId: row.user_id }
  return { pruned, next: row.seen === limits.users ? last : null }
}
