/**
 * The lane of an erased user, which was begun again to tell a listener of the erasure (`accept/user-news.ts`), goes with
 * that delivery when it is old. Who creates the user again at this moment begins with the user's row: it is held for as
 * long as the lane is removed, so that nothing is appended to a lane that is going.
 */
import type pg from 'pg'
import { transaction } from '../database/database.js'
import type { Queryable } from '../database/queryable.js'
import { IN_SLICE } from '../database/statement.js'
import { laneOf } from '../lanes/lane-key.js'
import type { DeliveryPlace } from './retention-rows.js'

const OLD = `select listener, user_id, sequence from (
    select listener, user_id, sequence, category, subcategory from deliveries
    where bucket = $1 and organisation_id = $2 and id > $3 and id < $4 order by id limit $5
  ) o where category = 'user_events' and subcategory = 'erase_user'`

interface Row {
  listener: string
  user_id: string
}

/** Of the deliveries that are pruned in this step. */
export async function forgetLanes(
  pool: pg.Pool,
  { bucket, organisationId, after }: DeliveryPlace,
  beforeId: string,
  limit: number,
): Promise<void> {
  const values = [bucket, organisationId, after, beforeId, limit]
  const { rows } = await pool.query<Row>({ text: OLD, values })
  if (rows.length > 0) await transaction(pool, (db) => forget(db, { bucket, organisationId }, rows))
}

async function forget(
  db: Queryable,
  { bucket, organisationId }: Omit<DeliveryPlace, 'after'>,
  rows: Row[],
): Promise<void> {
  const users = [...new Set(rows.map(({ user_id }) => user_id))].sort()
  const held = await db.query<{ user_id: string }>({
    text: `insert into users (bucket, organisation_id, user_id, created_at, updated_at)
      select $1, $2, user_id, now(), now() from unnest($3::text[]) as u(user_id) where ${IN_SLICE} order by user_id
      on conflict (bucket, organisation_id, user_id) do nothing returning user_id`,
    values: [bucket, organisationId, users],
  })
  const erased = held.rows.map(({ user_id }) => user_id)
  if (erased.length === 0) return
  const lanes = rows.filter(({ user_id }) => erased.includes(user_id))
  await db.query({
    text: `delete from lanes l using (
        select $1::smallint as bucket, $2::uuid as organisation_id, * from unnest($3::text[], $4::text[]) as r(listener, user_id)
      ) k where ${laneOf('k')} and l.head = l.tail`,
    values: [bucket, organisationId, lanes.map(({ listener }) => listener), lanes.map(({ user_id }) => user_id)],
  })
  await db.query({
    text: 'delete from users where bucket = $1 and organisation_id = $2 and user_id = any($3::text[])',
    values: [bucket, organisationId, erased],
  })
}
