import { createHash } from 'node:crypto'
import type { Queryable } from './queryable.js'
import type { SecretBox } from './secret-box.js'

export const IDEMPOTENCY_HOURS = 24

export interface IdempotentCall {
  clientId: string
  key: string
  operationId: string
  /** What makes two calls the same: the operation and its body. */
  requestHash: Buffer
  /** Whose data the answer holds, so that they are erased with the user. */
  organisationId: string | null
  userId: string | null
}

/** The first answer: a 2xx body, or the refusal of a well-formed call. */
export interface StoredAnswer {
  status: number
  body: unknown
}

export type Claim = { kind: 'first' } | { kind: 'repeated'; answer: StoredAnswer } | { kind: 'reused' }

const bucketOfKey = ({ clientId, key }: IdempotentCall): number =>
  createHash('sha256').update(`${clientId}\n${key}`).digest()[0] as number

const context = (call: IdempotentCall) => `idempotency_keys:${call.clientId}:${call.key}`

/**
 * Claims the key for this transaction. A concurrent call with the same key waits here until the first one ends: then it gets the first
 * one's answer, or, if that rolled back, the claim. Answers are sealed, since some hold a new secret.
 */
export async function claimKey(queryable: Queryable, box: SecretBox, call: IdempotentCall, now: Date): Promise<Claim> {
  const bucket = bucketOfKey(call)
  const expired = new Date(now.getTime() - IDEMPOTENCY_HOURS * 3_600_000)
  const claimed = await queryable.query({
    name: 'idempotency_claim',
    text: `insert into idempotency_keys as k (bucket, client_id, key, operation_id, request_hash, organisation_id, user_id, created_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (bucket, client_id, key) do update set operation_id = excluded.operation_id, request_hash = excluded.request_hash,
        organisation_id = excluded.organisation_id, user_id = excluded.user_id, created_at = excluded.created_at, status = null, answer = null
      where k.created_at < $9
      returning 1`,
    values: [
      bucket,
      call.clientId,
      call.key,
      call.operationId,
      call.requestHash,
      call.organisationId,
      call.userId,
      now,
      expired,
    ],
  })
  if (claimed.rows.length > 0) return { kind: 'first' }
  const { rows } = await queryable.query<{ request_hash: Uint8Array; status: number; answer: string }>({
    name: 'idempotency_read',
    text: 'select request_hash, status, answer from idempotency_keys where bucket = $1 and client_id = $2 and key = $3',
    values: [bucket, call.clientId, call.key],
  })
  const row = rows[0]
  if (!row) throw new Error('The idempotency key went away between two statements.')
  if (!call.requestHash.equals(row.request_hash)) return { kind: 'reused' }
  const body = JSON.parse(box.open(Buffer.from(row.answer, 'base64'), context(call)).toString('utf8'))
  return { kind: 'repeated', answer: { status: row.status, body } }
}

export async function keepAnswer(
  queryable: Queryable,
  box: SecretBox,
  call: IdempotentCall,
  answer: StoredAnswer,
): Promise<void> {
  const sealed = box.seal(Buffer.from(JSON.stringify(answer.body)), context(call)).toString('base64')
  await queryable.query({
    name: 'idempotency_keep',
    text: 'update idempotency_keys set status = $4, answer = $5 where bucket = $1 and client_id = $2 and key = $3',
    values: [bucketOfKey(call), call.clientId, call.key, answer.status, sealed],
  })
}

/** Forgets keys older than 24 hours, a few in each bucket at a time; answers how many. */
export async function pruneKeys(queryable: Queryable, now: Date, perBucket = 100): Promise<number> {
  const { rowCount } = await queryable.query({
    text: `delete from idempotency_keys k using generate_series(0, 255) b cross join lateral (
        select bucket, client_id, key from idempotency_keys where bucket = b and created_at < $1 order by created_at limit $2) old
      where k.bucket = old.bucket and k.client_id = old.client_id and k.key = old.key`,
    values: [new Date(now.getTime() - IDEMPOTENCY_HOURS * 3_600_000), perBucket],
  })
  return rowCount ?? 0
}
