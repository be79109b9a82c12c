import { hash } from 'node:crypto'
import { parseJson, toJson } from '@tract/contract'
import type { Queryable } from '../database/queryable.js'
import type { SecretBox } from '../database/secret-box.js'

const IDEMPOTENCY_HOURS = 24

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
  hash('sha256', `${clientId}\n${key}`, 'buffer')[0] as number

/** A key that was used before that can be used again. */
export const keysExpireBefore = (now: Date): Date => new Date(now.getTime() - IDEMPOTENCY_HOURS * 3_600_000)

/** Joins `idempotency_keys k` to keys, each looked up by itself: see `laneOf`. */
const keyOf = (from: string): string =>
  `k.bucket = any(array[${from}.bucket]) and k.client_id = ${from}.client_id and k.key = ${from}.key`

const context = (call: IdempotentCall) => `idempotency_keys:${call.clientId}:${call.key}`

/**
 * Claims keys, each given once, for this transaction; answers in their order. A concurrent call with the same key waits here until the
 * first one ends: then it gets the first one's answer, or, if that rolled back, the claim. Answers are sealed, since some hold a new secret.
 */
export async function claimKeys(
  db: Queryable,
  box: SecretBox,
  calls: readonly IdempotentCall[],
  now: Date,
): Promise<Claim[]> {
  if (calls.length === 0) return []
  const expired = keysExpireBefore(now)
  const keys = [calls.map(bucketOfKey), calls.map(({ clientId }) => clientId), calls.map(({ key }) => key)]
  const claimed = await db.query<{ client_id: string; key: string }>({
    name: 'idempotency_claim',
    text: `insert into idempotency_keys as k (bucket, client_id, key, operation_id, request_hash, organisation_id, user_id, created_at)
      select c.*, $8 from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::uuid[], $7::text[])
        as c(bucket, client_id, key, operation_id, request_hash, organisation_id, user_id)
      order by c.bucket, c.client_id, c.key
      on conflict (bucket, client_id, key) do update set operation_id = excluded.operation_id, request_hash = excluded.request_hash,
        organisation_id = excluded.organisation_id, user_id = excluded.user_id, created_at = excluded.created_at, status = null, answer = null
      where k.created_at < $9
      returning client_id, key`,
    values: [
      ...keys,
      calls.map(({ operationId }) => operationId),
      calls.map(({ requestHash }) => requestHash),
      calls.map(({ organisationId }) => organisationId),
      calls.map(({ userId }) => userId),
      now,
      expired,
    ],
  })
  const name = ({ clientId, key }: { clientId: string; key: string }) => `${clientId} ${key}`
  const first = new Set(claimed.rows.map((row) => name({ clientId: row.client_id, key: row.key })))
  const stored = new Map<string, { request_hash: Uint8Array; status: number; answer: string }>()
  if (first.size < calls.length) {
    const { rows } = await db.query<{
      client_id: string
      key: string
      request_hash: Uint8Array
      status: number
      answer: string
    }>({
      name: 'idempotency_read',
      text: `select k.client_id, k.key, request_hash, status, answer
        from unnest($1::smallint[], $2::text[], $3::text[]) as c(bucket, client_id, key) join idempotency_keys k on ${keyOf('c')}`,
      values: keys,
    })
    for (const row of rows) stored.set(name({ clientId: row.client_id, key: row.key }), row)
  }
  return calls.map((call) => {
    if (first.has(name(call))) return { kind: 'first' }
    const row = stored.get(name(call))
    if (!row) throw new Error('An idempotency key went away between two statements.')
    if (!call.requestHash.equals(row.request_hash)) return { kind: 'reused' }
    const body = parseJson(box.open(Buffer.from(row.answer, 'base64'), context(call)).toString('utf8'))
    return { kind: 'repeated', answer: { status: row.status, body } }
  })
}

export interface KeptAnswer {
  call: IdempotentCall
  answer: StoredAnswer
}

const sealed = (box: SecretBox, { call, answer }: KeptAnswer): string =>
  box.seal(Buffer.from(toJson(answer.body)), context(call)).toString('base64')

/** One of the table, with its answer. */
export const keyRow = (box: SecretBox, kept: KeptAnswer) => ({
  bucket: bucketOfKey(kept.call),
  client_id: kept.call.clientId,
  key: kept.call.key,
  operation_id: kept.call.operationId,
  request_hash: kept.call.requestHash.toString('base64'),
  organisation_id: kept.call.organisationId,
  user_id: kept.call.userId,
  status: kept.answer.status,
  answer: sealed(box, kept),
})

export async function keepAnswers(db: Queryable, box: SecretBox, kept: readonly KeptAnswer[]): Promise<void> {
  if (kept.length === 0) return
  await db.query({
    name: 'idempotency_keep',
    text: `update idempotency_keys k set status = c.status, answer = c.answer
      from unnest($1::smallint[], $2::text[], $3::text[], $4::int[], $5::text[]) as c(bucket, client_id, key, status, answer)
      where ${keyOf('c')}`,
    values: [
      kept.map(({ call }) => bucketOfKey(call)),
      kept.map(({ call }) => call.clientId),
      kept.map(({ call }) => call.key),
      kept.map(({ answer }) => answer.status),
      kept.map((each) => sealed(box, each)),
    ],
  })
}

/** Gives claims of this transaction back, for calls that run in another one after all. */
export async function releaseKeys(db: Queryable, calls: readonly IdempotentCall[]): Promise<void> {
  if (calls.length === 0) return
  await db.query({
    text: `delete from idempotency_keys k using unnest($1::smallint[], $2::text[], $3::text[]) as c(bucket, client_id, key)
      where ${keyOf('c')}`,
    values: [calls.map(bucketOfKey), calls.map(({ clientId }) => clientId), calls.map(({ key }) => key)],
  })
}

/** Forgets keys older than 24 hours, a few in each bucket at a time; answers how many. */
export async function pruneKeys(queryable: Queryable, now: Date, perBucket = 100): Promise<number> {
  const { rowCount } = await queryable.query({
    text: `delete from idempotency_keys k using generate_series(0, 255) b cross join lateral (
        select bucket, client_id, key from idempotency_keys where bucket = b and created_at < $1 order by created_at limit $2) old
      where ${keyOf('old')}`,
    values: [keysExpireBefore(now), perBucket],
  })
  return rowCount ?? 0
}
