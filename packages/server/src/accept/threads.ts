import { randomInt } from 'node:crypto'
import type { PassContext } from '@tract/contract'
import type { Queryable } from '../database/queryable.js'
import { statement } from '../database/statement.js'
import { BUCKETS } from '../lanes/bucket.js'
import { USER_KEY, type UserKey } from '../lanes/user-key.js'

export interface UserRecord {
  userId: string
  thirdPartyUserId: string | null
  /** Those before it, the oldest first. */
  formerThirdPartyUserIds: readonly string[] | null
  userName: string | null
  devicePlatform: string | null
  details: Record<string, unknown>
}

export interface ThreadRecord {
  owner: string | null
  epoch: number
  conversationNumber: number
  conversationState: 'bot' | 'incomplete' | 'waiting' | 'pinned' | 'complete'
  pendingRequest: { from: string; expiresAt: number; context?: PassContext } | null
  /** What thread control keeps of it. */
  offer: unknown
  offerNumber: number
  /** Milliseconds since 1970, as `deadlineAt`. */
  lastActivityAt: number
  deadlineAt: number | null
  /** What thread control remembers; only it knows what stands in it. */
  memory: unknown
}

/** A thread as it is in the database, with its user. */
export interface StoredThread {
  key: UserKey
  thread: ThreadRecord
  lastMessageId: number
  user: UserRecord
  /** Changes with the thread, with the user, and with what is enqueued for its lanes. */
  version: number
  /** False if the lock was waited for: then the user may be older than the thread. */
  userIsCurrent: boolean
  configVersion: number
}

interface Row {
  bucket: number
  organisation_id: string
  user_id: string
  owner: string | null
  epoch: number
  conversation_number: number
  conversation_state: ThreadRecord['conversationState']
  pending_request: ThreadRecord['pendingRequest']
  offer: unknown
  offer_number: number
  last_message_id: number
  last_activity_at: Date
  deadline_at: Date | null
  memory: unknown
  third_party_user_id: string | null
  former_third_party_user_ids: string[] | null
  user_name: string | null
  device_platform: string | null
  details: Record<string, unknown>
  version: number
  user_is_current: boolean
  config_version: number
}

const FIRST_VERSIONS = 2 ** 47

/** SQL of the ten minutes that a time is in. */
export const tenMinutesOf = (time: string): string => `date_bin('10 minutes', ${time}, timestamptz 'epoch')`

/** Joins `threads t` to users by the primary key: see `laneOf`. */
export const threadOf = (from: string): string =>
  `t.bucket = any(array[${from}.bucket]) and t.organisation_id = ${from}.organisation_id and t.user_id = ${from}.user_id`

const select = (
  keys: (alias: string) => string,
) => `select t.bucket, t.organisation_id, t.user_id, t.owner, t.epoch, t.conversation_number, t.conversation_state,
    t.pending_request, t.offer, t.offer_number, t.last_message_id, t.last_activity_at, t.deadline_at, t.memory, t.version,
    u.third_party_user_id, u.former_third_party_user_ids, u.user_name, u.device_platform, u.details, o.config_version, t.version = u.seen_version as user_is_current
  from ${keys('k')} join threads t on ${threadOf('k')}
  cross join lateral (
    select third_party_user_id, former_third_party_user_ids, user_name, device_platform, details, (select version from threads where bucket = k.bucket
      and organisation_id = k.organisation_id and user_id = k.user_id) as seen_version from users
    where bucket = k.bucket and organisation_id = k.organisation_id and user_id = k.user_id offset 0
  ) u
  join organisations o on o.id = t.organisation_id`

// Ordered by what is asked for: a plan that scans an index of threads for their order is never wanted.
const LOCK = statement({
  name: 'threads_lock',
  parameters: { keys: USER_KEY },
  text: ({ keys }) => `${select(keys)} order by k.bucket, k.organisation_id, k.user_id for update of t`,
})

const READ = statement({ name: 'threads_read', parameters: { keys: USER_KEY }, text: ({ keys }) => select(keys) })

/**
 * The threads of some users, locked in the order of their keys until the transaction ends: everything on one thread is
 * serialised here. A user that does not exist is left out.
 */
export const lockThreads = (db: Queryable, keys: readonly UserKey[]): Promise<StoredThread[]> =>
  read(db, LOCK({ keys }))

/** A thread without the lock, only to be looked at. */
export const readThread = async (db: Queryable, key: UserKey): Promise<StoredThread | null> =>
  (await read(db, READ({ keys: [key] })))[0] ?? null

