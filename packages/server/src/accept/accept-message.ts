import type { ListenerRecord, Organisations } from '../accounts/organisations.js'
import { userKey } from '../lanes/user-key.js'
import type { Command } from '../threads/types.js'
import type { MessageRecord, Sender } from './messages.js'
import { Refusal } from './refusal.js'
import { tellUser } from './tell-user.js'
import { finish, openSession, type ThreadSession } from './thread-session.js'
import type { UserChanges } from './users.js'
import type { Work } from './work.js'

/** Whom a call speaks for. */
export interface Caller {
  organisationId: string
  listener: string
}

export interface IncomingMessage {
  userId: string
  sender: Sender
  body: Record<string, unknown>
  metadata: Record<string, unknown> | null
  /** The user's other ids as the caller knows them. */
  thirdPartyUserId?: string | undefined
  ectUserId?: string | undefined
  /** What the platform tells of the user along with the message; it creates the user. */
  user?: UserChanges | undefined
}

const SENDS_AS: Record<ListenerRecord['kind'], ReadonlySet<Sender>> = {
  iva: new Set(['iva']),
  sac: new Set(['aeu', 'haptik']),
  ect: new Set(['ect', 'aeu']),
  md: new Set(['ceu', 'haptik']),
  analytics: new Set(),
}

/**
 * Accepts a message in a transaction of its own, with what it tells of the user.
 * @throws {Refusal} `user_not_found`, `sender_not_allowed`, `not_in_control`, `user_mismatch`, `no_default_receiver`
 */
export async function acceptMessage(
  work: Work,
  organisations: Organisations,
  caller: Caller,
  incoming: IncomingMessage,
): Promise<MessageRecord> {
  const key = userKey(caller.organisationId, incoming.userId)
  if (incoming.user) await tellUser(work, key, incoming.user, '/user')
  const session = await openSession(work, organisations, key)
  const message = await addMessage(session, caller, incoming)
  await finish(work, session)
  return message
}

/**
 * Adds a message to a thread that is open: control is checked under the lock that numbers the message, so none is accepted from a listener
 * that is not in control at that instant. A refused one leaves the session as it was.
 */
export async function addMessage(
  session: ThreadSession,
  caller: Caller,
  incoming: IncomingMessage,
): Promise<MessageRecord> {
  const { sender, body, metadata } = incoming
  const author = session.organisation.listeners.get(caller.listener)
  if (!author || !SENDS_AS[author.kind].has(sender)) {
    const kind = author?.kind ?? 'none'
    const allowed = author ? [...SENDS_AS[author.kind]].join(', ') || 'nothing' : 'nothing'
    throw new Refusal('sender_not_allowed', `A listener of kind ${kind} may not send as ${sender}.`, [
      { path: '/sender', message: `must be one of ${allowed}` },
    ])
  }
  checkIdentity(session, caller, incoming)
  const decision = await session.command(messageCommand(sender, caller.listener))
  if (!decision.ok)
    throw new Refusal(decision.refusal.code as 'not_in_control' | 'no_default_receiver', decision.refusal.message)
  learnIdentity(session, caller, incoming)
  return session.message({ sender, body, metadata, listener: caller.listener })
}

function messageCommand(sender: Sender, from: string): Command {
  if (sender === 'ceu') return { kind: 'ceu_message' }
  if (sender === 'haptik') return { kind: 'haptik_message', from }
  return { kind: 'listener_message', from, sender }
}

type Identity = Pick<IncomingMessage, 'thirdPartyUserId' | 'ectUserId'>

/** Ids that a caller gives have to be the user's. */
export function checkIdentity(session: ThreadSession, caller: Caller, { thirdPartyUserId, ectUserId }: Identity): void {
  const { userId, thirdPartyUserId: knownThirdParty } = session.user
  if (thirdPartyUserId !== undefined && knownThirdParty !== null && thirdPartyUserId !== knownThirdParty) {
    throw mismatch('third_party_user_id', userId)
  }
  const knownEct = session.ectUserId(caller.listener)
  if (ectUserId !== undefined && knownEct !== null && knownEct !== ectUserId) throw mismatch('ect_user_id', userId)
}

/** An id in the ECT that is not known yet is learned. */
export function learnIdentity(session: ThreadSession, caller: Caller, { ectUserId }: Identity): void {
  if (ectUserId !== undefined && session.ectUserId(caller.listener) === null)
    session.learnEctUserId(caller.listener, ectUserId)
}

const mismatch = (field: string, userId: string) =>
  new Refusal('user_mismatch', `${field} is not the one that is known of user ${userId}.`, [
    { path: `/${field}`, message: 'differs from what is known' },
  ])
