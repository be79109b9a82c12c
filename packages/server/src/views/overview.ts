import type { Queryable } from '../database/queryable.js'
import type { Sliced } from '../database/slices.js'
import { idAt } from '../database/time-ordered-id.js'
import { ACKNOWLEDGED } from '../deliver/results.js'
import { ALL_BUCKETS } from '../lanes/delivery-places.js'
import { compare } from '../lanes/user-key.js'

const MINUTE_MS = 60_000
const MINUTES = 60

/** What is looked at for one answer, about: more than that is estimated from so much of it. */
const MOST_DELIVERIES = 40_000
/** How much of it in any one bucket, which a single user may fill. */
const MOST_OF_A_BUCKET = 20_000
const PROBED_BUCKETS = 8
const MOST_OF_A_PROBE = 2_000

/** A minute of a listener, in minutes since 1970; without either, the whole hour. */
export interface OverviewRow {
  listener: string | null
  minute: number | null
  accepted: number
  delivered: number
  failed: number
  lag_ms: number | null
  /** The 50th, 95th and 99th percentile, in milliseconds; null where nothing was delivered. */
  latency_ms: number[] | null
}

export interface OverviewFigures {
  from: Date
  rows: OverviewRow[]
  /** By how much to multiply what was counted. */
  scale: number
}

/** By the index of ids, which are of the time of acceptance; a LIMIT keeps it to that index while the table is young. */
const RECENT = `from unnest($1::smallint[]) as b(bucket) cross join lateral (
    select bucket, id, listener, created_at, tried_at, took_ms from deliveries
    where bucket = b.bucket and organisation_id = $2 and id >= $3 order by id desc limit $4
  ) d`

const FIGURES = `
  with recent as materialized (select d.* ${RECENT} where d.created_at >= $5),
  happened as (
    select listener, created_at as at, 1 as accepted, 0 as delivered, 0 as failed, null::float8 as took from recent
    union all
    select listener, tried_at + took_ms * interval '1 millisecond', 0, 1, 0,
      greatest(0, extract(epoch from tried_at - created_at) * 1000 + took_ms) from recent where tried_at is not null
    union all
    select r.listener, a.at, 0, a.acknowledged::int, (not a.acknowledged)::int,
      case when a.acknowledged then greatest(0, extract(epoch from a.at - r.created_at) * 1000) end
    from recent r cross join lateral (
      select started_at + duration_ms * interval '1 millisecond' as at, ${ACKNOWLEDGED} as acknowledged from attempts
      where bucket = r.bucket and organisation_id = $2 and delivery_id = r.id offset 0
    ) a where r.tried_at is null
  )
  select listener, minute, coalesce(sum(accepted), 0)::int as accepted,
    coalesce(sum(delivered), 0)::int as delivered, coalesce(sum(failed), 0)::int as failed,
    max(took) as lag_ms,
    case when grouping(listener) = 1 then percentile_disc(array[0.5, 0.95, 0.99]) within group (order by took) end as latency_ms
  from (select *, floor(extract(epoch from at) / 60)::int as minute from happened) h
  group by grouping sets ((listener, minute), ())
  order by listener, minute`

/** What was accepted in the last hour, and what became of that. Its cost is bounded: of a busy organisation, some buckets stand for all. */
export async function readOverview(
  slices: Sliced<Queryable>,
  organisationId: string,
  now: Date,
): Promise<OverviewFigures> {
  const from = new Date((Math.floor(now.getTime() / MINUTE_MS) - MINUTES + 1) * MINUTE_MS)
  const firstId = idAt(from.getTime() - MINUTE_MS)
  const probe = {
    text: `select count(*)::int as count ${RECENT}`,
    values: [spread(PROBED_BUCKETS), organisationId, firstId, MOST_OF_A_PROBE],
  }
  const probed = await slices.ask(async (db) => (await db.query<{ count: number }>(probe)).rows[0]?.count ?? 0)
  const expected = (probed.reduce((sum, count) => sum + count, 0) * ALL_BUCKETS.length) / PROBED_BUCKETS
  const buckets = spread(Math.floor((MOST_DELIVERIES / Math.max(expected, MOST_DELIVERIES)) * ALL_BUCKETS.length))
  const figures = { text: FIGURES, values: [buckets, organisationId, firstId, MOST_OF_A_BUCKET, from] }
  const lists = await slices.ask(async (db) => (await db.query<OverviewRow>(figures)).rows)
  return {
    from,
    rows: lists.length === 1 ? lists.flat() : together(lists.flat()),
    scale: ALL_BUCKETS.length / buckets.length,
  }
}

/** Of several slices. A percentile of all is the greatest of theirs at most: that is what is said. */
function together(rows: readonly OverviewRow[]): OverviewRow[] {
  const byMinute = new Map<string, OverviewRow>()
  for (const row of rows) {
    const name = `${row.listener} ${row.minute}`
    const known = byMinute.get(name)
    byMinute.set(name, known ? added(known, row) : row)
  }
  const place = ({ listener, minute }: OverviewRow) => [listener ?? '\u{10ffff}', minute ?? 0] as const
  return [...byMinute.values()].sort((a, b) => {
    const [[listener, minute], [other, later]] = [place(a), place(b)]
    return compare(listener, other) || minute - later
  })
}

const added = (a: OverviewRow, b: OverviewRow): OverviewRow => ({
  ...a,
  accepted: a.accepted + b.accepted,
  delivered: a.delivered + b.delivered,
  failed: a.failed + b.failed,
  lag_ms: greater(a.lag_ms, b.lag_ms),
  latency_ms:
    a.latency_ms && b.latency_ms
      ? a.latency_ms.map((ms, index) => Math.max(ms, b.latency_ms?.[index] ?? 0))
      : (a.latency_ms ?? b.latency_ms),
})

const greater = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b)

/** Buckets, evenly spread: a user's bucket is a hash, so that any of them are as good as others. */
const spread = (count: number): number[] =>
  Array.from({ length: Math.max(1, count) }, (_, at) => Math.floor((at * ALL_BUCKETS.length) / Math.max(1, count)))
