import type { Organisations } from '../accounts/organisations.js'
import { userKey } from '../lanes/user-key.js'
import type { Caller } from './accept-message.js'
import { finish, openSession } from './sessions.js'
import type { Work } from './work.js'

/**
 * A listener calls a user by another id from now on. What waits for it keeps the id before, which it may go on sending.
 * @throws {Refusal} `user_not_found`
 */
export async function linkUser(
  work: Work,
  organisations: Organisations,
  caller: Caller,
  { userId, ectUserId }: { userId: string; ectUserId: string },
): Promise<void> {
  const session = await openSession(work, organisations, userKey(caller.organisationId, userId))
  if (session.outbox.ectUserId(caller.listener) === ectUserId) return
  session.outbox.learned.set(caller.listener, ectUserId)
  await finish(work, session)
}
