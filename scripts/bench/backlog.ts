/** Fills the real tables as if so much had been accepted before. */
import type { BenchDatabase } from './database.js'
import { clock } from './receiver.js'

export interface Backlog {
  organisation: string
  listener: string
  /** Lanes are users: `<prefix>1` … */
  prefix: string
  lanes: number
  perLane: number
}

// The bucket as store/bucket.ts has it.
const BUCKET = `get_byte(sha256(convert_to($1 || E'\\n' || user_id, 'UTF8')), 0)`

const BODY = `format('{"user_id":"%s","conversation_number":"1","message_body":{"text":"Where is my order? It was to come on Monday, and the page still says that it is being packed.","type":"TEXT","data":{"quick_replies":[]}},"sender":"ceu","message_id":%s,"timestamp":"2026-11-22T10:00:00.000Z","listener":"message_delivery","in_control":true}', user_id, sequence)`

/** Lanes that are due, with deliveries that nobody has tried. */
export async function fillBacklog({ client }: BenchDatabase, backlog: Backlog): Promise<void> {
  const { organisation, listener, prefix, lanes, perLane } = backlog
  const users = `(select $3 || n as user_id from generate_series(1, $4::int) n) users`
  const lane = [organisation, listener, prefix, lanes]
  await client.query('begin')
  await client.query(
    `insert into deliveries (bucket, organisation_id, listener, user_id, sequence, id, previous_id, category, subcategory, state,
        attempts, created_at, body)
      select bucket, $1::uuid, $2, user_id, sequence, id, lag(id) over (partition by user_id order by sequence), 'message', 'receive',
        'pending', 0, now(), ${BODY}
      from (select ${BUCKET} as bucket, user_id, sequence, uuidv7() as id from generate_series(1, $5::int) sequence, ${users}) one`,
    [...lane, perLane],
  )
  await client.query(
    `insert into lanes (bucket, organisation_id, listener, user_id, head, tail, next_at)
      select ${BUCKET}, $1::uuid, $2, user_id, 0, $5::int, now() from ${users}`,
    [...lane, perLane],
  )
  await client.query('commit')
}

/** What statistics the database would have after a while. */
export async function settle({ client }: BenchDatabase): Promise<void> {
  await client.query('vacuum analyze')
  await client.query('checkpoint')
}

/** Takes away every message and delivery. */
export async function clear({ client }: BenchDatabase): Promise<void> {
  await client.query('truncate lanes, deliveries, attempts, messages, events')
}

/** Waits until nothing is to be delivered any more, and everything has been written. Answers when that was. */
export async function drained(database: BenchDatabase): Promise<number> {
  for (const deadline = clock() + 300_000; clock() < deadline; ) {
    if ((await database.count('lanes where head < tail or lease is not null')) === 0) return clock()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('the backlog was not drained within five minutes')
}
