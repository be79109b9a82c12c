import type { Queryable } from '../database/queryable.js'
import { IN_SLICE, statement } from '../database/statement.js'
import { openOutage } from './bucket-leases.js'
import { compareLanes, LANE_KEY, type LaneKey, laneOf } from './lane-key.js'
import type { UserKey } from './user-key.js'

/** What is to be delivered to one listener. */
export interface EnqueueItem {
  /** Minted by the caller (UUIDv7): it is the `webhook-id`. */
  id: string
  listener: string
  category: string
  subcategory: string
  /** The JSON that is posted, with `ID_MARK` where the listener's id of the user may stand (`bodies.ts`). */
  body: string
  /** What of the body follows on the opening of its message; without it, the body is stored whole (`bodies.ts`). */
  ending?: string
  /** On `message/receive`: the listener will have heard up to here. */
  messageId?: number | null
  /** It carries a message of the chat end user. */
  isOfCeu?: boolean
  /** On `create_user`: the conversation that it is of. */
  introducesIn?: number
  /** W3C trace context of the call that caused it. */
  traceparent?: string | null
}

/** Of a lane: no `create_user` has gone to the listener. */
export const NEVER = -1
/** Ids that a lane keeps beside the present one. */
const MOST_FORMER = 20

/** A lane as it is read for a decision. A listener without one has not heard of the user: `create_user` comes first. */
export interface Lane {
  listener: string
  /** Sequence of the last delivery that ended. */
  endedTo: number
  /** Sequence of the last delivery enqueued; 0 if there was none yet. */
  tail: number
  /** What the listener calls the user. */
  ectUserId: string | null
  /** What it called the user before, each from a sequence on; the oldest first. */
  formerEctUserIds: readonly (readonly [from: number, id: string])[] | null
  /** The last message that was enqueued for it. */
  heardMessageId: number
  /** Sequence of the last delivery enqueued with a message of the chat end user; 0 if there was none. */
  ceuSequence: number
  /** The conversation in which the listener was last sent `create_user`; `NEVER`. */
  introducedIn: number
  /** Since when its head cannot be delivered, without the time in which it was not tried. */
  failingSince: Date | null
  /** The last delivery enqueued. */
  lastDeliveryId: string | null
}

/** The lanes that the listeners of an organisation have with one of its users. */
export interface LaneQuery extends UserKey {
  listeners: Iterable<string>
}

const READ = statement({
  name: 'lanes_read',
  parameters: { keys: LANE_KEY },
  text: ({
    keys,
  }) => `select l.bucket, l.organisation_id as "organisationId", l.user_id as "userId", l.listener, head as "endedTo", tail,
      ect_user_id as "ectUserId", heard_message_id as "heardMessageId", ceu_sequence as "ceuSequence",
      introduced_in as "introducedIn", former_ect_user_ids as "formerEctUserIds",
      case when failing_since is not null
        then least(failing_since + coalesce(${openOutage('l.bucket')}, interval '0'), now()) end as "failingSince",
      last_delivery_id as "lastDeliveryId"
    from ${keys('k')} join lanes l on ${laneOf('k')}`,
})

/**
 * The lanes of some users. Listeners are named because they stand before the user in the key: each lane is one index
 * probe. The locks on the users' threads keep them as they are, if the caller holds those.
 */
export async function readLanes(db: Queryable, queries: readonly LaneQuery[]): Promise<(Lane & UserKey)[]> {
  const keys = queries.flatMap(({ listeners, ...key }) => [...listeners].map((listener) => ({ listener, ...key })))
  return (await db.query<Lane & UserKey>(READ({ keys }))).rows
}

const LOCK = statement({
  name: 'lanes_lock',
  parameters: { keys: LANE_KEY },
  // An update that changes nothing locks the row, and answers it as it is under the lock.
  text: ({
    keys,
  }) => `insert into lanes as l (bucket, organisation_id, listener, user_id) select * from ${keys('k')} where ${IN_SLICE}
    on conflict (bucket, organisation_id, listener, user_id) do update set tail = l.tail
    returning bucket, organisation_id as "organisationId", user_id as "userId", listener, head as "endedTo", tail,
      ect_user_id as "ectUserId", heard_message_id as "heardMessageId", ceu_sequence as "ceuSequence",
      introduced_in as "introducedIn", former_ect_user_ids as "formerEctUserIds",
      null as "failingSince", last_delivery_id as "lastDeliveryId"`,
})

/** Locks lanes, each given once, until the transaction ends. One that is not there yet is made. */
export async function lockLanes(db: Queryable, keys: readonly LaneKey[]): Promise<(Lane & UserKey)[]> {
  return (await db.query<Lane & UserKey>(LOCK({ keys: [...keys].sort(compareLanes) }))).rows
}

/** When a delivery ended; null if its history is gone. */
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

/**
 * SQL for `lanes l`: it calls the user by `id` from sequence `from` on, and the id before becomes a former one. The same id
 * again, from an earlier sequence on, counts from there.
 */
export const callIn = (id: string, from: string): string => {
  const isNew = `${id} is not null and ${id} is distinct from l.ect_user_id`
  // without jsonb_build_array, which counts as stable: Citus takes nothing but what is immutable there
  const called = `l.ect_from::text::jsonb || (jsonb_object('{id}', array[l.ect_user_id]) -> 'id')`
  const before = `coalesce(l.former_ect_user_ids, '[]') || jsonb_set('[0]', '{0}', ${called})`
  return `ect_user_id = coalesce(${id}, l.ect_user_id),
      ect_from = case when ${isNew} then ${from} when ${id} is not null then least(l.ect_from, ${from}) else l.ect_from end,
      former_ect_user_ids = case when ${isNew} and l.ect_user_id is not null
        then case when jsonb_array_length(l.former_ect_user_ids) >= ${MOST_FORMER} then (${before}) - 0 else ${before} end
        else l.former_ect_user_ids end`
}

const LEARN = statement({
  name: 'lanes_learn_ect_user_id',
  parameters: { lanes: { ...LANE_KEY, ectUserId: 'text' } },
  text: ({
    lanes,
  }) => `insert into lanes as l (bucket, organisation_id, listener, user_id, ect_user_id) select * from ${lanes('k')} where ${IN_SLICE}
    on conflict (bucket, organisation_id, listener, user_id) do update set ${callIn('excluded.ect_user_id', 'l.tail + 1')}`,
})

/** Keeps what listeners call users, as they said it. */
export async function learnEctUserIds(db: Queryable, users: readonly LearnedIds[]): Promise<void> {
  const lanes = users.flatMap(({ key, learned }) =>
    [...learned].map(([listener, ectUserId]) => ({ ...key, listener, ectUserId })),
  )
  if (lanes.length > 0) await db.query(LEARN({ lanes: lanes.sort(compareLanes) }))
}
