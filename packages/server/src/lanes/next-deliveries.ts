import { plainArray, textArray } from '../database/array-literals.js'
import type { Queryable } from '../database/queryable.js'

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

/** The time as a number: what the driver makes of a time costs more than all the rest. */
export const NEXT_COLUMNS = `id, sequence, previous_id, category, subcategory, replay_of, date_part('epoch', created_at) * 1000 as created_at,
  body, traceparent`

export interface NextRow<Id = string> {
  id: Id
  sequence: number
  previous_id: string | null
  category: string
  subcategory: string
  replay_of: string | null
  created_at: number
  body: string
  traceparent: string | null
}

export const toDelivery = (row: NextRow): ClaimedDelivery => ({
  id: row.id,
  sequence: row.sequence,
  previousId: row.previous_id,
  category: row.category,
  subcategory: row.subcategory,
  replayOf: row.replay_of,
  createdAt: new Date(row.created_at),
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
  const { rows } = await db.query<NextRow & { request: number }>({
    name: 'deliveries_next',
    text: `select r.request::int, d.* from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::int[])
          with ordinality as r(bucket, organisation_id, listener, user_id, after, "limit", request)
        cross join lateral (
          select ${NEXT_COLUMNS} from deliveries
          where bucket = r.bucket and organisation_id = r.organisation_id and listener = r.listener and user_id = r.user_id
            and sequence > r.after
          order by sequence limit r."limit"
        ) d`,
    values: [
      plainArray(requests.map(({ lane }) => lane.bucket)),
      plainArray(requests.map(({ lane }) => lane.organisationId)),
      textArray(requests.map(({ lane }) => lane.listener)),
      textArray(requests.map(({ lane }) => lane.userId)),
      plainArray(requests.map(({ after }) => after)),
      plainArray(requests.map(({ limit }) => limit)),
    ],
  })
  const answers: ClaimedDelivery[][] = requests.map(() => [])
  for (const row of rows) answers[row.request - 1]?.push(toDelivery(row))
  return answers
}
