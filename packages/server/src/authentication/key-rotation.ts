import type pg from 'pg'
import { transaction } from '../database/database.js'
import type { Queryable } from '../database/queryable.js'
import type { SecretBox } from '../database/secret-box.js'
import { createSigningKey } from './signing-key.js'
import {
  announceSigningKeys,
  deleteRetiredSigningKeys,
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  retireOtherSigningKeys,
} from './signing-keys.js'

/**
 * How keys follow each other, in ms. States of a key: published, signing, retiring (published until its last token ends).
 *
 * What holds: a key is published `publishLead` before it signs, and no process signs with a view of the keys older than
 * `oldestView`, which is shorter. So every process changes over on time, and each token is valid until it expires.
 */
export interface KeySchedule {
  tokenLifetime: number
  /** Between processes' clocks. */
  skew: number
  publishLead: number
  oldestView: number
  rotateEvery: number
}

export interface KeyRotation {
  pool: pg.Pool
  box: SecretBox
  schedule: KeySchedule
  /** In ms since the epoch. */
  now: () => number
}

/** Makes the first key, if there is none. Safe for processes that start together. */
export async function ensureSigningKey(rotation: KeyRotation): Promise<void> {
  const { pool, now } = rotation
  if ((await listSigningKeys(pool, now())).length > 0) return
  await changeKeys(rotation, ({ newest }) => (newest ? 'keep' : 'immediately'))
}

/** Gives the newest key a successor when its time has come, and removes what has retired. */
export async function rotateWhenDue(rotation: KeyRotation): Promise<void> {
  const { schedule, pool, now } = rotation
  const due = (newest: { activatesAt: Date } | undefined): boolean =>
    !newest || newest.activatesAt.getTime() + schedule.rotateEvery - schedule.publishLead <= now()

  const keys = await listSigningKeys(pool, now())
  if (due(keys.at(-1))) {
    await changeKeys(rotation, ({ newest, pending }) => (due(newest) && !pending ? 'after publication' : 'keep'))
  }
  await deleteRetiredSigningKeys(pool, now())
}

export interface NewSigningKey {
  kid: string
  /** When it begins to sign. */
  activatesAt: Date
}

/**
 * Changes to another key, in the transaction of `db`; after its commit, this process has to reload.
 * @param immediately the old keys may have leaked, and every token of theirs ends; otherwise the successor is published
 *   for a while first, once, and tokens of the old key stay valid until they expire
 */
export async function rotateNow(rotation: KeyRotation, immediately: boolean, db: Queryable): Promise<NewSigningKey> {
  return changeKeysIn(db, rotation, ({ pending }) =>
    immediately ? 'immediately' : pending ? 'keep' : 'after publication',
  )
}

type Change = 'keep' | 'immediately' | 'after publication'

interface View {
  newest: { kid: string; activatesAt: Date } | undefined
  /** The newest key does not sign yet. */
  pending: boolean
}

function changeKeys(rotation: KeyRotation, decide: (view: View) => Change): Promise<NewSigningKey> {
  return transaction(rotation.pool, (db) => changeKeysIn(db, rotation, decide))
}

async function changeKeysIn(
  db: Queryable,
  { box, schedule, now }: KeyRotation,
  decide: (view: View) => Change,
): Promise<NewSigningKey> {
  await lockSigningKeys(db)
  const at = now()
  const keys = await listSigningKeys(db, at)
  const newest = keys.at(-1)
  const pending = keys.length > 1 && newest !== undefined && newest.activatesAt.getTime() > at
  const change = decide({ newest, pending })
  if (change === 'keep' && newest) return newest

  const activatesAt = change === 'immediately' ? at : at + schedule.publishLead
  const key = await createSigningKey(box, at, activatesAt)
  await insertSigningKey(db, key)
  // Another process may sign with the old key until its view is too old.
  const lastToken = activatesAt + schedule.oldestView + schedule.skew + schedule.tokenLifetime + schedule.skew
  await retireOtherSigningKeys(db, key.kid, change === 'immediately' ? at : lastToken)
  await announceSigningKeys(db)
  return key
}
