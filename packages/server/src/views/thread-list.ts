import { folded } from '../accept/searched.js'
import { type ThreadRecord, tenMinutesOf } from '../accept/threads.js'
import type { Queryable } from '../database/queryable.js'
import { firstOf, type Sliced } from '../database/slices.js'
import { statement } from '../database/statement.js'
import { ALL_BUCKETS } from '../lanes/delivery-places.js'
import { calledSo, type Hit, saidBy } from './thread-search.js'

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
  /** In a search by what was said: the newest message that has the words. */
  found_id: number | null
  found_at: Date | null
  found_body: unknown
}

export type ThreadOrder = 'user_id' | 'last_activity'

export interface ThreadFilter {
  organisationId: string
  userIdPrefix?: string | undefined
  userNamePrefix?: string | undefined
  state?: ThreadRecord['conversationState'] | undefined
  controller?: string | undefined
  /** Words that have to be in one message: see `queryOf`. */
  query?: string | undefined
}

/** Where a page begins: behind this thread. */
export interface ThreadCursor {
  userId: string
  /** Of its last activity. */
  at: Date
}

export interface ThreadListPage {
  threads: ThreadListRow[]
  /** The thread behind which the next page begins; null on the last. */
  next: ThreadCursor | null
}

/** Threads that a page looks at for those that are wanted: rare ones are found in steps, none of which is long. */
const LOOKED_AT = 500
/** How many times as many threads as a page has are looked at first for words. */
const SOON = 3
/** The newest messages of a thread that are looked at for words that very many threads have. */
const LOOKED_INTO = 200

const COLUMNS = 'bucket, organisation_id, user_id, owner, conversation_number, conversation_state, last_activity_at'

const ORDERS: Record<ThreadOrder, (row: string, direction?: 'asc' | 'desc') => string> = {
  user_id: (row, direction = 'asc') => `${row}.user_id ${direction}`,
  last_activity: (row, direction = 'desc') => `${row}.last_activity_at ${direction}, ${row}.user_id ${direction}`,
}
/** How a text refers to its parameters. */
type Names = Readonly<Record<string, string>>

const BACKWARDS = { user_id: 'desc', last_activity: 'asc' } as const

/**
 * Threads in their order, as many as are looked at. By user id, each bucket gives its first in the order of its key, and the first of those
 * are taken. By last activity, the newest ten minutes are sorted, and then those before them.
 */
const IN_ORDER: Record<ThreadOrder, (parameters: Names) => string> = {
  user_id: ({ buckets, organisationId, afterUser, userIdPrefix, lookAt }) => `
    select t.* from unnest(${buckets}) as b(bucket) cross join lateral (
      select ${COLUMNS} from threads
      where bucket = b.bucket and organisation_id = ${organisationId} and user_id > ${afterUser} and user_id >= ${userIdPrefix} order by user_id limit ${lookAt}
    ) t order by user_id limit ${lookAt}`,
  last_activity: ({ organisationId, afterUser, afterAt, lookAt }) => `
    select ${COLUMNS} from threads
    where organisation_id = ${organisationId} and active_in is not null and active_in <= ${tenMinutesOf(afterAt ?? '')}
      and (last_activity_at, user_id) < (${afterAt}, ${afterUser})
    order by active_in desc, last_activity_at desc, user_id desc limit ${lookAt}`,
}

const BEHIND: Record<ThreadOrder, (parameters: Names) => string> = {
  user_id: ({ afterUser }) => `t.user_id > ${afterUser}`,
  last_activity: ({ afterUser, afterAt }) => `(t.last_activity_at, t.user_id) < (${afterAt}, ${afterUser})`,
}

const FILTER = {
  organisationId: 'uuid',
  userIdPrefix: 'text',
  state: 'text',
  controller: 'text',
  namePrefix: 'text',
  limit: 'int',
} as const

