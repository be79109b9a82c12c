import type { JWK } from 'jose'
import type { Queryable } from '../database/queryable.js'

/** Tells every process that the signing keys changed. No payload. */
export const SIGNING_KEYS_CHANNEL = 'tract_signing_keys'

export interface StoredSigningKey {
  kid: string
  algorithm: string
  publicJwk: JWK
  /** The private JWK, sealed. */
  privateKey: Buffer
  createdAt: Date
  /** When it begins to sign. It is published before. */
  activatesAt: Date
  /** When its last token has expired; null for the newest key. */
  retiresAt: Date | null
}

/** The keys that are published at `now`, in the order in which they sign. */
export async function listSigningKeys(db: Queryable, now: number): Promise<StoredSigningKey[]> {
  const { rows } = await db.query<StoredSigningKey>({
    name: 'list_signing_keys',
    text: `select kid, algorithm, public_jwk as "publicJwk", private_key as "privateKey", created_at as "createdAt",
      activates_at as "activatesAt", retires_at as "retiresAt"
      from signing_keys where retires_at is null or retires_at > $1
      order by activates_at, retires_at nulls last, kid`,
    values: [new Date(now)],
  })
  return rows
}

export async function insertSigningKey(db: Queryable, key: StoredSigningKey): Promise<void> {
  await db.query({
    text: `insert into signing_keys (kid, algorithm, public_jwk, private_key, created_at, activates_at, retires_at)
      values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [key.kid, key.algorithm, key.publicJwk, key.privateKey, key.createdAt, key.activatesAt, key.retiresAt],
  })
}

/** Retires every key but `kid`, unless it retires earlier already. */
export async function retireOtherSigningKeys(db: Queryable, kid: string, retiresAt: number): Promise<void> {
  await db.query({
    text: 'update signing_keys set retires_at = $2 where kid <> $1 and (retires_at is null or retires_at > $2)',
    values: [kid, new Date(retiresAt)],
  })
}

export async function deleteRetiredSigningKeys(db: Queryable, now: number): Promise<void> {
  await db.query({ text: 'delete from signing_keys where retires_at <= $1', values: [new Date(now)] })
}

export async function announceSigningKeys(db: Queryable): Promise<void> {
  await db.query({ text: `select pg_notify('${SIGNING_KEYS_CHANNEL}', '')` })
}

/** One process at a time changes the keys; the others wait until the transaction ends, and then see what it did. */
export async function lockSigningKeys(db: Queryable): Promise<void> {
  await db.query({ text: "select pg_advisory_xact_lock(hashtext('tract_signing_keys'))::text" })
}
