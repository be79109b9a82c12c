import { isDeepStrictEqual } from 'node:util'
import { toJson } from '@tract/contract'
import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import type { UserKey } from '../lanes/user-key.js'
import { newMemory } from '../threads/thread.js'
import { Refusal } from './refusal.js'
import { folded } from './searched.js'
import { createThread, renewThread, type UserRecord } from './threads.js'
import type { Work } from './work.js'

/** What the platform tells of a user: an absent field stays as it is, null forgets it. */
export interface UserChanges {
  third_party_user_id?: string | null
  user_name?: string | null
  device_platform?: string | null
  details?: Record<string, unknown>
}

const MOST_DETAILS = 100
const MOST_DETAIL_BYTES = 65_536

/** Former ids that a user keeps beside the present one. */
const MOST_FORMER = 20

const RECORD = `user_id as "userId", third_party_user_id as "thirdPartyUserId", former_third_party_user_ids as "formerThirdPartyUserIds",
  user_name as "userName", device_platform as "devicePlatform", details`

/** A detail that is null is forgotten; a null inside a detail is kept. */
function toldDetails(details: Record<string, unknown> = {}): { known: Record<string, unknown>; forgotten: string[] } {
  const entries = Object.entries(details)
  return {
    known: Object.fromEntries(entries.filter(([, value]) => value !== null)),
    forgotten: entries.flatMap(([name, value]) => (value === null ? [name] : [])),
  }
}

/** What has changed of a user that was known. */
export interface UserChange {
  changed: string[]
  /** The id before, where it has changed. */
  formerThirdPartyUserId: string | null
}

/** Creates the user, or changes what is given. @param former the ids that it had */
async function upsertUser(
  queryable: Queryable,
  key: UserKey,
  changes: UserChanges,
  former: readonly string[],
  now: Date,
): Promise<UserRecord> {
  const { known, forgotten } = toldDetails(changes.details)
  const { rows } = await queryable.query<UserRecord>({
    name: 'user_upsert',
    text: `insert into users as u (bucket, organisation_id, user_id, third_party_user_id, user_name, device_platform, details, created_at, updated_at, search_name)
      values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $8, $13)
      on conflict (bucket, organisation_id, user_id) do update set
        third_party_user_id = case when $9 then excluded.third_party_user_id else u.third_party_user_id end,
        former_third_party_user_ids = $12,
        user_name = case when $10 then excluded.user_name else u.user_name end,
        search_name = case when $10 then excluded.search_name else u.search_name end,
        device_platform = case when $11 then excluded.device_platform else u.device_platform end,
        details = (u.details || $7::jsonb) - $14::text[],
        updated_at = $8
      returning ${RECORD}`,
    values: [
      key.bucket,
      key.organisationId,
      key.userId,
      changes.third_party_user_id ?? null,
      changes.user_name ?? null,
      changes.device_platform ?? null,
      toJson(known),
      now,
      changes.third_party_user_id !== undefined,
      changes.user_name !== undefined,
      changes.device_platform !== undefined,
      former,
      changes.user_name == null ? null : folded(changes.user_name),
      forgotten,
    ],
  })
  return rows[0] as UserRecord
}

/**
 * Creates a user with its thread, or changes what is told of it.
 * @param path where in the call the user stands
 * @param mark stands for the user, should it have been erased
 * @throws {Refusal} `invalid_request` when all its details together are too many or too large
 */
export async function tellUser(
  work: Work,
  key: UserKey,
  changes: UserChanges,
  path: string,
  mark: Buffer | null,
): Promise<{ user: UserRecord; change: UserChange | null }> {
  const before = await lockUser(work.client, key)
  const user = await upsertUser(work.client, key, changes, before ? formerIds(before, changes) : [], work.now)
  if (changes.details) checkDetails(user.details, `${path}/details`)
  if (before) await renewThread(work.client, key)
  else await createThread(work.client, key, newMemory(), work.now, mark)
  return { user, change: before && changeOf(before, user) }
}

/** The user as it was; a user that is created at this moment is a new one to whoever waits for its row. */
async function lockUser(queryable: Queryable, key: UserKey): Promise<UserRecord | null> {
  const { rows } = await queryable.query<UserRecord>({
    name: 'user_lock',
    text: `select ${RECORD} from users where bucket = $1 and organisation_id = $2 and user_id = $3 for update`,
    values: [key.bucket, key.organisationId, key.userId],
  })
  return rows[0] ?? null
}

function formerIds(
  { thirdPartyUserId: id, formerThirdPartyUserIds }: UserRecord,
  told: UserChanges,
): readonly string[] {
  const former = formerThirdPartyUserIds ?? []
  const { third_party_user_id: next } = told
  if (id === null || next === undefined || next === id) return former
  return [...former.filter((one) => one !== id), id].slice(-MOST_FORMER)
}

