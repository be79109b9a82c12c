import type { Queryable } from '../database/queryable.js'

/** Payloads: `<jti> <expiry in ms>` for a revoked token; empty when clients or listeners were enabled or disabled. */
export const REVOCATIONS_CHANNEL = 'tract_revocations'

export interface Revocation {
  jti: string
  /** When the token ends anyway, in ms since the epoch. */
  expiresAt: number
}

/** Stores the revocation until the token would have expired, and tells the other processes on commit. */
export async function insertRevocation(db: Queryable, { jti, expiresAt }: Revocation): Promise<void> {
  await db.query({
    name: 'insert_revocation',
    text: `with revoked as (insert into revoked_tokens (jti, expires_at) values ($1, $2) on conflict (jti) do nothing)
      select pg_notify('${REVOCATIONS_CHANNEL}', $3)::text`,
    values: [jti, new Date(expiresAt), `${jti} ${expiresAt}`],
  })
}

export async function listRevocations(db: Queryable, now: number): Promise<Revocation[]> {
  const { rows } = await db.query<{ jti: string; expires_at: Date }>({
    name: 'list_revocations',
    text: 'select jti, expires_at from revoked_tokens where expires_at > $1',
    values: [new Date(now)],
  })
  return rows.map((row) => ({ jti: row.jti, expiresAt: row.expires_at.getTime() }))
}

/** To be called when a client or a listener was enabled or disabled, best in the same transaction. */
export async function announceAccessChange(db: Queryable): Promise<void> {
  await db.query({ name: 'announce_access_change', text: `select pg_notify('${REVOCATIONS_CHANNEL}', '')::text` })
}

export function parseRevocation(payload: string): Revocation | undefined {
  const [jti, expiresAt] = payload.split(' ')
  return jti && expiresAt ? { jti, expiresAt: Number(expiresAt) } : undefined
}

/** False when the client used this `jti` before. The primary key decides between processes. */
export async function useAssertion(db: Queryable, clientId: string, { jti, expiresAt }: Revocation): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'use_assertion',
    text: 'insert into used_assertions (client_id, jti, expires_at) values ($1, $2, $3) on conflict do nothing',
    values: [clientId, jti, new Date(expiresAt)],
  })
  return rowCount === 1
}

/** Removes what has expired and so is refused without a record. */
export async function deleteExpired(db: Queryable, now: number): Promise<void> {
  for (const table of ['revoked_tokens', 'used_assertions']) {
    await db.query({ text: `delete from ${table} where expires_at <= $1`, values: [new Date(now)] })
  }
}
