import type { Queryable } from '../database/queryable.js'

/** Names a listener. */
export interface ListenerKey {
  organisationId: string
  listener: string
}

/** The kind of a listener; undefined where there is none, or it is disabled. */
export async function findEnabledListener(
  db: Queryable,
  organisationId: string,
  listener: string,
): Promise<{ kind: string } | undefined> {
  const { rows } = await db.query<{ kind: string }>({
    text: 'select kind::text from listeners where organisation_id = $1 and listener_id = $2 and enabled',
    values: [organisationId, listener],
  })
  return rows[0]
}
