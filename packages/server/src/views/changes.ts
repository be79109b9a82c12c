import type { Queryable } from '../database/queryable.js'
import type { Sliced } from '../database/slices.js'
import { idAt } from '../database/time-ordered-id.js'
import { ALL_BUCKETS } from '../lanes/delivery-places.js'
import { mayWait } from '../lanes/lane-key.js'
import type { UserKey } from '../lanes/user-key.js'

/** Where a lane stands: it is another text after every change. */
export interface LaneStand {
  listener: string
  user_id: string
  stand: string
}

const STAND = `concat_ws('/', l.head, l.tail, l.attempts_made, l.failing_since)`

export interface UserStand {
  /** Null where there is no such user. */
  version: string | null
  lanes: LaneStand[]
}

/** How a user's thread and its lanes stand: a look-up of each. */
export async function userStand(db: Queryable, { bucket, organisationId, userId }: UserKey): Promise<UserStand> {
  const { rows } = await db.query<{ version: string | null; lanes: LaneStand[] | null }>({
    text: `select (select version::text from threads where bucket = $1 and organisation_id = $2 and user_id = $3) as version,
      (select jsonb_agg(jsonb_build_object('listener', l.listener, 'user_id', l.user_id, 'stand', ${STAND})) from listeners s
        cross join lateral (select * from lanes where bucket = $1 and organisation_id = s.organisation_id and listener = s.listener_id
          and user_id = $3 offset 0) l
        where s.organisation_id = $2) as lanes`,
    values: [bucket, organisationId, userId],
  })
  const [{ version, lanes } = { version: null, lanes: null }] = rows
  return { version, lanes: lanes ?? [] }
}

/** Changes of a bucket that are looked at: where there are more, the reader is told that it was too much. */
const MOST_OF_A_BUCKET = 100

export interface OrganisationStand {
  /** The lanes that deliveries were enqueued in lately, with the newest of those, and the lanes that have something to deliver. */
  enqueued: LaneStand[]
  waiting: LaneStand[]
  /** There is more of it than this. */
  isCut: boolean
}

/**
 * What moves in an organisation: what was enqueued since a moment, and the lanes that wait, as of one instant in each slice. Nothing goes through history
 * for it; it costs two look-ups a bucket, and what was found.
 */
export async function organisationStand(
  slices: Sliced<Queryable>,
  organisationId: string,
  since: number,
): Promise<OrganisationStand> {
  const query = {
    text: `select 'enqueued' as kind, b.bucket, d.listener, d.user_id, d.id::text as stand
        from unnest($1::smallint[]) as b(bucket) cross join lateral (
          select id, listener, user_id from deliveries
          where bucket = b.bucket and organisation_id = $2 and id >= $3 order by id desc limit ${MOST_OF_A_BUCKET + 1}
        ) d
      union all
      select 'waiting', b.bucket, l.listener, l.user_id, ${STAND}
        from unnest($1::smallint[]) as b(bucket) cross join lateral (
          select * from lanes where bucket = b.bucket and ${mayWait('lanes')} and head < tail and organisation_id = $2 limit ${MOST_OF_A_BUCKET + 1}
        ) l`,
    values: [ALL_BUCKETS, organisationId, idAt(since)],
  }
  type Row = LaneStand & { kind: 'enqueued' | 'waiting'; bucket: number }
  const rows = (await slices.ask(async (db) => (await db.query<Row>(query)).rows)).flat()
  const counts = new Map<string, number>()
  for (const { kind, bucket } of rows) {
    const key = `${kind} ${bucket}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return {
    enqueued: rows.filter(({ kind }) => kind === 'enqueued'),
    waiting: rows.filter(({ kind }) => kind === 'waiting'),
    isCut: [...counts.values()].some((count) => count > MOST_OF_A_BUCKET),
  }
}

export interface HookStand {
  listener: string
  stand: string
}

/** How the hooks of an organisation and their endpoints stand. */
export async function hookStand(db: Queryable, organisationId: string): Promise<HookStand[]> {
  const { rows } = await db.query<HookStand>({
    text: `select s.listener_id as listener, concat_ws('/',
        (select string_agg(concat_ws(' ', h.id, h.status, h.updated_at, h.failing_since), ',' order by h.id) from hooks h
          where h.organisation_id = s.organisation_id and h.listener_id = s.listener_id),
        (select string_agg(distinct concat_ws(' ', o.origin, o.process), ',') from open_breakers o
          where o.organisation_id = s.organisation_id and o.listener_id = s.listener_id)) as stand
      from listeners s where s.organisation_id = $1`,
    values: [organisationId],
  })
  return rows
}
