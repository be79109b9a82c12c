/** Remembers deliveries in PostgreSQL, for a receiver that runs as several processes or has to survive its restart. */
import type { DeliveryStore } from '@tract/client/webhooks'
import type { Pool } from 'pg'

/** Run once, with your other migrations. */
export const TABLE = `
  create table tract_deliveries (
    id text primary key,
    token text not null,
    claimed_until timestamptz not null,
    answer text,
    done_at timestamptz
  );
  create index on tract_deliveries (done_at) where done_at is not null;`

/** Run now and then: TRACT tries a delivery for 24 hours at most. */
export const PRUNE = "delete from tract_deliveries where done_at < now() - interval '2 days'"

// One statement, so that it is atomic: of several attempts one inserts the row, or takes a claim over that has lapsed.
const CLAIM = `
  insert into tract_deliveries as held (id, token, claimed_until)
    values ($1, $2, now() + $3 * interval '1 millisecond')
    on conflict (id) do update set token = excluded.token, claimed_until = excluded.claimed_until
      where held.done_at is null and held.claimed_until < now()
    returning true`

const COMPLETE = 'update tract_deliveries set answer = $3, done_at = now() where id = $1 and token = $2'
const RELEASE = 'delete from tract_deliveries where id = $1 and token = $2 and done_at is null'

export function postgresStore(pool: Pick<Pool, 'query'>): DeliveryStore {
  return {
    async claim({ id, token, leaseMs }) {
      const claimed = await pool.query(CLAIM, [id, token, leaseMs])
      if (claimed.rows.length > 0) return { state: 'claimed' }
      const { rows } = await pool.query('select answer from tract_deliveries where id = $1 and done_at is not null', [
        id,
      ])
      return rows.length > 0 ? { state: 'done', answer: rows[0].answer } : { state: 'busy' }
    },
    async complete(id, token, answer) {
      await pool.query(COMPLETE, [id, token, answer])
    },
    async release(id, token) {
      await pool.query(RELEASE, [id, token])
    },
  }
}
