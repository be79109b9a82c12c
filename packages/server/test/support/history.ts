/** History of a user as the service would have written it at some time in the past. */
import type pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { bucketOf } from '../../src/lanes/bucket.js'

export interface Past {
  organisationId: string
  userId: string
  listener: string
  /** When a message was accepted, in order; each with an event and a delivery. */
  at: readonly Date[]
  /** How many of the deliveries have ended; the others wait. */
  ended: number
  /** Sequences of those that ended undeliverable. */
  undeliverable?: readonly number[]
}

/** @returns the ids of the deliveries, in order */
export async function writePast(db: pg.Pool, past: Past): Promise<string[]> {
  const { organisationId, userId, listener, at, ended, undeliverable = [] } = past
  const key = [bucketOf(organisationId, userId), organisationId, userId]
  const last = at.at(-1) ?? new Date()
  const rows = at.map((time, index) => ({ time, sequence: index + 1, id: uuidv7({ msecs: time.getTime() }) }))
  const write = (text: string, ...values: unknown[]) => db.query(text, [...key, ...values])
  await write(
    'insert into users (bucket, organisation_id, user_id, created_at, updated_at) values ($1, $2, $3, $4, $4) on conflict do nothing',
    last,
  )
  await write(
    `insert into threads (bucket, organisation_id, user_id, last_message_id, last_activity_at) values ($1, $2, $3, $4, $5)
      on conflict do nothing`,
    at.length,
    last,
  )
  await write(
    `insert into messages (bucket, organisation_id, user_id, message_id, conversation_number, sender, listener, message_body, timestamp)
      select $1, $2, $3, m.id, 1, 'ceu', 'md', '{"type":"TEXT"}', m.at from unnest($4::int[], $5::timestamptz[]) m(id, at)
      on conflict do nothing`,
    rows.map(({ sequence }) => sequence),
    rows.map(({ time }) => time),
  )
  await write(
    `insert into events (bucket, organisation_id, user_id, id, conversation_number, type, subtype, created_at)
      select $1, $2, $3, e.id, 1, 'conversation_state', 'bot', e.at from unnest($4::uuid[], $5::timestamptz[]) e(id, at)`,
    rows.map(({ time }) => uuidv7({ msecs: time.getTime() })),
    rows.map(({ time }) => time),
  )
  await write(
    `insert into lanes (bucket, organisation_id, user_id, listener, head, tail, next_at, in_use_since, last_delivery_id)
      values ($1, $2, $3, $4, $5, $6, case when $5::int < $6::int then now() + interval '1 hour' end, case when $5::int < $6::int then now() end, $7)`,
    listener,
    ended,
    at.length,
    rows.at(-1)?.id,
  )
  await write(
    `insert into deliveries (bucket, organisation_id, user_id, listener, sequence, id, category, subcategory, body, created_at)
      select $1, $2, $3, $4, d.sequence, d.id, 'message', 'receive', '{}', d.at
      from unnest($5::int[], $6::uuid[], $7::timestamptz[]) d(sequence, id, at)`,
    listener,
    rows.map(({ sequence }) => sequence),
    rows.map(({ id }) => id),
    rows.map(({ time }) => time),
  )
  const finished = rows.filter(({ sequence }) => sequence <= ended)
  await db.query(
    `insert into attempts (bucket, organisation_id, delivery_id, number, started_at, duration_ms)
      select $1, $2, a.id, 1, a.at, 3 from unnest($3::uuid[], $4::timestamptz[]) a(id, at)`,
    [key[0], key[1], finished.map(({ id }) => id), finished.map(({ time }) => time)],
  )
  const failed = finished.filter(({ sequence }) => undeliverable.includes(sequence))
  await db.query(
    `insert into delivery_ends (bucket, organisation_id, delivery_id, state, ended_at)
      select $1, $2, x.id, 'undeliverable', x.at from unnest($3::uuid[], $4::timestamptz[]) x(id, at)`,
    [key[0], key[1], failed.map(({ id }) => id), failed.map(({ time }) => time)],
  )
  return rows.map(({ id }) => id)
}