/** What a page shows, by the CTE `candidates`: threads, with the message that was found on each, or null. */
const page = (order: ThreadOrder, filter: Names, words = 'true') => `
  found as materialized (
    select c.*, u.user_name from candidates c left join lateral (
      select user_name, search_name from users where bucket = c.bucket and organisation_id = c.organisation_id and user_id = c.user_id offset 0
    ) u on true
    where starts_with(c.user_id, ${filter.userIdPrefix}) and (${filter.state} is null or c.conversation_state::text = ${filter.state})
      and (${filter.controller} is null or c.owner = ${filter.controller})
      and (${filter.namePrefix} is null or starts_with(u.search_name, ${filter.namePrefix})) and ${words}
    order by ${ORDERS[order]('c')} limit ${filter.limit}
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
  select f.user_id, f.user_name, f.conversation_state as state, f.owner, f.conversation_number, f.last_activity_at,
    coalesce(l.pending_deliveries, 0) as pending_deliveries, l.oldest_head_at, f.found_id, m.timestamp as found_at, m.message_body as found_body,
    (select count(*)::int from candidates) as looked_at, last.user_id as last_user, last.last_activity_at as last_at
  from (select 1) one
    left join lateral (select * from candidates c order by ${ORDERS[order]('c', BACKWARDS[order])} limit 1) last on true
    left join found f on true
    left join lanes_of l on l.user_id = f.user_id
    left join lateral (
      select timestamp, message_body from messages
      where bucket = f.bucket and organisation_id = f.organisation_id and user_id = f.user_id and message_id = f.found_id offset 0
    ) m on true
  order by ${ORDERS[order]('f')}`

type AfterTypes = Readonly<Record<string, 'text' | 'timestamptz' | 'smallint[]'>>

/** @param after what says where a page begins, and `more` what a walk needs beside it */
function statementsOf<const After extends AfterTypes, const More extends AfterTypes>(
  order: ThreadOrder,
  after: After,
  more: More,
) {
  const walked = { ...FILTER, ...after, ...more, lookAt: 'int' } as const
  return {
    /** Threads in their order are looked at. */
    walk: statement({
      parameters: walked,
      text: (given) => {
        const names = given as unknown as Names
        return `with candidates as materialized (select t.*, null::int as found_id from (${IN_ORDER[order](names)}) t), ${page(order, names)}`
      },
    }),
    /** The same for words that very many messages have. */
    walkForWords: statement({
      parameters: { ...walked, query: 'text' },
      text: (given) => {
        const names = given as unknown as Names
        return `with candidates as materialized (
          select t.*, w.message_id as found_id from (${IN_ORDER[order](names)}) t left join lateral (
            select message_id from (
              select message_id, words from message_words where bucket = t.bucket and organisation_id = t.organisation_id and user_id = t.user_id
              order by message_id desc limit ${LOOKED_INTO}
            ) w where words @@ ${names.query}::tsquery order by message_id desc limit 1
          ) w on true), ${page(order, names, 'c.found_id is not null')}`
      },
    }),
    /** Of those that may be meant, all are looked at. */
    among: statement({
      parameters: { ...FILTER, ...after, hits: { bucket: 'smallint', userId: 'text', messageId: 'int' } },
      text: (given) => {
        const names = given as unknown as Names
        const { hits } = given as unknown as { hits: (alias: string) => string }
        return `with candidates as materialized (
          select t.*, h.message_id as found_id from ${hits('h')} cross join lateral (
            select ${COLUMNS} from threads where bucket = h.bucket and organisation_id = ${names.organisationId} and user_id = h.user_id offset 0
          ) t where ${BEHIND[order](names)}), ${page(order, names)}`
      },
    }),
  }
}

const STATEMENTS = {
  user_id: statementsOf('user_id', { afterUser: 'text' }, { buckets: 'smallint[]' }),
  last_activity: statementsOf('last_activity', { afterUser: 'text', afterAt: 'timestamptz' }, {}),
}

type Row = ThreadListRow & { looked_at: number; last_user: string | null; last_at: Date | null }

/** Later than every activity, and behind no user. */
const FIRST: Record<ThreadOrder, ThreadCursor> = {
  user_id: { userId: '', at: new Date(0) },
  last_activity: { userId: '', at: new Date('9999-01-01') },
}

interface Page {
  order: ThreadOrder
  limit: number
  after?: ThreadCursor | undefined
}

/** At most `limit` of them. A filter may leave a page short of that: the next one goes on from where this one ended. */
export async function listThreads(
  slices: Sliced<Queryable>,
  filter: ThreadFilter,
  page: Page,
): Promise<ThreadListPage> {
  const pages = await slices.ask((db) => pageOf(db, filter, page))
  const [only] = pages
  return only && pages.length === 1 ? only : together(slices.first, pages, page)
}

