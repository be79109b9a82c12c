import type { Queryable } from '../../database/queryable.js'
import { IN_SLICE, statement } from '../../database/statement.js'
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
export const LONGEST_ORIGIN = 255

const RECORD_BREAKERS = statement({
  name: 'breakers_record',
  parameters: {
    process: 'uuid',
    now: 'timestamptz',
    gone: 'timestamptz',
    breakers: { organisationId: 'uuid', listener: 'text', origin: 'text', openedAt: 'timestamptz' },
  },
  text: ({ process, now, gone, breakers }) => `with present as (
      select * from ${breakers('b')}
    ), outdated as (
      select o.organisation_id, o.listener_id, o.origin, o.process from open_breakers o
      where case when o.process = ${process} then not exists (select from present p
          where p.organisation_id = o.organisation_id and p.listener = o.listener_id and p.origin = o.origin)
        else o.confirmed_at < ${gone} end
      for update skip locked
    ), gone as (
      delete from open_breakers o using outdated
      where o.organisation_id = outdated.organisation_id and o.listener_id = outdated.listener_id
        and o.origin = outdated.origin and o.process = outdated.process
    )
    insert into open_breakers (organisation_id, listener_id, origin, process, opened_at, confirmed_at)
    select organisation_id, listener, origin, ${process}, min(opened_at), ${now} from present group by 1, 2, 3
    on conflict (organisation_id, listener_id, origin, process)
      do update set opened_at = excluded.opened_at, confirmed_at = excluded.confirmed_at`,
})

/** Writes a process's open breakers, and removes those that it does not name any more. */
export async function recordBreakers(
  db: Queryable,
  process: string,
  breakers: readonly BreakerRecord[],
  now: Date,
): Promise<void> {
  const gone = new Date(now.getTime() - BREAKER_CONFIRMED_WITHIN_MS)
  const rows = breakers.map((breaker) => ({ ...breaker, origin: breaker.origin.slice(0, LONGEST_ORIGIN) }))
  await db.query(RECORD_BREAKERS({ process, now, gone, breakers: rows }))
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

const RECORD_FAULTS = statement({
  name: 'faults_record',
  parameters: {
    faults: {
      bucket: 'smallint',
      organisationId: 'uuid',
      deliveryId: 'uuid',
      fault: 'text',
      listener: 'text',
      error: 'text',
      count: 'int',
      firstAt: 'timestamptz',
      lastAt: 'timestamptz',
    },
  },
  text: ({ faults }) => `insert into delivery_faults as f
      (bucket, organisation_id, delivery_id, fault, listener, error, count, first_at, last_at)
    select * from ${faults('r')} where ${IN_SLICE}
    on conflict (bucket, organisation_id, delivery_id, fault)
      do update set error = excluded.error, count = f.count + excluded.count, last_at = excluded.last_at`,
})

export async function recordFaults(db: Queryable, faults: readonly FaultRecord[]): Promise<void> {
  await db.query(RECORD_FAULTS({ faults: faults.map((fault) => ({ ...fault, error: fault.error.slice(0, 64) })) }))
}

/** Drops faults that have not happened again since. */
export async function pruneFaults(db: Queryable, before: Date): Promise<void> {
  await db.query({ text: 'delete from delivery_faults where last_at < $1', values: [before] })
}