function changeOf(before: UserRecord, user: UserRecord): UserChange | null {
  const isOther = before.thirdPartyUserId !== user.thirdPartyUserId
  const changed = [
    ...(isOther ? ['third_party_user_id'] : []),
    ...(before.userName !== user.userName ? ['user_name'] : []),
    ...(before.devicePlatform !== user.devicePlatform ? ['device_platform'] : []),
    ...(isDeepStrictEqual(before.details, user.details) ? [] : ['details']),
  ]
  return changed.length > 0 ? { changed, formerThirdPartyUserId: isOther ? before.thirdPartyUserId : null } : null
}

function checkDetails(details: Record<string, unknown>, path: string): void {
  const refuse = (message: string) =>
    new Refusal('invalid_request', `The request breaks the contract at ${path}: ${message}.`, [{ path, message }])
  const count = Object.keys(details).length
  if (count > MOST_DETAILS)
    throw refuse(`the user must not have more than ${MOST_DETAILS} details, with those known ${count}`)
  const bytes = Buffer.byteLength(toJson(details))
  if (bytes > MOST_DETAIL_BYTES)
    throw refuse(`the user's details must not be over ${MOST_DETAIL_BYTES} bytes, with those known ${bytes}`)
}

/** Whether the platform tells something new of the user. It mostly repeats itself, and that needs no write. */
export function tellsMore(changes: UserChanges, user: UserRecord): boolean {
  const differs = (told: string | null | undefined, known: string | null) => told !== undefined && told !== known
  return (
    differs(changes.third_party_user_id, user.thirdPartyUserId) ||
    differs(changes.user_name, user.userName) ||
    differs(changes.device_platform, user.devicePlatform) ||
    Object.entries(changes.details ?? {}).some(([name, value]) => !isDeepStrictEqual(value, user.details[name] ?? null))
  )
}

export async function readUser(queryable: Queryable, key: UserKey): Promise<UserRecord | null> {
  const { rows } = await queryable.query<UserRecord>({
    name: 'user_read',
    text: `select ${RECORD} from users
      where bucket = $1 and organisation_id = $2 and user_id = $3`,
    values: [key.bucket, key.organisationId, key.userId],
  })
  return rows[0] ?? null
}

/**
 * Removes everything that belongs to a user, also answers kept with keys. The caller has the thread locked, so nothing
 * is added.
 */
export async function eraseUser(
  queryable: Queryable,
  key: UserKey,
): Promise<{ messages: number; deliveries: number; leasedUntil: Date | null }> {
  const values = [key.bucket, key.organisationId, key.userId]
  const where = 'where bucket = $1 and organisation_id = $2 and user_id = $3'
  const erase = async (text: string) => (await queryable.query({ text, values })).rowCount ?? 0
  // lanes first: results are written under their lock, and none are once they are gone
  const lanes = await queryable.query<{ until: Date | null }>({
    text: `delete from lanes ${where} returning lease_until as until`,
    values,
  })
  const leases = lanes.rows.flatMap(({ until }) => (until ? [until.getTime()] : []))
  for (const table of ['attempts', 'delivery_ends']) {
    await erase(`delete from ${table} a using deliveries d where a.bucket = $1 and a.organisation_id = $2 and d.bucket = $1
      and d.organisation_id = $2 and d.user_id = $3 and a.delivery_id = d.id`)
  }
  const deliveries = await erase(`delete from deliveries ${where}`)
  const messages = await erase(`delete from messages ${where}`)
  // after the messages: who is reading them has written their words by then
  await erase(`delete from message_words ${where}`)
  await queryable.query({
    text: `with gone as (delete from attachments where organisation_id = $1 and user_id = $2 returning organisation_id, id)
      insert into stray_files (organisation_id, id, due_at) select organisation_id, id, now() from gone`,
    values: [key.organisationId, key.userId],
  })
  await erase(`delete from events ${where}`)
  await erase(`delete from conversations ${where}`)
  await erase(`delete from threads ${where}`)
  await erase(`delete from users ${where}`)
  // found by their text, so one of another user may go too: it is made again
  await queryable.query({
    text: 'delete from stream_attempts where organisation_id = $1 and position(to_json($2::text)::text in body) > 0',
    values: [key.organisationId, key.userId],
  })
  await queryable.query({
    text: 'delete from idempotency_keys where organisation_id = $1 and user_id = $2',
    values: [key.organisationId, key.userId],
  })
  faultPoint('erase.before-commit')
  return { messages, deliveries, leasedUntil: leases.length > 0 ? new Date(Math.max(...leases)) : null }
}
