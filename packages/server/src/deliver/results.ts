import type { Queryable } from '../database/queryable.js'
import { IN_SLICE, isPlaceOf, type References, type RowOf, statement } from '../database/statement.js'
import { LANE_KEY, type LaneKey, laneOf, MARKED } from '../lanes/lane-key.js'
import { callIn } from '../lanes/lanes.js'

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
  /** `endedTo` of the result before this one: the ends go from there … */
  since: number
  /** … to the sequence of the last delivery that ended. */
  endedTo: number
  /** Failed attempts of the head, which is the one after it; by them the schedule goes. */
  failures: number
  /** Its attempts in all, and how many of them refused its payload. */
  attemptsMade: number
  refusals: number
  failingSince: Date | null
  /** How many deliveries have ended unacknowledged since one was acknowledged. */
  unacknowledged: number
  /** When the lane is due again, if the lease ends with this; null while its holder goes on. */
  releaseAt: Date | null
  /** What the listener calls the user from the head on, if it said so. */
  ectUserId: string | null
  ends: DeliveryEnd[]
  attempts: AttemptRecord[]
}

const RESULTS = {
  place: 'index',
  ...LANE_KEY,
  lease: 'uuid',
  since: 'int',
  endedTo: 'int',
  failures: 'int',
  attemptsMade: 'int',
  refusals: 'int',
  failingSince: 'timestamptz',
  unacknowledged: 'int',
  releaseAt: 'timestamptz',
  ectUserId: 'text',
} as const

/** An attempt, or the end of a delivery, belongs to a result by its place. */
const OF_RESULT = { place: 'int', bucket: 'smallint', organisationId: 'uuid', deliveryId: 'uuid' } as const

const ATTEMPTS = {
  ...OF_RESULT,
  number: 'int',
  startedAt: 'timestamptz',
  durationMs: 'int',
  status: 'int',
  error: 'text',
  answer: 'text',
} as const

/**
 * A first attempt that acknowledges is all that most deliveries have: it stands in the delivery's own row, beside which no
 * index has to be written. Every other attempt, and one with a long answer, has a row of its own. `wire_attempts` has all.
 */
const FIRSTS = { ...OF_RESULT, startedAt: 'timestamptz', durationMs: 'int', status: 'int', answer: 'text' } as const
/** Characters: a longer one would fill the page on which the delivery's row is rewritten. */
const LONGEST_ANSWER_BESIDE = 256

const standsWithDelivery = ({ number, error, answer }: AttemptRecord): boolean =>
  number === 1 && error === null && (answer === null || answer.length <= LONGEST_ANSWER_BESIDE)

const ENDS = { ...OF_RESULT, state: 'delivery_end_state', endedAt: 'timestamptz' } as const

const FIRSTS_ALONE = { results: RESULTS, firsts: FIRSTS } as const
const PARAMETERS = { ...FIRSTS_ALONE, attempts: ATTEMPTS, ends: ENDS } as const

// A result is written only if its lane still carries the token, and if it follows on what has ended there: a crash of the
// database may have lost the results before it. A lane further on has it already: a statement's answer was lost.
const recorded = ({ results, firsts }: References<typeof FIRSTS_ALONE>, rows: readonly string[] = []): string => `
  with held as (
    update lanes l set head = r.ended_to, attempt = r.failures, attempts_made = r.attempts_made, refusals = r.refusals,
      -- of the same head the lane knows better: it was told of outages of its bucket
      failing_since = case when r.failing_since is not null and r.ended_to = l.head
        then coalesce(l.failing_since, r.failing_since) else r.failing_since end,
      unacknowledged = r.unacknowledged,
      next_at = case when r.release_at is null then l.next_at when r.ended_to < l.tail
        then case when l.next_at = ${MARKED} then least(c.now, r.release_at) else r.release_at end end,
      lease = case when r.release_at is null then l.lease end,
      lease_until = case when r.release_at is null then l.lease_until end,
      -- it came with the last that ended
      ${callIn('r.ect_user_id', 'r.ended_to + 1')}
    from ${results('r')}, (select now() as now) c
    where ${laneOf('r')} and l.lease = r.lease and l.head between r.since and r.ended_to
    returning r.place, l.head < l.tail as more, l.next_at < r.release_at as hurried
  ), tried_once as (
    update deliveries d set tried_at = f.started_at, took_ms = f.duration_ms, status = f.status, answer = f.answer from ${firsts('f')}
    where d.bucket = any(array[f.bucket]) and d.organisation_id = f.organisation_id and d.id = f.delivery_id and ${isPlaceOf('held', 'f')}
  )${rows.map((one) => `, ${one}`).join('')}
  select place, more, hurried from held`