async function read(db: Queryable, query: Parameters<Queryable['query']>[0]): Promise<StoredThread[]> {
  const { rows } = await db.query<Row>(query)
  return rows.map((row) => ({
    key: { bucket: row.bucket, organisationId: row.organisation_id, userId: row.user_id },
    thread: {
      owner: row.owner,
      epoch: row.epoch,
      conversationNumber: row.conversation_number,
      conversationState: row.conversation_state,
      pendingRequest: row.pending_request,
      offer: row.offer,
      offerNumber: row.offer_number,
      lastActivityAt: row.last_activity_at.getTime(),
      deadlineAt: row.deadline_at?.getTime() ?? null,
      memory: row.memory,
    },
    lastMessageId: row.last_message_id,
    user: {
      userId: row.user_id,
      thirdPartyUserId: row.third_party_user_id,
      formerThirdPartyUserIds: row.former_third_party_user_ids,
      userName: row.user_name,
      devicePlatform: row.device_platform,
      details: row.details,
    },
    version: row.version,
    userIsCurrent: row.user_is_current,
    configVersion: row.config_version,
  }))
}

/**
 * Creates the thread of a new user. If there is one, the user was made by another call just now, and has changed. The first
 * version is random: a process that remembers an erased user's thread must not mistake the new one for it.
 * @param mark stands for the user among those who were erased: then the numbers go on; null: they begin at 1 in any case
 */
export async function createThread(
  queryable: Queryable,
  key: UserKey,
  memory: unknown,
  now: Date,
  mark: Buffer | null,
): Promise<void> {
  const { bucket, organisationId, userId } = key
  await queryable.query({
    name: 'thread_create',
    text: `with created as (
      insert into threads as t (bucket, organisation_id, user_id, last_activity_at, active_in, memory, version,
        conversation_number, offer_number, last_message_id)
      select $1::smallint, $2::uuid, $3::text, $4::timestamptz, ${tenMinutesOf('$4::timestamptz')}, $5::jsonb, $6::bigint,
        coalesce(e.conversation_number, 0), coalesce(e.offer_number, 0), coalesce(e.last_message_id, 0)
      from (select 1) one left join erased_users e on e.bucket = $1 and e.organisation_id = $2 and e.mark = $7
      on conflict (bucket, organisation_id, user_id) do update set version = t.version + 1
    ) select`,
    values: [bucket, organisationId, userId, now, JSON.stringify(memory), randomInt(FIRST_VERSIONS), mark],
  })
}

/** The user has changed: who remembers the thread reads it again. */
export async function renewThread(queryable: Queryable, { bucket, organisationId, userId }: UserKey): Promise<void> {
  await queryable.query({
    name: 'thread_renew',
    text: 'update threads set version = version + 1 where bucket = $1 and organisation_id = $2 and user_id = $3',
    values: [bucket, organisationId, userId],
  })
}

/**
 * Threads whose timer has run out: one index look-up in each bucket. Each call begins with a random bucket, so that
 * processes seldom meet, and threads that fail again and again do not come before all others.
 */
export async function dueThreads(queryable: Queryable, now: Date, limit: number): Promise<UserKey[]> {
  const first = Math.floor(Math.random() * BUCKETS)
  const buckets = Array.from({ length: BUCKETS }, (_, index) => (first + index) % BUCKETS)
  const { rows } = await queryable.query<UserKey>({
    name: 'threads_due',
    text: `select t.* from unnest($3::smallint[]) as b(bucket) cross join lateral (
        select bucket, organisation_id as "organisationId", user_id as "userId" from threads where bucket = b.bucket and deadline_at <= $1 order by deadline_at limit $2
      ) t limit $2`,
    values: [now, limit, buckets],
  })
  return rows
}

/** Users whose thread a listener controls or is offered, in pages by (bucket, user). */
export async function threadsOfListener(
  queryable: Queryable,
  organisationId: string,
  listener: string,
  after: Pick<UserKey, 'bucket' | 'userId'>,
  limit: number,
): Promise<UserKey[]> {
  const { rows } = await queryable.query<UserKey>({
    text: `select bucket, organisation_id as "organisationId", user_id as "userId" from threads where organisation_id = $1 and (owner = $2 or offer->>'to' = $2) and (bucket, user_id) > ($3, $4)
      order by bucket, user_id limit $5`,
    values: [organisationId, listener, after.bucket, after.userId, limit],
  })
  return rows
}
