import { plainArray, textArray, timeArray } from '../database/array-literals.js'
import type { Queryable } from '../database/queryable.js'
import { keyColumns, type LaneKey, laneOf } from '../lanes/lane-key.js'

/** Whether an attempt acknowledged its delivery. Its answer may have had an id that cannot be kept. */
export const ACKNOWLEDGED = "coalesce(error, 'invalid_ect_user_id') = 'invalid_ect_user_id'"

export interface AttemptRecord {
  deliveryId: string
  /** From 1. */
  number: number
  startedAt: Date
  durationMs: number
  status: number | null
  error: string | null
  answer: string | null
}

/** How a delivery ended. */
export interface DeliveryEnd {
  deliveryId: string
  state: 'delivered' | 'undeliverable' | 'cancelled'
  endedAt: Date
}

/** What happened in a lane since it was last written. */
export interface LaneResult extends LaneKey {
  lease: string
  /** Where the head stood when that was handed over: the ends go from there … */
  since: number
  /** … to the sequence of the last delivery that ended. */
  head: number
  /** Failed attempts of the one after it, by which the schedule goes. */
  attempt: number
  /** Its attempts in all, and how many of them refused its payload. */
  attemptsMade: number
  refusals: number
  failingSince: Date | null
  /** How many deliveries up to the head ended unacknowledged since one was acknowledged. */
  unacknowledged: number
  /** When the lane is due again, if the lease ends with this; null while its holder goes on. */
  releaseAt: Date | null
  /** What the listener calls the user, if it said so. */
  ectUserId: string | null
  ends: DeliveryEnd[]
  attempts: AttemptRecord[]
}

// What a holder that lost its lease has to say is not written at all: the lanes that still carry their token decide over the rest. Neither
// is what does not follow on the head: a crash of the database has lost the results before it, and their deliveries are made again. A head
// that is further on already is the same result, written before by a statement whose answer was lost.
// The `case` keeps `in` from becoming a join, which would compare each attempt with each lane; as it is, the lanes are hashed.
const record = (onConflict: string) => `
  with held as (
    update lanes l set head = r.head, attempt = r.attempt, attempts_made = r.attempts_made, refusals = r.refusals,
      -- of the same head the lane knows better: it was told of gaps in its service
      failing_since = case when r.failing_since is not null and r.head = l.head then coalesce(l.failing_since, r.failing_since)
        else r.failing_since end,
      unacknowledged = r.unacknowledged,
      next_at = case when r.release_at is null then l.next_at when r.head < l.tail then r.release_at end,
      lease = case when r.release_at is null then l.lease end,
      lease_until = case when r.release_at is null then l.lease_until end,
      ect_user_id = coalesce(r.ect_user_id, l.ect_user_id)
    from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::int[], $7::int[], $8::int[], $9::int[],
        $10::timestamptz[], $11::timestamptz[], $12::text[], $29::int[], $30::int[]) with ordinality as r(bucket, organisation_id, listener, user_id,
        lease, head, attempt, attempts_made, refusals, failing_since, release_at, ect_user_id, since, unacknowledged, lane)
    where ${laneOf('r')} and l.lease = r.lease and l.head between r.since and r.head
    returning r.lane::int, l.head < l.tail as more
  ), tried as (
    insert into attempts (bucket, organisation_id, delivery_id, number, started_at, duration_ms, status, error, answer)
    select a.bucket, a.organisation_id, a.delivery_id, a.number, a.started_at, a.duration_ms, a.status, a.error, a.answer
    from unnest($13::int[], $14::smallint[], $15::uuid[], $16::uuid[], $17::int[], $18::timestamptz[], $19::int[], $20::int[],
        $21::text[], $22::text[])
      as a(lane, bucket, organisation_id, delivery_id, number, started_at, duration_ms, status, error, answer)
    where case when a.lane in (select lane from held) then true end ${onConflict}
  ), ended as (
    insert into delivery_ends (bucket, organisation_id, delivery_id, state, ended_at)
    select e.bucket, e.organisation_id, e.delivery_id, e.state::delivery_end_state, e.ended_at
    from unnest($23::int[], $24::smallint[], $25::uuid[], $26::uuid[], $27::text[], $28::timestamptz[])
      as e(lane, bucket, organisation_id, delivery_id, state, ended_at)
    where case when e.lane in (select lane from held) then true end ${onConflict}
  )
  select lane, more from held`

const RECORD = { name: 'results_record', text: record('') }
/** For what may have been written already; some dearer. */
const RECORD_AGAIN = { name: 'results_record_again', text: record('on conflict do nothing') }

interface Of<Record> {
  lane: number
  result: LaneResult
  it: Record
}

/** What became of a result. */
export interface Recorded {
  /** False: the lease was lost, or results before this one were, and nothing was written. */
  held: boolean
  /** The lane has more to deliver. */
  more: boolean
}

/**
 * Writes the results of many lanes, each given once, in one statement; answers in their order. They have to come in the order of
 * `compareLanes`, in which lanes are locked everywhere.
 * @param again some of them may have been written before: nobody knows what became of the statement
 */
export async function recordResults(
  db: Queryable,
  results: readonly LaneResult[],
  { again = false }: { again?: boolean } = {},
): Promise<Recorded[]> {
  const attempts: Of<AttemptRecord>[] = []
  const ends: Of<DeliveryEnd>[] = []
  for (const [index, result] of results.entries()) {
    for (const attempt of result.attempts) attempts.push({ lane: index + 1, result, it: attempt })
    for (const end of result.ends) if (end.state !== 'delivered') ends.push({ lane: index + 1, result, it: end })
  }
  const { rows } = await db.query<{ lane: number; more: boolean }>({
    ...(again ? RECORD_AGAIN : RECORD),
    values: [
      ...keyColumns(results),
      plainArray(results.map((result) => result.lease)),
      plainArray(results.map((result) => result.head)),
      plainArray(results.map((result) => result.attempt)),
      plainArray(results.map((result) => result.attemptsMade)),
      plainArray(results.map((result) => result.refusals)),
      timeArray(results.map((result) => result.failingSince)),
      timeArray(results.map((result) => result.releaseAt)),
      textArray(results.map((result) => result.ectUserId)),
      plainArray(attempts.map(({ lane }) => lane)),
      plainArray(attempts.map(({ result }) => result.bucket)),
      plainArray(attempts.map(({ result }) => result.organisationId)),
      plainArray(attempts.map(({ it }) => it.deliveryId)),
      plainArray(attempts.map(({ it }) => it.number)),
      timeArray(attempts.map(({ it }) => it.startedAt)),
      plainArray(attempts.map(({ it }) => it.durationMs)),
      plainArray(attempts.map(({ it }) => it.status)),
      plainArray(attempts.map(({ it }) => it.error)),
      textArray(attempts.map(({ it }) => it.answer)),
      plainArray(ends.map(({ lane }) => lane)),
      plainArray(ends.map(({ result }) => result.bucket)),
      plainArray(ends.map(({ result }) => result.organisationId)),
      plainArray(ends.map(({ it }) => it.deliveryId)),
      plainArray(ends.map(({ it }) => it.state)),
      timeArray(ends.map(({ it }) => it.endedAt)),
      plainArray(results.map((result) => result.since)),
      plainArray(results.map((result) => result.unacknowledged)),
    ],
  })
  const moved = new Map(rows.map((row) => [row.lane, row.more]))
  return results.map((_, index) => ({ held: moved.has(index + 1), more: moved.get(index + 1) ?? false }))
}
