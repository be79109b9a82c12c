/** Fills the tables with copies of rows that the service wrote itself. */
import type { BenchDatabase } from './database.js'
import { clock } from './receiver.js'
import { type Organisation, TEXT, type Tract } from './tract.js'

const TEMPLATE_USER = 'template'
const LONGEST_MS = 600_000

type Row = Record<string, unknown>

/** The tables that a user's second message leaves a row in, and what finds the newest one. */
const ORDERS = {
  users: 'user_id',
  threads: 'user_id',
  messages: 'message_id',
  lanes: 'tail',
  deliveries: 'sequence',
}
export type Template = Record<keyof typeof ORDERS, Row>

/** Lets a user write, waits until the desk has heard it, and takes what the tables hold then. */
export async function template(database: BenchDatabase, tract: Tract, { writer }: Organisation): Promise<Template> {
  const message = { user_id: TEMPLATE_USER, sender: 'ceu', message_body: TEXT }
  await tract.post('/platform/message/send/', writer, { ...message, user: { user_name: 'Asha Rao' } })
  await tract.post('/platform/message/send/', writer, message)
  await drained(database)
  const taken: Partial<Template> = {}
  for (const [table, order] of Object.entries(ORDERS) as [keyof Template, string][]) {
    const newest = `select to_jsonb(t) as row from ${table} t order by ${order} desc limit 1`
    taken[table] = (await database.client.query<{ row: Row }>(newest)).rows[0]?.row ?? {}
  }
  return taken as Template
}

export interface Users {
  /** Users are `<prefix>0`, `<prefix>1`, … */
  prefix: string
  count: number
}

export interface Backlog {
  users: Users
  perLane: number
  /** Another listener than the template's. */
  listener?: string
}

// $1: the template's row, $2: prefix, $3: number. The bucket as lanes/bucket.ts computes it.
const USERS = `(select $2 || n as user_id, get_byte(sha256(convert_to(($1::jsonb->>'organisation_id') || E'\\n' || $2 || n, 'UTF8')), 0) as bucket
  from generate_series(0, $3::int - 1) n) u`

/** The template's row with these changes. */
const like = (table: string, changes: string) =>
  `lateral jsonb_populate_record(null::${table}, $1::jsonb || jsonb_build_object('bucket', u.bucket, 'user_id', u.user_id, ${changes})) r`

/** Adds deliveries to the lane of each user. They become due together, with the commit. */
export async function addBacklog({ client }: BenchDatabase, rows: Template, ...backlogs: Backlog[]): Promise<void> {
  await client.query('begin')
  for (const backlog of backlogs) await enqueue(client, rows, backlog)
  await client.query('commit')
}

async function enqueue(
  client: BenchDatabase['client'],
  { lanes, deliveries, messages }: Template,
  { users, perLane, listener }: Backlog,
) {
  const given = (row: Row) => [{ ...row, listener: listener ?? lanes.listener }, users.prefix, users.count, perLane]
  const tails = `(select u.*, coalesce(l.tail, 0) as tail from ${USERS} left join lanes l on l.bucket = u.bucket
    and l.organisation_id = ($1::jsonb->>'organisation_id')::uuid and l.listener = $1::jsonb->>'listener' and l.user_id = u.user_id) u`
  // what several listeners hear of a user are the same messages, numbered far from those to come
  await client.query(
    `insert into messages select r.* from (select u.*, 1000000 + tail + s as message_id from ${tails}, generate_series(1, $4::int) s) u, ${like(
      'messages',
      `'message_id', u.message_id, 'opening', replace($1::jsonb->>'opening', '${TEMPLATE_USER}', u.user_id)`,
    )} on conflict do nothing`,
    given({ ...messages, listener: lanes.listener }),
  )
  await client.query(
    `insert into deliveries select r.* from (
        select *, lag(id) over (partition by user_id order by sequence) as previous_id
        from (select u.*, tail + s as sequence, uuidv7() as id from ${tails}, generate_series(1, $4::int) s) numbered
      ) u, ${like(
        'deliveries',
        `'sequence', u.sequence, 'id', u.id, 'previous_id', u.previous_id, 'message_id', 1000000 + u.sequence, 'created_at', now(), 'tried_at', null`,
      )}`,
    given(deliveries),
  )
  await client.query(
    `insert into lanes select r.* from ${tails}, ${like('lanes', `'head', u.tail, 'tail', u.tail + $4::int, 'next_at', now(), 'in_use_since', now()`)}
      on conflict (bucket, organisation_id, listener, user_id) do update set tail = excluded.tail, next_at = excluded.next_at,
        in_use_since = excluded.in_use_since`,
    given(lanes),
  )
}

/** Users who have written before: their threads are open. */
export async function addUsers({ client }: BenchDatabase, rows: Template, { prefix, count }: Users): Promise<void> {
  for (const table of ['users', 'threads'] as const) {
    const insert = `insert into ${table} select r.* from ${USERS}, ${like(table, `'user_name', null`)}`
    await client.query(insert, [rows[table], prefix, count])
  }
}

/** That number of messages and deliveries of each of these users, all of them over. */
export async function addHistory(
  { client }: BenchDatabase,
  rows: Template,
  users: Users,
  perUser: number,
): Promise<void> {
  const given = (row: Row) => [row, users.prefix, users.count]
  const each = `${USERS}, generate_series(1, ${perUser}) s`
  const messages = `insert into messages select r.* from ${each}, ${like('messages', `'message_id', s`)}`
  await client.query(messages, given(rows.messages))
  await client.query(`update threads set last_message_id = $1 where user_id like $2 || '%'`, [perUser, users.prefix])
  const lanes = `insert into lanes select r.* from ${USERS}, ${like('lanes', `'head', ${perUser}, 'tail', ${perUser}`)}`
  await client.query(lanes, given(rows.lanes))
  await client.query(
    `insert into deliveries select r.* from ${each}, ${like('deliveries', `'sequence', s, 'id', uuidv7(), 'previous_id', null, 'message_id', s`)}`,
    given(rows.deliveries),
  )
}

/** Gives a database the statistics and the visibility that it has after a while. */
export async function settle({ client }: BenchDatabase): Promise<void> {
  await client.query('vacuum analyze')
  await client.query('checkpoint')
}

/** Removes every message and delivery. */
export async function clear({ client }: BenchDatabase): Promise<void> {
  await client.query('truncate lanes, deliveries, delivery_ends, attempts, messages, events')
}

/** Waits until nothing is left to deliver and every result is written. Returns when that was. */
export async function drained(database: BenchDatabase): Promise<number> {
  for (const deadline = clock() + LONGEST_MS; clock() < deadline; ) {
    if ((await database.count('lanes where head < tail or lease is not null')) === 0) return clock()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('the backlog was not drained within ten minutes')
}
