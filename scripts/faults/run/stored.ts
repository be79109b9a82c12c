import type { Stored, StoredDelivery, StoredLane, StoredMessage, UnwrittenResult } from '../history/history.js'
import type { Database } from '../world/database.js'

/** How many deliveries wait, and the lanes that wait the longest. */
export async function backlog(database: Database): Promise<{ waiting: number; lanes: string[] }> {
  const { rows } = await database.query<{ waiting: number; lane: string }>(
    `select tail - head as waiting, listener || '/' || user_id || ' at ' || head || ' of ' || tail || ', due ' || coalesce(next_at::text, '–') || ', lease until ' ||
      coalesce(lease_until::text, '–') as lane
    from lanes where head < tail order by next_at desc`,
  )
  return { waiting: rows.reduce((sum, { waiting }) => sum + waiting, 0), lanes: rows.map(({ lane }) => lane) }
}

/** No thread becomes idle after the last message. @returns how many would have */
export async function stopTimers(database: Database): Promise<number> {
  const { rowCount } = await database.query('update threads set deadline_at = null where deadline_at is not null')
  return rowCount ?? 0
}

/** What the database holds of the run. @param erased users of whom nothing may be left */
export async function readStored(
  database: Database,
  organisationId: string,
  erased: readonly string[],
): Promise<Stored> {
  const { rows: messages } = await database.query<StoredMessage>(
    `select user_id as "user", message_id as "messageId", split_part(message_body->>'text', ' ', 1) as token from messages
      where organisation_id = $1`,
    [organisationId],
  )
  const { rows: lanes } = await database.query<StoredLane>(
    'select listener, user_id as "user", head, tail from lanes where organisation_id = $1',
    [organisationId],
  )
  const { rows: deliveries } = await database.query<StoredDelivery>(
    `select d.listener, d.user_id as "user", d.sequence, d.id, d.previous_id as "previousId", d.state,
      (d.attempts > 0 and a.number is not null and coalesce(a.error, 'invalid_ect_user_id') = 'invalid_ect_user_id') as acknowledged
    from wire_deliveries d left join wire_attempts a
      on a.bucket = d.bucket and a.organisation_id = d.organisation_id and a.delivery_id = d.id and a.number = d.attempts
    where d.organisation_id = $1`,
    [organisationId],
  )
  const { rows } = await database.query<{ remains: number }>(
    `select count(*)::int as remains from (
      select user_id from users union all select user_id from threads union all select user_id from messages union all
      select user_id from events union all select user_id from conversations union all select user_id from lanes union all
      select user_id from deliveries) u
    where user_id = any($1)`,
    [erased],
  )
  const { rows: unwritten } = await database.query<UnwrittenResult>(
    `select listener, delivery_id as "deliveryId", error, count from delivery_faults
    where organisation_id = $1 and fault = 'result_not_written'`,
    [organisationId],
  )
  return { messages, lanes, deliveries, remains: rows[0]?.remains ?? 0, unwritten }
}
