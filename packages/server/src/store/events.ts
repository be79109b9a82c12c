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

export async function insertEvents(queryable: Queryable, key: UserKey, events: EventRecord[]): Promise<void> {
  if (events.length === 0) return
  await queryable.query({
    name: 'events_insert',
    text: `insert into events (bucket, organisation_id, user_id, id, conversation_number, type, subtype, listener, metadata, created_at)
      select $1, $2, $3, * from unnest($4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[])`,
    values: [
      key.bucket,
      key.organisationId,
      key.userId,
      events.map(() => uuidv7()),
      events.map(({ conversationNumber }) => conversationNumber),
      events.map(({ type }) => type),
      events.map(({ subtype }) => subtype),
      events.map(({ listener }) => listener),
      events.map(({ metadata }) => metadata),
      events.map(({ createdAt }) => createdAt),
    ],
  })
}
