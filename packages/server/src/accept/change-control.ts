import { type PassContext, toJson } from '@tract/contract'
import type { Organisations } from '../accounts/organisations.js'
import { userKey } from '../lanes/user-key.js'
import type { ControlCommand, Decision, OfferCommand, Thread } from '../threads/types.js'
import { type Caller, meant } from './accept-message.js'
import { Refusal, refusalOf } from './refusal.js'
import { finish, openSession } from './sessions.js'
import type { Work } from './work.js'

export interface ControlRequest {
  userId: string
  type: 'pass' | 'take' | 'request' | 'offer'
  /** The caller where it is left out. */
  requester?: string | undefined
  receiver: string
  /** The conversation that it is meant for. */
  conversationNumber?: string | undefined
  context?: PassContext | undefined
  whenClosed?: 'refuse' | 'wait' | undefined
  /** Of an offer, who is asked after it. */
  receivers?: readonly string[] | undefined
  /** Of an offer, in seconds. */
  expiresIn?: number | undefined
}

/** As JSON, in bytes. */
const LONGEST_CUSTOM = 4096

/**
 * Passes, takes, offers or asks for control. A refusal is an answer, not an error.
 * @throws {Refusal} `user_not_found`, `conversation_over`; `invalid_request` if the context is too long
 */
export async function changeControl(
  work: Work,
  organisations: Organisations,
  caller: Caller,
  request: ControlRequest,
): Promise<{ decision: Decision; thread: Thread }> {
  const { userId, type, context } = request
  if (context) checkContext(context)
  const session = await openSession(work, organisations, userKey(caller.organisationId, userId))
  if (type === 'pass' || type === 'offer') await session.lookWhoIsThere(context?.team)
  const decision = await session.command(commandOf(request, caller.listener))
  if (!decision.ok && decision.refusal.code === 'conversation_over') throw refusalOf(decision.refusal)
  if (decision.ok) await finish(work, session)
  return { decision, thread: session.thread }
}

function commandOf(request: ControlRequest, caller: string): ControlCommand | OfferCommand {
  const { type: kind, requester = caller, receiver, receivers = [], expiresIn, context, whenClosed } = request
  const closed = whenClosed === undefined ? {} : { whenClosed }
  const said = { requester, caller, context, ...closed, ...meant(request.conversationNumber) }
  if (kind !== 'offer') return { kind, receiver, ...said }
  const within = expiresIn === undefined ? {} : { within: expiresIn }
  return { kind, receivers: [...new Set([receiver, ...receivers])], ...said, ...within }
}

function checkContext({ custom }: PassContext): void {
  const bytes = custom === undefined ? 0 : Buffer.byteLength(toJson(custom))
  if (bytes <= LONGEST_CUSTOM) return
  const [path, message] = ['/context/custom', `must not be over ${LONGEST_CUSTOM} bytes as JSON, and has ${bytes}`]
  throw new Refusal('invalid_request', `The request breaks the contract at ${path}: ${message}.`, [{ path, message }])
}
