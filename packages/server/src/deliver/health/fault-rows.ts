import type { Queryable } from '../../database/queryable.js'
import type { LaneKey } from '../../lanes/lane-key.js'

/** An endpoint that a process knows to be failing. */
export interface BreakerRecord {
  organisationId: string
  listener: string
  /** Scheme, host and port. */
  origin: string
  openedAt: Date
}

/** Milliseconds: a process that has not confirmed its breakers for six reports is gone, and they with it. */
export const BREAKER_CONFIRMED_WITHIN_MS = 30_000
/** Characters that the column holds. */
const LONGEST_ORIGIN = 255

/** Writes a process's open breakers, and removes those that it does not name any more. */
export async function recordBreakers(
  db: Queryable,
  process: string,
  breakers: readonly BreakerRecord[],
  now: Date,
): Promise<void> {
  await db.query({
    name: 'breakers_record',
    text: `with present as (
        select * from unnest($3::uuid[], $4::text[], $5::text[], $6::timestamptz[]) as b(organisation_id, listener_id, origin, opened_at)
      ), outdated as (
        select o.organisation_id, o.listener_id, o.origin, o.process from open_breakers o
        where case when o.process = $1 then not exists (select from present p
            where p.organisation_id = o.organisation_id and p.listener_id = o.listener_id and p.origin = o.origin)
          else o.confirmed_at < $7 end
        for update skip locked
      ), gone as (
        delete from open_breakers o using outdated
        where o.organisation_id = outdated.organisation_id and o.listener_id = outdated.listener_id
          and o.origin = outdated.origin and o.process = outdated.process
      )
      insert into open_breakers (organisation_id, listener_id, origin, process, opened_at, confirmed_at)
      select organisation_id, listener_id, origin, $1, min(opened_at), $2 from present group by 1, 2, 3
      on conflict (organisation_id, listener_id, origin, process)
        do update set opened_at = excluded.opened_at, confirmed_at = excluded.confirmed_at`,
    values: [
      process,
      now,
      breakers.map(({ organisationId }) => organisationId),
      breakers.map(({ listener }) => listener),
      breakers.map(({ origin }) => origin.slice(0, LONGEST_ORIGIN)),
      breakers.map(({ openedAt }) => openedAt),
      new Date(now.getTime() - BREAKER_CONFIRMED_WITHIN_MS),
    ],
  })
}

export type FaultKind = 'attempt_not_made' | 'result_not_written'

/** What the service itself failed at, since it was last written down. */
export interface FaultRecord extends Pick<LaneKey, 'bucket' | 'organisationId' | 'listener'> {
  deliveryId: string
  fault: FaultKind
  /** Class or code of the last error. */
  error: string
  count: number
  firstAt: Date
  lastAt: Date
}

export async function recordFaults(db: Queryable, faults: readonly FaultRecord[]): Promise<void> {
  await db.query({
    name: 'faults_record',
    text: `insert into delivery_faults as f
        (bucket, organisation_id, delivery_id, fault, listener, error, count, first_at, last_at)
      select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::int[],
        $8::timestamptz[], $9::timestamptz[])
      on conflict (bucket, organisation_id, delivery_id, fault)
        do update set error = excluded.error, count = f.count + excluded.count, last_at = excluded.last_at`,
    values: [
      faults.map(({ bucket }) => bucket),
      faults.map(({ organisationId }) => organisationId),
      faults.map(({ deliveryId }) => deliveryId),
      faults.map(({ fault }) => fault),
      faults.map(({ listener }) => listener),
      faults.map(({ error }) => error.slice(0, 64)),
      faults.map(({ count }) => count),
      faults.map(({ firstAt }) => firstAt),
      faults.map(({ lastAt }) => lastAt),
    ],
  })
}

/** Drops faults that have not happened again since. */
export async function pruneFaults(db: Queryable, before: Date): Promise<void> {
  await db.query({ text: 'delete from delivery_faults where last_at < $1', values: [before] })
}
