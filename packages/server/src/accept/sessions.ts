/** Opens sessions on threads that are locked for the rest of the transaction, and writes them back. */
import type { OrganisationRecord, Organisations } from '../accounts/organisations.js'
import { type Lane, learnEctUserIds, readLanes } from '../lanes/lanes.js'
import { nameOf, type UserKey } from '../lanes/user-key.js'
import { nameAttachments } from './message-attachments.js'
import { Refusal } from './refusal.js'
import { ThreadSession } from './thread-session.js'
import { lockThreads } from './threads.js'
import type { Work } from './work.js'
import { writeThreads } from './write-threads.js'

/** In the order of user keys; a user that does not exist is left out. */
export async function openSessions(
  work: Work,
  organisations: Organisations,
  keys: readonly UserKey[],
): Promise<ThreadSession[]> {
  const locked = await lockThreads(work.client, keys)
  const records = new Map<string, OrganisationRecord>()
  for (const { key, configVersion } of locked) {
    if (records.has(key.organisationId)) continue
    const record = await organisations.at(work.client, key.organisationId, configVersion)
    if (record) records.set(key.organisationId, record)
  }
  const organisationOf = (key: UserKey) => records.get(key.organisationId) as OrganisationRecord
  const lanes = await readLanes(
    work.client,
    locked.map(({ key }) => ({ ...key, listeners: organisationOf(key).listeners.keys() })),
  )
  const byUser = new Map(locked.map(({ key }) => [nameOf(key), new Map<string, Lane>()]))
  for (const lane of lanes) byUser.get(nameOf(lane))?.set(lane.listener, lane)
  return locked.map((before) => {
    const { key } = before
    const found = { before, organisation: organisationOf(key), lanes: byUser.get(nameOf(key)) ?? new Map() }
    return new ThreadSession(found, work)
  })
}

/** @throws {Refusal} `user_not_found` */
export async function openSession(work: Work, organisations: Organisations, key: UserKey): Promise<ThreadSession> {
  const [session] = await openSessions(work, organisations, [key])
  if (session) return session
  throw new Refusal('user_not_found', `The organisation has no user ${key.userId}.`)
}

/**
 * Writes sessions back; nothing may follow in them.
 * @returns the lanes of each as they are once it is committed
 */
export async function finish(work: Work, ...sessions: ThreadSession[]): Promise<ReadonlyMap<string, Lane>[]> {
  const changed = sessions.filter((session) => !session.isUnchanged)
  const changes = changed.map((session) => session.changes)
  const lanes = await writeThreads(work.client, work.now, changes)
  await nameAttachments(work.client, changes)
  await learnEctUserIds(
    work.client,
    changed.map(({ key, outbox }) => ({ key, learned: outbox.learned })),
  )
  for (const { key, outbox, messages } of changes) {
    if (outbox.length > 0) work.touched.add(key.bucket)
    if (messages.length > 0) work.saidOn.push(key)
  }
  return sessions.map((session) => lanes[changed.indexOf(session)] ?? session.changes.lanes)
}
