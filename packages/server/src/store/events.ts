import { v7 as uuidv7 } from 'uuid'
import type { Queryable } from './queryable.js'
import type { UserKey } from './threads.js'

export interface EventRecord {
  conversationNumber: number
  type: string
  subtype: string
  /** The listener that sent it; null where the service did. */
  listener: string | null
  metadata: string | null
  createdAt: Date
}

export interface NewEvents {
  key: UserKey
  events: readonly EventRecord[]
}

export async function insertEvents(queryable: Queryable, threads: readonly NewEvents[]): Promise<void> {
  const rows = threads.flatMap(({ key, events }) => events.map((event) => ({ ...key, ...event })))
  if (rows.length === 0) return
  await queryable.query({
    name: 'events_insert',
    text: `insert into events (bucket, organisation_id, user_id, id, conversation_number, type, subtype, listener, metadata, created_at)
      select * from unnest($1::smallint[], $2::uuid[], $3::text[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::timestamptz[])`,
    values: [
      rows.map((row) => row.bucket),
      rows.map((row) => row.organisationId),
      rows.map((row) => row.userId),
      rows.map(() => uuidv7()),
      rows.map((row) => row.conversationNumber),
      rows.map((row) => row.type),
      rows.map((row) => row.subtype),
      rows.map((row) => row.listener),
      rows.map((row) => row.metadata),
      rows.map((row) => row.createdAt),
    ],
  })
}
