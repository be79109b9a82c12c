/**
 * Leases on buckets. They keep dispatchers out of each other's way; safety comes from each lane's own lease.
 *
 *   free → served    a dispatcher with less than its fair share gains the bucket
 *   served → free    the dispatcher releases what is over its share, or leaves
 *   served → lapsed  the dispatcher gave no sign of life until `alive_until`; then the bucket counts as free
 *
 * Leases also say when a bucket was served. A listener answers for the time in which deliveries to it were tried and
 * failed, and for no other: a lane's `failing_since` moves on by every outage of its bucket, in which no process serves
 * it. An outage begins with the last sign of life of the dispatcher that served the bucket, and ends when another serves
 * it. Until the lanes are told (`passOverOutages`), it stands in `served_until`, and readers of `failing_since` add it
 * themselves (`openOutage`). What the dispatcher before held back for an endpoint, without an attempt, is due with that:
 * none is left that would wake it.
 */
import type { Queryable } from '../database/queryable.js'
import { laneOf } from './lane-key.js'

/** What a process claims lanes in, after a round. */
export interface BucketShare {
  buckets: number[]
  /** Buckets were released, which others may gain. */
  released: boolean
  /** Those of `buckets` whose failing lanes are to be told of an outage. */
  unserved: number[]
  /** That are alive, this one included. */
  processes: number
}

// Only the clock of the database counts. A round sees the other dispatchers as they were when it began; a mistake of
// two rounds at the same time is corrected by the next ones.
const SHARE = `
  with lapsed as (
    select seen_at from dispatchers where id = $1 and alive_until < now()
  ), alive as (
    select id from dispatchers where alive_until > now() and id <> $1
  ), fair as (
    select ceil((select count(*) from buckets)::float8 / (1 + (select count(*) from alive)))::int as share
  ), mine as (
    select id, served_until, row_number() over (order by id) <= (select share from fair) as stays, now() as now
    from buckets where owner = $1
  ), present as (
    insert into dispatchers (id, seen_at, alive_until) values ($1, now(), now() + $2 * interval '1 millisecond')
    on conflict (id) do update set seen_at = excluded.seen_at, alive_until = excluded.alive_until
  ), forgotten as (
    delete from dispatchers d where alive_until < now() - interval '1 hour' and id <> $1 and not exists (select from buckets where owner = d.id)
  ), changed as (
    update buckets b set owner = case when m.stays then $1::uuid end,
      served_until = coalesce(b.served_until, (select seen_at from lapsed), case when not m.stays then m.now end)
    from mine m where b.id = m.id and (not m.stays or exists (select from lapsed)) returning b.owner
  ), free as (
    select b.id, coalesce(b.served_until, d.seen_at) as served_until from buckets b left join dispatchers d on d.id = b.owner
    where b.owner is null or (b.owner <> $1 and b.owner not in (select id from alive))
    limit greatest(0, (select share from fair) - (select count(*) from mine where stays)) for update of b skip locked
  ), gained as (
    update buckets b set owner = $1, served_until = f.served_until from free f where b.id = f.id returning b.id, b.served_until
  )
  select array(select id from mine where stays union all select id from gained) as buckets,
    (select 1 + count(*) from alive)::int as processes,
    exists (select from changed where owner is null) as released,
    array(select id from mine where stays and (served_until is not null or exists (select from lapsed))
      union all select id from gained where served_until is not null) as unserved`

/** Says that this process is alive, and brings its buckets to its fair share. */
export async function shareBuckets(db: Queryable, owner: string, aliveForMs: number): Promise<BucketShare> {
  const { rows } = await db.query<BucketShare & { [column: string]: unknown }>({
    name: 'buckets_share',
    text: SHARE,
    values: [owner, aliveForMs],
  })
  return rows[0] as BucketShare
}

/** Moves `failing_since` of the failing lanes of these buckets on by the outage, once for each; due now where no attempt was made. */
export async function passOverOutages(db: Queryable, buckets: readonly number[]): Promise<void> {
  await db.query({
    name: 'lanes_pass_over_outages',
    text: `with outages as materialized (
        select b.id as bucket, now() - b.served_until as outage from unnest($1::smallint[]) as k(id) join buckets b on b.id = any(array[k.id])
        where b.served_until is not null for update of b
      ), failing as materialized (
        select o.bucket, l.organisation_id, l.listener, l.user_id, o.outage from outages o cross join lateral (
          select organisation_id, listener, user_id from lanes where bucket = o.bucket and failing_since is not null
          order by organisation_id, listener collate "C", user_id collate "C" for update
        ) l
      ), told as (
        update lanes l set failing_since = least(l.failing_since + f.outage, now()),
          next_at = case when l.attempt = 0 and l.lease is null then least(l.next_at, now()) else l.next_at end
        from failing f where ${laneOf('f')}
      )
      update buckets b set served_until = null from outages o where b.id = any(array[o.bucket])`,
    values: [[...buckets].sort((a, b) => a - b)],
  })
}

/**
 * The present outage of a bucket, as an interval, or null. A process that gave no sign for half its time of life counts as
 * gone.
 */
export const openOutage = (bucket: string): string => `(
  select now() - coalesce(b.served_until, d.seen_at) from buckets b left join dispatchers d on d.id = any(array[b.owner])
  where b.id = any(array[${bucket}]) and (b.served_until is not null or now() > d.seen_at + (d.alive_until - d.seen_at) / 2))`

/** Leaves: the buckets of this process are free. */
export async function releaseBuckets(db: Queryable, owner: string): Promise<void> {
  await db.query({
    name: 'buckets_release',
    text: `with gone as (delete from dispatchers where id = $1 returning seen_at, alive_until)
      update buckets b set owner = null,
        served_until = coalesce(b.served_until, (select seen_at from gone where alive_until < c.now), c.now)
      from (select now() as now) c where b.owner = $1`,
    values: [owner],
  })
}