/** Of the pages of several slices, one. */
async function together(
  db: Queryable,
  pages: readonly ThreadListPage[],
  { order, limit }: Page,
): Promise<ThreadListPage> {
  const ends = pages.flatMap(({ next }) => next ?? [])
  const ids = [...pages.flatMap(({ threads }) => threads.map(({ user_id }) => user_id)), ...ends.map((e) => e.userId)]
  // as the database orders them, whatever its collation is
  const { rows } = await db.query<{ id: string }>({
    text: 'select id from unnest($1::text[]) as u(id) order by id',
    values: [ids],
  })
  const ranks = new Map(rows.map(({ id }, rank) => [id, rank]))
  const byId = (a: ThreadCursor, b: ThreadCursor) => (ranks.get(a.userId) ?? 0) - (ranks.get(b.userId) ?? 0)
  const compare: typeof byId = order === 'user_id' ? byId : (a, b) => b.at.getTime() - a.at.getTime() || byId(b, a)
  // up to there, every slice has been gone through
  const [end = null] = ends.sort(compare)
  const found = pages.map(({ threads }) => threads.filter((row) => end === null || compare(placeOf(row), end) <= 0))
  const threads = firstOf(found, (a, b) => compare(placeOf(a), placeOf(b)), limit)
  return { threads, next: threads.length < found.flat().length ? cursorOf(threads.at(-1)) : end }
}

async function pageOf(
  db: Queryable,
  filter: ThreadFilter,
  { order, limit, after = FIRST[order] }: Page,
): Promise<ThreadListPage> {
  const { organisationId, userIdPrefix = '', userNamePrefix, state = null, controller = null, query } = filter
  const isFiltered = [filter.userIdPrefix, userNamePrefix, filter.state, filter.controller, query].some(
    (one) => one !== undefined,
  )
  const lookAt = isFiltered ? Math.max(LOOKED_AT, limit + 1) : limit + 1
  const namePrefix = userNamePrefix === undefined ? null : folded(userNamePrefix)
  const common = { organisationId, userIdPrefix, state, controller, namePrefix, limit: limit + 1 }
  const from = { ...common, afterUser: after.userId, afterAt: after.at, lookAt }
  const { walk, walkForWords, among } = STATEMENTS[order]
  const walked = { ...from, buckets: ALL_BUCKETS }
  if (query !== undefined) {
    // what many threads have is met soon, and then the index is not asked, which would name them all
    const { rows } = await db.query<Row>(walkForWords({ ...walked, lookAt: SOON * (limit + 1), query }))
    if (rows.length > limit) return { threads: rows.slice(0, limit), next: cursorOf(rows[limit - 1]) }
  }
  const hits = await hitsOf(db, filter)
  const { rows } = await db.query<Row>(
    hits ? among({ ...from, hits }) : query === undefined ? walk(walked) : walkForWords({ ...walked, query }),
  )
  const found = rows.filter(({ user_id }) => user_id !== null)
  const threads = found.slice(0, limit)
  if (found.length > limit) return { threads, next: cursorOf(threads.at(-1)) }
  const [{ looked_at: lookedAt, last_user: userId, last_at: at }] = rows as [Row]
  const isEnd = hits !== null || lookedAt < lookAt || userId === null || at === null
  if (isEnd || (order === 'user_id' && !userId.startsWith(userIdPrefix))) return { threads, next: null }
  return { threads, next: { userId, at } }
}

/** The threads that may be meant, where they are few; null where they are to be gone through in their order. */
async function hitsOf(db: Queryable, { organisationId, userNamePrefix, query }: ThreadFilter): Promise<Hit[] | null> {
  const said = query === undefined ? null : await saidBy(db, organisationId, query)
  // users who are called so are told from others by the list; those on whose threads it was said are not
  if (said || query !== undefined || userNamePrefix === undefined) return said
  return calledSo(db, organisationId, userNamePrefix)
}

const placeOf = (row: ThreadListRow): ThreadCursor => ({ userId: row.user_id, at: row.last_activity_at })
const cursorOf = (row: ThreadListRow | undefined): ThreadCursor | null => (row ? placeOf(row) : null)
