import type { Queryable } from './queryable.js'

/** What a process claims lanes in, after a round. */
export interface BucketShare {
  buckets: number[]
  /** Something is free now that others may take. */
  released: boolean
}

// By the database's clock alone: whoever is alive in its eyes counts. A round sees the others as they were when it began; what two rounds
// at once get wrong, the next ones put right.
const SHARE = `
  with alive as (
    select id from dispatchers where alive_until > now() and id <> $1
  ), fair as (
    select ceil((select count(*) from buckets)::float8 / (1 + (select count(*) from alive)))::int as share
  ), mine as (
    select id, row_number() over (order by id) <= (select share from fair) as stays from buckets where owner = $1
  ), present as (
    insert into dispatchers (id, alive_until) values ($1, now() + $2 * interval '1 millisecond')
    on conflict (id) do update set alive_until = excluded.alive_until
  ), forgotten as (
    delete from dispatchers where alive_until < now() - interval '1 hour'
  ), released as (
    update buckets set owner = null where owner = $1 and id in (select id from mine where not stays) returning id
  ), free as (
    select id from buckets where owner is null or (owner <> $1 and owner not in (select id from alive))
    limit greatest(0, (select share from fair) - (select count(*) from mine where stays)) for update skip locked
  ), taken as (
    update buckets set owner = $1 where id in (select id from free) returning id
  )
  select array(select id from mine where stays union all select id from taken) as buckets, exists (select from released) as released`

/**
 * Says that this process is alive, and brings what it serves to its fair share: what it has too much of is released, what it lacks is taken
 * of what is free. Leases on buckets only keep dispatchers out of each other's way; what is safe is each lane's own lease.
 */
export async function shareBuckets(db: Queryable, owner: string, aliveForMs: number): Promise<BucketShare> {
  const { rows } = await db.query<{ buckets: number[]; released: boolean }>({
    name: 'buckets_share',
    text: SHARE,
    values: [owner, aliveForMs],
  })
  return rows[0] as BucketShare
}

/** Leaves: what it served is free at once. */
export async function releaseBuckets(db: Queryable, owner: string): Promise<void> {
  await db.query({
    name: 'buckets_release',
    text: `with gone as (delete from dispatchers where id = $1) update buckets set owner = null where owner = $1`,
    values: [owner],
  })
}
