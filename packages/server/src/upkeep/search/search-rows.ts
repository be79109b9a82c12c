/** The statements that keep what is found by search. Each can be repeated. */

import { folded, searchedText, wordsOf } from '../../accept/searched.js'
import type { Queryable } from '../../database/queryable.js'
import { IN_SLICE, statement } from '../../database/statement.js'
import { USER_KEY, type UserKey } from '../../lanes/user-key.js'
import type { UserPlace } from '../retention-rows.js'

interface UnreadRow extends Record<string, unknown> {
  bucket: number
  organisation_id: string
  user_id: string
  message_id: number
  /** Null where it was deleted. */
  message_body: string | null
}

// The lock holds off an edit, a deletion and an erasure until the words are committed, so that each finds the words of what it
// changes; what was changed while the lock was waited for is read as it is then.
const UNREAD = statement({
  name: 'messages_unread',
  parameters: { keys: USER_KEY, most: 'int' },
  text: ({ keys, most }) => `
    select m.bucket, m.organisation_id, m.user_id, m.message_id,
      case when m.deleted_at is null then m.message_body::text end as message_body
    from ${keys('k')} cross join lateral (
      select coalesce((select message_id from message_words where bucket = k.bucket and organisation_id = k.organisation_id
        and user_id = k.user_id order by message_id desc limit 1), 0) as read_to offset 0
    ) w join messages m on m.bucket = any(array[k.bucket]) and m.organisation_id = k.organisation_id and m.user_id = k.user_id
      and m.message_id > w.read_to
    order by m.bucket, m.organisation_id, m.user_id, m.message_id limit ${most} for share of m`,
})

const READ = statement({
  name: 'message_words_insert',
  parameters: { messages: { ...USER_KEY, messageId: 'int', text: 'text' } },
  text: ({ messages }) => `
    insert into message_words (bucket, organisation_id, user_id, message_id, words)
    select bucket, organisation_id, user_id, message_id, array_to_tsvector(${wordsOf('text', 'organisation_id')})
    from ${messages('m')} where ${IN_SLICE} on conflict do nothing`,
})

/** Reads the first messages of these threads that were not read yet. For a transaction. @returns how many */
export async function readMessages(db: Queryable, keys: readonly UserKey[], most: number): Promise<number> {
  const { rows } = await db.query<UnreadRow>(UNREAD({ keys, most }))
  if (rows.length === 0) return 0
  const messages = rows.map(({ bucket, organisation_id, user_id, message_id, message_body }) => ({
    bucket,
    organisationId: organisation_id,
    userId: user_id,
    messageId: message_id,
    text: message_body === null ? '' : searchedText(JSON.parse(message_body)),
  }))
  await db.query(READ({ messages }))
  return rows.length
}

/** Those of the buckets that have threads. */
export async function inhabited(db: Queryable, buckets: readonly number[]): Promise<number[]> {
  const { rows } = await db.query<{ bucket: number }>({
    name: 'search_inhabited',
    text: `select b.bucket from unnest($1::smallint[]) as b(bucket)
      where exists (select from threads t where t.bucket = b.bucket offset 0)`,
    values: [buckets],
  })
  return rows.map(({ bucket }) => bucket)
}

export interface Swept {
  /** Those that have messages which were not read. */
  unread: UserKey[]
  /** Those whose name is not folded yet. */
  unnamed: { key: UserKey; userName: string }[]
  /** Where to go on; null at the end. */
  next: UserPlace | null
}

interface SweptRow extends Record<string, unknown> {
  organisation_id: string
  user_id: string
  is_unread: boolean
  user_name: string | null
  search_name: string | null
}

const SWEEP = `
  with seen as materialized (
    select organisation_id, user_id, last_message_id from threads where bucket = $1 and (organisation_id, user_id) > ($2::uuid, $3::text)
    order by organisation_id, user_id limit $4
  ), dated as (
    update threads t set active_in = date_bin('10 minutes', t.last_activity_at, timestamptz 'epoch') from seen s
    where t.bucket = $1 and t.organisation_id = s.organisation_id and t.user_id = s.user_id and t.active_in is null
  )
  select s.organisation_id, s.user_id, u.user_name, u.search_name, s.last_message_id > coalesce((
      select message_id from message_words where bucket = $1 and organisation_id = s.organisation_id and user_id = s.user_id
      order by message_id desc limit 1
    ), 0) as is_unread
  from seen s cross join lateral (
    select user_name, search_name from users where bucket = $1 and organisation_id = s.organisation_id and user_id = s.user_id offset 0
  ) u order by s.organisation_id, s.user_id`

/** The next threads of a bucket. Those from before threads were found by their last activity get that too. */
export async function sweep(
  db: Queryable,
  { bucket, organisationId, userId }: UserPlace,
  users: number,
): Promise<Swept> {
  const { rows } = await db.query<SweptRow>({
    name: 'search_sweep',
    text: SWEEP,
    values: [bucket, organisationId, userId, users],
  })
  const keyOf = (row: SweptRow): UserKey => ({ bucket, organisationId: row.organisation_id, userId: row.user_id })
  const last = rows.at(-1)
  return {
    unread: rows.filter(({ is_unread }) => is_unread).map(keyOf),
    unnamed: rows.flatMap((row) =>
      row.user_name !== null && row.search_name === null ? { key: keyOf(row), userName: row.user_name } : [],
    ),
    next: last && rows.length === users ? keyOf(last) : null,
  }
}

const NAME = statement({
  name: 'users_name',
  parameters: { users: { ...USER_KEY, userName: 'text', searchName: 'text' } },
  text: ({ users }) => `
    update users u set search_name = n.search_name from ${users('n')}
    where u.bucket = any(array[n.bucket]) and u.organisation_id = n.organisation_id and u.user_id = n.user_id and u.user_name = n.user_name`,
})

/** Users from before names were folded. */
export async function foldNames(db: Queryable, users: Swept['unnamed']): Promise<void> {
  if (users.length === 0) return
  await db.query(
    NAME({ users: users.map(({ key, userName }) => ({ ...key, userName, searchName: folded(userName) })) }),
  )
}
