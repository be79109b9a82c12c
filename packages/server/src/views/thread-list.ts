import type { ThreadRecord } from '../accept/threads.js'
import type { Queryable } from '../database/queryable.js'
import { ALL_BUCKETS } from '../lanes/deliveries.js'

/** How a thread stands, by the names that this has on the wire. */
export interface ThreadListRow {
  user_id: string
  user_name: string | null
  state: ThreadRecord['conversationState']
  owner: string | null
  conversation_number: number
  last_activity_at: Date
  pending_deliveries: number
  oldest_head_at: Date | null
}

export interface ThreadFilter {
  organisationId: string
  userIdPrefix?: string | undefined
  state?: ThreadRecord['conversationState'] | undefined
  controller?: string | undefined
}

export interface ThreadListPage {
  threads: ThreadListRow[]
  /** The user after which the next page begins; null on the last. */
  next: string | null
}

/** Threads that a page looks at for those that are wanted: rare ones are found in steps, none of which is long. */
const LOOKED_AT = 500

// Each bucket gives its first users in the order of its key, and the first of those are looked at.
const CANDIDATES = `
  select t.* from unnest($1::smallint[]) as b(bucket) cross join lateral (
    select bucket, organisation_id, user_id, owner, conversation_number, conversation_state, last_activity_at from threads
    where bucket = b.bucket and organisation_id = $2 and user_id > $3 and user_id >= $4 order by user_id limit $5
  ) t order by user_id limit $5`

const LIST = `
  with candidates as materialized (${CANDIDATES}),
  found as materialized (
    select * from candidates
    where starts_with(user_id, $4) and ($6::text is null or conversation_state::text = $6) and ($7::text is null or owner = $7)
    order by user_id limit $8
  ), lanes_of as (
    select f.user_id, coalesce(sum(l.tail - l.head), 0)::int as pending_deliveries, min(d.created_at) as oldest_head_at
    from found f
      join listeners s on s.organisation_id = f.organisation_id
      cross join lateral (
        select * from lanes where bucket = f.bucket and organisation_id = f.organisation_id and listener = s.listener_id and user_id = f.user_id
          and head < tail offset 0
      ) l
      left join lateral (
        select created_at from deliveries where bucket = l.bucket and organisation_id = l.organisation_id and listener = l.listener
          and user_id = l.user_id and sequence = l.head + 1 offset 0
      ) d on true
    group by f.user_id
  )
  select f.user_id, u.user_name, f.conversation_state as state, f.owner, f.conversation_number, f.last_activity_at,
    coalesce(l.pending_deliveries, 0) as pending_deliveries, l.oldest_head_at, c.looked_at, c.last_looked_at
  from (select count(*)::int as looked_at, max(user_id) as last_looked_at from candidates) c
    left join found f on true
    left join lanes_of l on l.user_id = f.user_id
    left join lateral (
      select user_name from users where bucket = f.bucket and organisation_id = f.organisation_id and user_id = f.user_id offset 0
    ) u on true
  order by f.user_id`

type Row = ThreadListRow & { looked_at: number; last_looked_at: string | null }

/** By user id, at most `limit` of them. A filter may leave a page short of that: the next one goes on from where this one ended. */
export async function listThreads(
  db: Queryable,
  { organisationId, userIdPrefix = '', state, controller }: ThreadFilter,
  { limit, after = '' }: { limit: number; after?: string | undefined },
): Promise<ThreadListPage> {
  const isFiltered = userIdPrefix !== '' || state !== undefined || controller !== undefined
  const lookAt = isFiltered ? Math.max(LOOKED_AT, limit + 1) : limit + 1
  const { rows } = await db.query<Row>({
    text: LIST,
    values: [ALL_BUCKETS, organisationId, after, userIdPrefix, lookAt, state ?? null, controller ?? null, limit + 1],
  })
  const found = rows.filter(({ user_id }) => user_id !== null)
  const threads = found.slice(0, limit)
  const [{ looked_at: lookedAt, last_looked_at: lastLookedAt }] = rows as [Row]
  if (found.length > limit) return { threads, next: threads.at(-1)?.user_id ?? null }
  const isThere = lookedAt === lookAt && lastLookedAt?.startsWith(userIdPrefix)
  return { threads, next: isThere ? lastLookedAt : null }
}
