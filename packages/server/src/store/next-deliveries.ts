import type { Queryable } from './queryable.js'

/** A delivery whose turn comes, in a lane that is leased. */
export interface ClaimedDelivery {
  id: string
  sequence: number
  previousId: string | null
  category: string
  subcategory: string
  replayOf: string | null
  createdAt: Date
  body: string
  traceparent: string | null
}

export const NEXT_COLUMNS = 'id, sequence, previous_id, category, subcategory, replay_of, created_at, body, traceparent'

export interface DeliveryColumns<Id = string> {
  id: Id
  sequence: number
  previous_id: string | null
  category: string
  subcategory: string
  replay_of: string | null
  created_at: Date
  body: string
  traceparent: string | null
}

export const toDelivery = (row: DeliveryColumns): ClaimedDelivery => ({
  id: row.id,
  sequence: row.sequence,
  previousId: row.previous_id,
  category: row.category,
  subcategory: row.subcategory,
  replayOf: row.replay_of,
  createdAt: row.created_at,
  body: row.body,
  traceparent: row.traceparent,
})

/** What is wanted of a lane: at most so many deliveries after this sequence. */
export interface NextRequest {
  lane: { bucket: number; organisationId: string; listener: string; userId: string }
  after: number
  limit: number
}

/** Reads on in lanes that the caller holds leases on; answers in the order of the requests. */
export async function readNext(db: Queryable, requests: readonly NextRequest[]): Promise<ClaimedDelivery[][]> {
  const { rows } = await db.query<DeliveryColumns & { request: number }>({
    name: 'deliveries_next',
    text: `select r.request::int, d.* from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::int[])
          with ordinality as r(bucket, organisation_id, listener, user_id, after, "limit", request)
        cross join lateral (
          select ${NEXT_COLUMNS} from deliveries d
          where d.bucket = r.bucket and d.organisation_id = r.organisation_id and d.listener = r.listener and d.user_id = r.user_id
            and d.sequence > r.after
          order by d.sequence limit r."limit"
        ) d`,
    values: [
      requests.map(({ lane }) => lane.bucket),
      requests.map(({ lane }) => lane.organisationId),
      requests.map(({ lane }) => lane.listener),
      requests.map(({ lane }) => lane.userId),
      requests.map(({ after }) => after),
      requests.map(({ limit }) => limit),
    ],
  })
  const answers: ClaimedDelivery[][] = requests.map(() => [])
  for (const row of rows) answers[row.request - 1]?.push(toDelivery(row))
  return answers
}
