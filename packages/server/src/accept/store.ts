/**
 * Where a message is stored: the rows of messages, lanes and deliveries, written by one statement for a batch of
 * threads.
 *
 * Each thread of a batch has a `place`, and so has every row that belongs to it. In front of the rows stands a
 * condition, a CTE `saved(place)` that writes the threads themselves; the rows of a thread that is not saved are left
 * out. There are three conditions:
 *   - under the thread's lock, every thread is saved (`writeThreads`);
 *   - on what is remembered, a thread is saved if it is still as it is remembered (`appendMessages`);
 *   - for lanes that are locked by themselves, there is no thread to save (`enqueue`).
 */
import type pg from 'pg'
import type { Queryable } from '../database/queryable.js'
import { IN_SLICE, isPlaceOf, type References, type Values } from '../database/statement.js'
import { compareLanes, laneOf } from '../lanes/lane-key.js'
import { type AppendedLane, appendTo, DELIVERY_ROW, LANE_ROW, lanesAfter, leasedLane } from '../lanes/lane-rows.js'
import type { EnqueueItem, Lane } from '../lanes/lanes.js'
import type { ClaimedLane, LaneOffer } from '../lanes/offer.js'
import { USER_KEY, type UserKey } from '../lanes/user-key.js'
import type { NewMessageRecord } from './messages.js'

/** What is to be written for one user. */
export interface UserRows {
  key: UserKey
  messages: readonly NewMessageRecord[]
  /** What goes out, in order. */
  outbox: readonly EnqueueItem[]
  /** The user's lanes as they are known, by listener. */
  lanes: ReadonlyMap<string, Lane>
}

const MESSAGE_ROW = {
  place: 'int',
  ...USER_KEY,
  messageId: 'int',
  conversationNumber: 'int',
  sender: 'sender',
  listener: 'text',
  body: 'jsonb',
  metadata: 'jsonb',
  agent: 'jsonb',
  opening: 'text',
  traceparent: 'text',
} as const

/** The parameters of `withRows`. */
export const ROW_PARAMETERS = {
  now: 'timestamptz',
  lease: 'uuid',
  leaseUntil: 'timestamptz',
  lanes: LANE_ROW,
  messages: MESSAGE_ROW,
  deliveries: DELIVERY_ROW,
} as const

/** SQL that is true for rows of saved threads. */
const ifSaved = (row: string) => isPlaceOf('saved', row)

/** The same for rows that are inserted. */
export const ifSavedIn = (row: string) => `${IN_SLICE} and ${ifSaved(row)}`

/** Its listener's id for the user is another than is remembered: the bodies in memory are stale. */
const IS_RENAMED = 'l.ect_user_id is distinct from r.ect_user_id'
/** Offered and idle: leased by this statement. */
const IS_LEASED_HERE = `r.offered is not null and l.next_at is null and l.head = l.tail and l.lease is null and l.unacknowledged = 0
        and not (${IS_RENAMED})`

/**
 * The CTEs of the condition and of what writes the rows, after which others or `ANSWER` follow. The CTE `lane` has the rows of
 * `lanes`, for the condition too; where `moved` alone reads them, PostgreSQL keeps no copy of them.
 * @param saved the condition
 */
export const withRows = (
  { now, lease, leaseUntil, ...rows }: References<typeof ROW_PARAMETERS>,
  saved: string,
): string => `
  with lane as (
    select * from ${rows.lanes('r')}
  ), ${saved}, moved as (
    update lanes l set tail = r.tail, last_delivery_id = r.last_delivery_id, heard_message_id = r.heard_message_id,
      ceu_sequence = r.ceu_sequence, introduced_in = r.introduced_in, in_use_since = coalesce(l.in_use_since, ${now}),
      -- who holds the lane finds at the end that there is more
      next_at = case when l.lease_until > ${now} or (${IS_LEASED_HERE}) then l.next_at else coalesce(l.next_at, ${now}) end,
      lease = case when ${IS_LEASED_HERE} then ${lease} else l.lease end,
      lease_until = case when ${IS_LEASED_HERE} then ${leaseUntil} else l.lease_until end
    from lane r where ${laneOf('r')} and ${ifSaved('r')}
    returning case when l.lease = ${lease} then r.offered end as leased, case when ${IS_RENAMED} then r.place end as renamed
  ), messages_in as (
    insert into messages (bucket, organisation_id, user_id, message_id, conversation_number, sender, listener, message_body, metadata, agent,
      timestamp, opening, traceparent)
    select bucket, organisation_id, user_id, message_id, conversation_number, sender, listener, body, metadata, agent, ${now}, opening, traceparent
    from ${rows.messages('m')} where ${ifSavedIn('m')}
  ), deliveries_in as (
    insert into deliveries (bucket, organisation_id, listener, user_id, sequence, id, previous_id, category, subcategory, created_at,
      message_id, ending, body, traceparent)
    select bucket, organisation_id, listener, user_id, sequence, id, previous_id, category, subcategory, ${now},
      message_id, ending, own_body, own_traceparent
    from ${rows.deliveries('d')} where ${ifSavedIn('d')}
  )`

