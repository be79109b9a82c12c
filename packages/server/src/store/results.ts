import type { LaneKey } from './claims.js'
import type { Queryable } from './queryable.js'

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

export interface DeliveryOutcome {
  sequence: number
  state: 'pending' | 'delivered' | 'undeliverable' | 'cancelled'
  attempts: number
  /** Null while it is pending. */
  endedAt: Date | null
}

/** What happened in a lane since it was last written. */
export interface LaneResult extends LaneKey {
  lease: string
  /** Where the head stood when that was handed over: the outcomes go from there … */
  since: number
  /** … to the sequence of the last delivery that ended. */
  head: number
  /** Failed attempts of the one after it. */
  attempt: number
  failingSince: Date | null
  /** When the lane is due again, if the lease ends with this; null while its holder goes on. */
  releaseAt: Date | null
  /** What the listener calls the user, if it said so. */
  ectUserId: string | null
  outcomes: DeliveryOutcome[]
  attempts: AttemptRecord[]
}

// `held` locks the lanes that still carry their token, in the order of their keys; what is no longer held is not written at all. Neither is
// what does not follow on the head: a crash of the database has lost the results before it, and their deliveries are made again. A head
// that is further on already is the same result, written before by a statement whose answer was lost.
const RECORD = `
  with results as (
    select * from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::int[], $7::int[], $8::timestamptz[],
      $9::timestamptz[], $10::text[], $24::int[]) with ordinality
      as r(organisation_id, listener, user_id, lease, head, attempt, failing_since, release_at, ect_user_id, since, lane)
  ), held as (
    select r.* from results r join lanes l
      on l.bucket = $1 and l.organisation_id = r.organisation_id and l.listener = r.listener and l.user_id = r.user_id
        and l.lease = r.lease and l.head between r.since and r.head
    order by l.organisation_id, l.listener, l.user_id for update of l
  ), moved as (
    update lanes l set head = h.head, attempt = h.attempt, failing_since = h.failing_since,
      next_at = coalesce(h.release_at, l.next_at),
      lease = case when h.release_at is null then l.lease end,
      lease_until = case when h.release_at is null then l.lease_until end,
      ect_user_id = coalesce(h.ect_user_id, l.ect_user_id)
    from held h
    where l.bucket = $1 and l.organisation_id = h.organisation_id and l.listener = h.listener and l.user_id = h.user_id
    returning h.lane, l.head < l.tail as more
  ), ended as (
    update deliveries d set state = o.state::delivery_state, attempts = o.attempts, ended_at = o.ended_at
    from unnest($11::int[], $12::int[], $13::text[], $14::int[], $15::timestamptz[])
        as o(lane, sequence, state, attempts, ended_at)
      join held h on h.lane = o.lane
    where d.bucket = $1 and d.organisation_id = h.organisation_id and d.listener = h.listener and d.user_id = h.user_id
      and d.sequence = o.sequence
  ), tried as (
    insert into attempts (bucket, organisation_id, delivery_id, number, started_at, duration_ms, status, error, answer)
    select $1, h.organisation_id, a.delivery_id, a.number, a.started_at, a.duration_ms, a.status, a.error, a.answer
    from unnest($16::int[], $17::uuid[], $18::int[], $19::timestamptz[], $20::int[], $21::int[], $22::text[], $23::text[])
        as a(lane, delivery_id, number, started_at, duration_ms, status, error, answer)
      join held h on h.lane = a.lane
    on conflict (bucket, organisation_id, delivery_id, number) do nothing
  )
  select lane::int, more from moved`

/** What became of a result. */
export interface Recorded {
  /** False: the lease was lost, or results before this one were, and nothing was written. */
  held: boolean
  /** The lane has more to deliver. */
  more: boolean
}

/** Writes the results of many lanes of one bucket in one statement; answers in their order. */
export async function recordResults(
  db: Queryable,
  bucket: number,
  results: readonly LaneResult[],
): Promise<Recorded[]> {
  const outcomes = results.flatMap((result, index) =>
    result.outcomes.map((outcome) => ({ lane: index + 1, ...outcome })),
  )
  const attempts = results.flatMap((result, index) =>
    result.attempts.map((attempt) => ({ lane: index + 1, ...attempt })),
  )
  const { rows } = await db.query<{ lane: number; more: boolean }>({
    name: 'results_record',
    text: RECORD,
    values: [
      bucket,
      results.map((result) => result.organisationId),
      results.map((result) => result.listener),
      results.map((result) => result.userId),
      results.map((result) => result.lease),
      results.map((result) => result.head),
      results.map((result) => result.attempt),
      results.map((result) => result.failingSince),
      results.map((result) => result.releaseAt),
      results.map((result) => result.ectUserId),
      outcomes.map((outcome) => outcome.lane),
      outcomes.map((outcome) => outcome.sequence),
      outcomes.map((outcome) => outcome.state),
      outcomes.map((outcome) => outcome.attempts),
      outcomes.map((outcome) => outcome.endedAt),
      attempts.map((attempt) => attempt.lane),
      attempts.map((attempt) => attempt.deliveryId),
      attempts.map((attempt) => attempt.number),
      attempts.map((attempt) => attempt.startedAt),
      attempts.map((attempt) => attempt.durationMs),
      attempts.map((attempt) => attempt.status),
      attempts.map((attempt) => attempt.error),
      attempts.map((attempt) => attempt.answer),
      results.map((result) => result.since),
    ],
  })
  const moved = new Map(rows.map((row) => [row.lane, row.more]))
  return results.map((_, index) => ({ held: moved.has(index + 1), more: moved.get(index + 1) ?? false }))
}
