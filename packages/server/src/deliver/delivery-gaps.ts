import type { Queryable } from '../database/queryable.js'
import { bucketOf } from '../lanes/bucket.js'
import type { DeliveryRow } from '../lanes/deliveries.js'

/**
 * What ended unacknowledged right before a delivery, since one of its lane was acknowledged, as far as the lane is still
 * kept. For looking at it afterwards: while it is delivered, the lane's row has it.
 */
export async function gapBefore(
  db: Queryable,
  organisationId: string,
  { listener, user_id, sequence }: Pick<DeliveryRow, 'listener' | 'user_id' | 'sequence'>,
): Promise<{ from: number; to: number } | undefined> {
  const { rows } = await db.query<{ acknowledged: number | null }>({
    name: 'delivery_gap',
    text: `with before as not materialized (
        select d.sequence, e.delivery_id is not null as ended from deliveries d
          left join lateral (select delivery_id from delivery_ends
            where bucket = $1 and organisation_id = $2 and delivery_id = d.id limit 1) e on true
        where d.bucket = $1 and d.organisation_id = $2 and d.listener = $3 and d.user_id = $4 and d.sequence < $5
      )
      select coalesce(
        (select sequence from before where not ended order by sequence desc limit 1),
        (select sequence - 1 from before order by sequence limit 1)) as acknowledged`,
    values: [bucketOf(organisationId, user_id), organisationId, listener, user_id, sequence],
  })
  const acknowledged = rows[0]?.acknowledged ?? sequence - 1
  return sequence > acknowledged + 1 ? { from: acknowledged + 1, to: sequence - 1 } : undefined
}
