import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  NamedFile,
  Stored,
  StoredConversation,
  StoredDelivery,
  StoredLane,
  StoredMessage,
  UnwrittenResult,
} from '../history/history.js'
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

/** No thread becomes idle after the last message; offers still run out. @returns how many timers ran */
export async function stopTimers(database: Database): Promise<number> {
  const { rows } = await database.query<{ ran: number }>(
    `with stopped as (update threads set deadline_at = null where deadline_at is not null and offer is null returning 1)
    select (select count(*) from stopped)::int + (select count(*) from threads where offer is not null)::int as ran`,
  )
  return rows[0]?.ran ?? 0
}

/** Files that are to be removed now, not when an upload that was begun is given up. */
export async function filesOnTheirWayOut(database: Database): Promise<number> {
  const { rows } = await database.query<{ due: number }>(
    `select count(*)::int as due from stray_files where due_at < now() + interval '10 minutes'`,
  )
  return rows[0]?.due ?? 0
}

/** What lies in a folder of files, and what was arriving there. */
async function readStore(folder: string): Promise<NamedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(
    files.map(async ({ name: id, parentPath }) => {
      const bytes = await readFile(join(parentPath, id))
      return { id, sha256: createHash('sha256').update(bytes).digest('hex') }
    }),
  )
}

/** What the database and the store hold of the run. @param erased users of whom nothing may be left */
export async function readStored(
  database: Database,
  store: string,
  organisationId: string,
  erased: readonly string[],
): Promise<Stored> {
  const { rows: messages } = await database.query<StoredMessage>(
    `select user_id as "user", message_id as "messageId", conversation_number as conversation,
      nullif(split_part(coalesce(original_body, message_body) ->> 'text', ' ', 1), '') as token,
      case when deleted_at is null then split_part(message_body ->> 'text', ' ', 1) end as says
    from messages where organisation_id = $1`,
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
      select user_id from deliveries union all select user_id from attachments union all select user_id from message_words) u
    where user_id = any($1)`,
    [erased],
  )
  const { rows: unwritten } = await database.query<UnwrittenResult>(
    `select listener, delivery_id as "deliveryId", error, count from delivery_faults
    where organisation_id = $1 and fault = 'result_not_written'`,
    [organisationId],
  )
  const { rows: conversations } = await database.query<StoredConversation>(
    `select user_id as "user", conversation_number as conversation, closed_at is not null as "isClosed",
      (select count(*)::int from jsonb_array_elements(owners) o where o ->> 'to' is null) as present, outcome ->> 'note' as token,
      rating ->> 'comment' as rating, held_by as "heldBy"
    from conversations where organisation_id = $1`,
    [organisationId],
  )
  const idsOf = async (table: string) => {
    const { rows: ids } = await database.query<{ id: string }>(`select id from ${table} where organisation_id = $1`, [
      organisationId,
    ])
    return ids.map(({ id }) => id)
  }
  return {
    messages,
    lanes,
    deliveries,
    conversations,
    attachments: await idsOf('attachments'),
    strays: await idsOf('stray_files'),
    inStore: await readStore(store),
    remains: rows[0]?.remains ?? 0,
    unwritten,
  }
}