/** Lanes that are new to their listeners. Beside `withRows` where there may be some. */
export const begun = ({ now }: Pick<References<typeof ROW_PARAMETERS>, 'now'>): string => `begun as (
    insert into lanes (bucket, organisation_id, listener, user_id, tail, last_delivery_id, heard_message_id, ceu_sequence, introduced_in,
      next_at, in_use_since)
    select bucket, organisation_id, listener, user_id, tail, last_delivery_id, heard_message_id, ceu_sequence, introduced_in, ${now}, ${now}
    from lane r where r.is_new and ${ifSavedIn('r')}
  )`

/**
 * What the statement answers: the places of the threads that were saved, the offered lanes that were leased, and the places of
 * threads with a lane that calls the user otherwise than is remembered.
 */
export const ANSWER = `
  select array(select place from saved) as places, array(select leased from moved where leased is not null) as leased,
    array(select renamed from moved where renamed is not null) as renamed`

/** What became of one user's rows. */
export interface Written {
  /** The user's lanes as they are now. */
  lanes: ReadonlyMap<string, Lane>
  /** Lanes that are leased under the offer. */
  leased: ClaimedLane[]
  /** Others of its lanes have something to deliver: wake the bucket. */
  hasMore: boolean
  /** What a lane calls the user has changed since the lanes were read. */
  isRenamed: boolean
}

/**
 * Executes a statement that is made with `withRows`, for rows of users, each given once.
 * @param query makes the statement of them
 * @returns in the order of the users; null for those whose thread was not saved
 */
export async function storeRows(
  db: Queryable,
  { now, users, offer }: { now: Date; users: readonly UserRows[]; offer?: LaneOffer | undefined },
  query: (rows: Values<typeof ROW_PARAMETERS>) => pg.QueryConfig,
): Promise<(Written | null)[]> {
  const lanesOf = users.map(({ lanes, outbox, key }, place) => appendTo(lanes, outbox, { place, key, now }))
  const lanes = lanesOf.flat()
  const offered: AppendedLane[] = []
  for (const lane of lanes) if (offer?.wants(lane)) lane.offered = offered.push(lane) - 1
  const { rows } = await db.query<{ places: number[]; leased: number[]; renamed: number[] }>(
    query({
      now,
      lease: offer?.lease ?? null,
      leaseUntil: offer?.leaseUntil ?? null,
      messages: users.flatMap(messageRows),
      deliveries: lanes.flatMap(({ deliveries }) => deliveries),
      lanes: lanes.sort(compareLanes),
    }),
  )
  const { places = [], leased = [], renamed = [] } = rows[0] ?? {}
  const results: (Written | null)[] = users.map(() => null)
  for (const place of places) {
    const appended = lanesOf[place] as AppendedLane[]
    const before = (users[place] as UserRows).lanes
    results[place] = { lanes: lanesAfter(before, appended), leased: [], hasMore: appended.length > 0, isRenamed: false }
  }
  for (const place of renamed) (results[place] as Written).isRenamed = true
  for (const number of leased) {
    const lane = offered[number] as AppendedLane
    const written = results[lane.place] as Written
    written.leased.push(leasedLane(lane, offer as LaneOffer))
    written.hasMore = written.leased.length < (lanesOf[lane.place] as AppendedLane[]).length
  }
  return results
}

const messageRows = ({ key, messages }: UserRows, place: number) =>
  messages.map((message) => ({
    place,
    messageId: message.messageId,
    conversationNumber: message.conversationNumber,
    sender: message.sender,
    listener: message.listener,
    body: message.body,
    metadata: message.metadata,
    agent: message.agent,
    opening: message.opening,
    traceparent: message.traceparent,
    ...key,
  }))
