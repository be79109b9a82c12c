import { hash } from 'node:crypto'
import { parseJson, toJson } from '@tract/contract'
import type { Queryable } from '../database/queryable.js'
import type { SecretBox } from '../database/secret-box.js'
import { IN_SLICE, statement } from '../database/statement.js'
import { compare } from '../lanes/user-key.js'

/** As the contract promises. */
const IDEMPOTENCY_HOURS = 24

export interface IdempotentCall {
  /** Where the key is kept: in the slice of the user, so that one transaction does both. */
  bucket: number
  clientId: string
  key: string
  operationId: string
  /** What makes two calls the same: the operation and its body. */
  requestHash: Buffer
  /** The user whose data the answer holds: it is erased with the user. */
  organisationId: string | null
  userId: string | null
}

/** The first answer: a 2xx body, or the refusal of a well-formed call. */
export interface StoredAnswer {
  status: number
  body: unknown
}

export type Claim = { kind: 'first' } | { kind: 'repeated'; answer: StoredAnswer } | { kind: 'reused' }

/** By which keys are spread over buckets. */
export const byteOfKey = (clientId: string, key: string): number =>
  hash('sha256', `${clientId}\n${key}`, 'buffer')[0] as number

/** A key that was used before this can be used again. */
const keysExpireBefore = (now: Date): Date => new Date(now.getTime() - IDEMPOTENCY_HOURS * 3_600_000)

const KEY = { bucket: 'smallint', clientId: 'text', key: 'text' } as const

const CALL = {
  ...KEY,
  operationId: 'text',
  requestHash: 'bytea',
  organisationId: 'uuid',
  userId: 'text',
} as const

interface Key {
  bucket: number
  clientId: string
  key: string
}

const keyOf = ({ bucket, clientId, key }: IdempotentCall): Key => ({ bucket, clientId, key })

/** Joins `idempotency_keys k` to keys, each looked up by itself: see `laneOf`. */
const isKey = (from: string): string =>
  `k.bucket = any(array[${from}.bucket]) and k.client_id = ${from}.client_id and k.key = ${from}.key`

/** The order in which several keys are locked, so that two transactions never wait for each other. */
export const compareKeys = (a: Key, b: Key): number =>
  a.bucket - b.bucket || compare(a.clientId, b.clientId) || compare(a.key, b.key)

const context = (call: IdempotentCall) => `idempotency_keys:${call.clientId}:${call.key}`

const CLAIM = statement({
  name: 'idempotency_claim',
  parameters: { calls: CALL, now: 'timestamptz', expired: 'timestamptz' },
  text: ({ calls, now, expired }) => `with claimed as (
      insert into idempotency_keys as k (bucket, client_id, key, operation_id, request_hash, organisation_id, user_id, created_at)
      select c.*, ${now} from ${calls('c')} where ${IN_SLICE}
      on conflict (bucket, client_id, key) do update set operation_id = excluded.operation_id, request_hash = excluded.request_hash,
        organisation_id = excluded.organisation_id, user_id = excluded.user_id, created_at = excluded.created_at, status = null, answer = null
      where k.created_at < ${expired}
      returning client_id, key
    ) select client_id, key from claimed`,
})

const READ = statement({
  name: 'idempotency_read',
  parameters: { keys: KEY },
  text: ({ keys }) =>
    `select k.client_id, k.key, request_hash, status, answer from ${keys('c')} join idempotency_keys k on ${isKey('c')}`,
})

/**
 * Claims keys for this transaction, each given once; answers in their order. A concurrent call with the same key waits
 * here until the first one ends. Then it gets the first one's answer, or the claim if the first one rolled back.
 */
export async function claimKeys(
  db: Queryable,
  box: SecretBox,
  calls: readonly IdempotentCall[],
  now: Date,
): Promise<Claim[]> {
  if (calls.length === 0) return []
  const rows = calls.map((call) => ({ ...call, ...keyOf(call) })).sort(compareKeys)
  const claimed = await db.query<{ client_id: string; key: string }>(
    CLAIM({ calls: rows, now, expired: keysExpireBefore(now) }),
  )
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
    }>(READ({ keys: calls.map(keyOf) }))
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

/** Sealed, because some answers hold a new secret. */
const sealed = (box: SecretBox, { call, answer }: KeptAnswer): string =>
  box.seal(Buffer.from(toJson(answer.body)), context(call)).toString('base64')

/** Of a call whose answer is kept together with its key. */
export const KEPT_ANSWER_ROW = { place: 'int', ...CALL, status: 'int', answer: 'text' } as const

export const keptAnswerRow = (box: SecretBox, kept: KeptAnswer, place: number) => ({
  ...kept.call,
  ...keyOf(kept.call),
  place,
  status: kept.answer.status,
  answer: sealed(box, kept),
})

const KEEP = statement({
  name: 'idempotency_keep',
  parameters: { answers: { ...KEY, status: 'int', answer: 'text' } },
  text: ({ answers }) =>
    `update idempotency_keys k set status = c.status, answer = c.answer from ${answers('c')} where ${isKey('c')}`,
})

/** Keeps the answers of keys that this transaction has claimed. */
export async function keepAnswers(db: Queryable, box: SecretBox, kept: readonly KeptAnswer[]): Promise<void> {
  if (kept.length === 0) return
  await db.query(KEEP({ answers: kept.map((each) => keptAnswerRow(box, each, 0)) }))
}

const RELEASE = statement({
  parameters: { keys: KEY },
  text: ({ keys }) => `delete from idempotency_keys k using ${keys('c')} where ${isKey('c')}`,
})

/** Gives back claims of this transaction, for calls that are accepted in another one. */
export async function releaseKeys(db: Queryable, calls: readonly IdempotentCall[]): Promise<void> {
  if (calls.length > 0) await db.query(RELEASE({ keys: calls.map(keyOf) }))
}

/** Forgets keys older than 24 hours, a few in each bucket at a time; answers how many. */
export async function pruneKeys(queryable: Queryable, now: Date, perBucket = 100): Promise<number> {
  const { rowCount } = await queryable.query({
    text: `delete from idempotency_keys k using generate_series(0, 255) b cross join lateral (
        select bucket, client_id, key from idempotency_keys where bucket = b and created_at < $1 order by created_at limit $2) old
      where ${isKey('old')}`,
    values: [keysExpireBefore(now), perBucket],
  })
  return rowCount ?? 0
}
