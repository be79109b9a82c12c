import type { Queryable } from '../database/queryable.js'
import { statement } from '../database/statement.js'
import { bodyIn, OPENING, TRACEPARENT } from './bodies.js'
import { LANE_KEY, type LaneKey, laneOf } from './lane-key.js'

/** A delivery of a leased lane, as it is sent. */
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

/** Of `deliveries d` with `OPENING`, and with the lane under an alias. The time as a number: parsing a time in the driver would cost more than all other columns together. */
export const nextColumns = (
  lane: string,
): string => `d.id, d.sequence, d.previous_id, d.category, d.subcategory, d.replay_of, date_part('epoch', d.created_at) * 1000 as created_at,
  ${bodyIn(lane)} as body, ${TRACEPARENT} as traceparent`

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

/** What is wanted of a lane: at most `limit` deliveries after this sequence. */
export interface NextRequest {
  lane: LaneKey
  after: number
  limit: number
}

const NEXT = statement({
  name: 'deliveries_next',
  parameters: { requests: { place: 'index', ...LANE_KEY, after: 'int', limit: 'int' } },
  text: ({ requests }) => `select r.place as request, d.* from ${requests('r')} join lanes l on ${laneOf('r')}
    cross join lateral (
      select ${nextColumns('l')} from deliveries d ${OPENING}
      where d.bucket = r.bucket and d.organisation_id = r.organisation_id and d.listener = r.listener and d.user_id = r.user_id
        and d.sequence > r.after
      order by d.sequence limit r."limit"
    ) d`,
})

/** Reads on in lanes that the caller holds leases on; answers in the order of the requests. */
export async function readNext(db: Queryable, requests: readonly NextRequest[]): Promise<ClaimedDelivery[][]> {
  const rows = requests.map(({ lane, after, limit }) => {
    const { bucket, organisationId, listener, userId } = lane
    return { bucket, organisationId, listener, userId, after, limit }
  })
  const answers: ClaimedDelivery[][] = requests.map(() => [])
  const read = await db.query<NextRow & { request: number }>(NEXT({ requests: rows }))
  for (const row of read.rows) answers[row.request]?.push(toDelivery(row))
  return answers
}
