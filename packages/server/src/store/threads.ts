import type { Queryable } from './queryable.js'

/** Names a user: what every row of the user's is keyed by. */
export interface UserKey {
  bucket: number
  organisationId: string
  userId: string
}

export interface UserRecord {
  userId: string
  thirdPartyUserId: string | null
  userName: string | null
  devicePlatform: string | null
  details: Record<string, unknown>
}

export interface ThreadRecord {
  owner: string | null
  epoch: number
  conversationNumber: number
  conversationState: 'bot' | 'incomplete' | 'waiting' | 'pinned' | 'complete'
  pendingRequest: { from: string; expiresAt: number } | null
  /** Milliseconds since 1970, as `deadlineAt`. */
  lastActivityAt: number
  deadlineAt: number | null
  /** What thread control remembers; only it knows what stands in it. */
  memory: unknown
}

export interface LockedThread {
  thread: ThreadRecord
  lastMessageId: number
  user: UserRecord
  configVersion: number
}

interface Row {
  owner: string | null
  epoch: number
  conversation_number: number
  conversation_state: ThreadRecord['conversationState']
  pending_request: ThreadRecord['pendingRequest']
  last_message_id: number
  last_activity_at: Date
  deadline_at: Date | null
  memory: unknown
  third_party_user_id: string | null
  user_name: string | null
  device_platform: string | null
  details: Record<string, unknown>
  config_version: number
}

const SELECT = `select t.owner, t.epoch, t.conversation_number, t.conversation_state, t.pending_request, t.last_message_id, t.last_activity_at,
    t.deadline_at, t.memory, u.third_party_user_id, u.user_name, u.device_platform, u.details, o.config_version
  from threads t
  join users u on u.bucket = t.bucket and u.organisation_id = t.organisation_id and u.user_id = t.user_id
  join organisations o on o.id = t.organisation_id
  where t.bucket = $1 and t.organisation_id = $2 and t.user_id = $3`

/** The user's thread, locked until the transaction ends: everything on one thread is serialised here. Null: there is no such user. */
export async function lockThread(queryable: Queryable, key: UserKey): Promise<LockedThread | null> {
  return read(queryable, key, 'thread_lock', `${SELECT} for update of t`)
}

/** The same without the lock, for those who only look. */
export async function readThread(queryable: Queryable, key: UserKey): Promise<LockedThread | null> {
  return read(queryable, key, 'thread_read', SELECT)
}

async function read(queryable: Queryable, key: UserKey, name: string, text: string): Promise<LockedThread | null> {
  const { rows } = await queryable.query<Row>({ name, text, values: [key.bucket, key.organisationId, key.userId] })
  const row = rows[0]
  if (!row) return null
  return {
    thread: {
      owner: row.owner,
      epoch: row.epoch,
      conversationNumber: row.conversation_number,
      conversationState: row.conversation_state,
      pendingRequest: row.pending_request,
      lastActivityAt: row.last_activity_at.getTime(),
      deadlineAt: row.deadline_at?.getTime() ?? null,
      memory: row.memory,
    },
    lastMessageId: row.last_message_id,
    user: {
      userId: key.userId,
      thirdPartyUserId: row.third_party_user_id,
      userName: row.user_name,
      devicePlatform: row.device_platform,
      details: row.details,
    },
    configVersion: row.config_version,
  }
}

/** Gives a new user its thread; one that is there stays. */
export async function createThread(queryable: Queryable, key: UserKey, memory: unknown, now: Date): Promise<void> {
  await queryable.query({
    name: 'thread_create',
    text: `insert into threads (bucket, organisation_id, user_id, last_activity_at, memory) values ($1, $2, $3, $4, $5)
      on conflict do nothing`,
    values: [key.bucket, key.organisationId, key.userId, now, JSON.stringify(memory)],
  })
}

export async function saveThread(
  queryable: Queryable,
  key: UserKey,
  thread: ThreadRecord,
  lastMessageId: number,
): Promise<void> {
  await queryable.query({
    name: 'thread_save',
    text: `update threads set owner = $4, epoch = $5, conversation_number = $6, conversation_state = $7, pending_request = $8,
        last_message_id = $9, last_activity_at = $10, deadline_at = $11, memory = $12
      where bucket = $1 and organisation_id = $2 and user_id = $3`,
    values: [
      key.bucket,
      key.organisationId,
      key.userId,
      thread.owner,
      thread.epoch,
      thread.conversationNumber,
      thread.conversationState,
      thread.pendingRequest && JSON.stringify(thread.pendingRequest),
      lastMessageId,
      new Date(thread.lastActivityAt),
      thread.deadlineAt === null ? null : new Date(thread.deadlineAt),
      JSON.stringify(thread.memory),
    ],
  })
}

/** Threads whose timer has run out: an index look-up in each bucket, however many there are. */
export async function dueThreads(queryable: Queryable, now: Date, limit: number): Promise<UserKey[]> {
  const { rows } = await queryable.query<{ bucket: number; organisation_id: string; user_id: string }>({
    name: 'threads_due',
    text: `select t.* from generate_series(0, 255) b cross join lateral (
        select bucket, organisation_id, user_id from threads where bucket = b and deadline_at <= $1 order by deadline_at limit $2) t limit $2`,
    values: [now, limit],
  })
  return rows.map((row) => ({ bucket: row.bucket, organisationId: row.organisation_id, userId: row.user_id }))
}

/** Users whose thread a listener controls, in pages by (bucket, user). */
export async function threadsOwnedBy(
  queryable: Queryable,
  organisationId: string,
  listener: string,
  after: Pick<UserKey, 'bucket' | 'userId'>,
  limit: number,
): Promise<UserKey[]> {
  const { rows } = await queryable.query<{ bucket: number; user_id: string }>({
    text: `select bucket, user_id from threads where organisation_id = $1 and owner = $2 and (bucket, user_id) > ($3, $4)
      order by bucket, user_id limit $5`,
    values: [organisationId, listener, after.bucket, after.userId, limit],
  })
  return rows.map((row) => ({ bucket: row.bucket, organisationId, userId: row.user_id }))
}