/** Most deliveries have no more. Beside an insert, Citus would make a statement of each part. */
const RECORD_FIRSTS = statement({
  name: 'results_record_firsts',
  parameters: FIRSTS_ALONE,
  text: (given) => recorded(given),
})

const record =
  (onConflict: string) =>
  ({ attempts, ends, ...given }: References<typeof PARAMETERS>): string =>
    recorded(given, [
      `tried as (
    insert into attempts (bucket, organisation_id, delivery_id, number, started_at, duration_ms, status, error, answer)
    select bucket, organisation_id, delivery_id, number, started_at, duration_ms, status, error, answer from ${attempts('a')}
    where ${IN_SLICE} and ${isPlaceOf('held', 'a')} ${onConflict}
  )`,
      `ended as (
    insert into delivery_ends (bucket, organisation_id, delivery_id, state, ended_at)
    select bucket, organisation_id, delivery_id, state, ended_at from ${ends('e')}
    where ${IN_SLICE} and ${isPlaceOf('held', 'e')} ${onConflict}
  )`,
    ])

const RECORD = statement({ name: 'results_record', parameters: PARAMETERS, text: record('') })
/** For what may have been written already; somewhat dearer. */
const RECORD_AGAIN = statement({
  name: 'results_record_again',
  parameters: PARAMETERS,
  text: record('on conflict do nothing'),
})

/** What became of a result. */
export interface Recorded {
  /** False: the lease was lost, or results before this one were, and nothing was written. */
  held: boolean
  /** The lane has more to deliver. */
  more: boolean
  /** It is due already: what it waits for has changed since its holder looked. */
  hurried: boolean
}

/**
 * Writes the results of many lanes, each given once, in one statement; answers in their order. They have to come in the
 * order of `compareLanes`, in which lanes are locked everywhere.
 * @param again some of them may have been written before, by a statement whose answer was lost
 */
export async function recordResults(
  db: Queryable,
  results: readonly LaneResult[],
  { again = false }: { again?: boolean } = {},
): Promise<Recorded[]> {
  const firsts: RowOf<typeof FIRSTS>[] = []
  const attempts: RowOf<typeof ATTEMPTS>[] = []
  const ends: RowOf<typeof ENDS>[] = []
  for (const [place, result] of results.entries()) {
    const { bucket, organisationId } = result
    for (const attempt of result.attempts) {
      const rows = standsWithDelivery(attempt) ? firsts : attempts
      rows.push({ place, bucket, organisationId, ...attempt })
    }
    for (const end of result.ends) if (end.state !== 'delivered') ends.push({ place, bucket, organisationId, ...end })
  }
  const { rows } = await db.query<{ place: number; more: boolean; hurried: boolean | null }>(
    attempts.length + ends.length === 0
      ? RECORD_FIRSTS({ results, firsts })
      : (again ? RECORD_AGAIN : RECORD)({ results, firsts, attempts, ends }),
  )
  const outcomes = results.map((): Recorded => ({ held: false, more: false, hurried: false }))
  for (const { place, more, hurried } of rows) outcomes[place] = { held: true, more, hurried: hurried === true }
  return outcomes
}
