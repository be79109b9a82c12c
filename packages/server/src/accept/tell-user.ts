import { toJson } from '@tract/contract'
import type { UserKey } from '../lanes/user-key.js'
import { newMemory } from '../threads/thread.js'
import { Refusal } from './refusal.js'
import { createThread, type UserRecord } from './threads.js'
import { type UserChanges, upsertUser } from './users.js'
import type { Work } from './work.js'

const MOST_DETAILS = 100
const MOST_DETAIL_BYTES = 65_536

/**
 * Creates a user with its thread, or changes what is told of it. `path`: where in the call it stands.
 * @throws {Refusal} `invalid_request` when all its details together are too many or too large
 */
export async function tellUser(work: Work, key: UserKey, changes: UserChanges, path: string): Promise<UserRecord> {
  const user = await upsertUser(work.client, key, changes, work.now)
  if (changes.details) checkDetails(user.details, `${path}/details`)
  await createThread(work.client, key, newMemory(), work.now)
  return user
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
