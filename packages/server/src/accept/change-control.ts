import type { Organisations } from '../accounts/organisations.js'
import { userKey } from '../lanes/user-key.js'
import type { Decision, Thread } from '../threads/types.js'
import type { Caller } from './accept-message.js'
import { finish, openSession } from './sessions.js'
import type { Work } from './work.js'

export interface ControlRequest {
  userId: string
  type: 'pass' | 'take' | 'request'
  requester: string
  receiver: string
}

/**
 * Passes, takes or asks for control. A refusal is an answer, not an error.
 * @throws {Refusal} `user_not_found`
 */
export async function changeControl(
  work: Work,
  organisations: Organisations,
  caller: Caller,
  { userId, type, requester, receiver }: ControlRequest,
): Promise<{ decision: Decision; thread: Thread }> {
  const session = await openSession(work, organisations, userKey(caller.organisationId, userId))
  const decision = await session.command({ kind: type, requester, receiver, caller: caller.listener })
  if (decision.ok) await finish(work, session)
  return { decision, thread: session.thread }
}
