import type { ListenerRecord, Organisations } from '../accounts/organisations.js'
import type { SecretBox } from '../database/secret-box.js'
import { nameOf, userKey } from '../lanes/user-key.js'
import type { Command, Meant } from '../threads/types.js'
import type { IdempotentCall } from './idempotency.js'
import type { NamedFiles } from './message-attachments.js'
import type { MessageRecord, Sender } from './messages.js'
import type { CallResult } from './once.js'
import { Refusal, refusalOf } from './refusal.js'
import { finish, openSession } from './sessions.js'
import type { ThreadSession } from './thread-session.js'
import { tellOfChange } from './user-news.js'
import { tellsMore, tellUser, type UserChanges } from './users.js'
import type { Work } from './work.js'

/** The listener that a call comes from. */
export interface Caller {
  organisationId: string
  listener: string
}

export interface IncomingMessage {
  userId: string
  sender: Sender
  body: Record<string, unknown>
  metadata: Record<string, unknown> | null
  agent?: MessageRecord['agent'] | undefined
  /** The user's other ids as the caller knows them. */
  thirdPartyUserId?: string | undefined
  ectUserId?: string | undefined
  /** The conversation that it is meant for. */
  conversationNumber?: string | undefined
  /** What the platform tells of the user along with the message; it creates the user. */
  user?: UserChanges | undefined
  /** Files that it names. */
  files?: NamedFiles | undefined
}

/** A message with all that its call came with. */
export interface MessageCall<Answer> {
  caller: Caller
  incoming: IncomingMessage
  key: IdempotentCall | null
  traceparent: string
  answer: (message: MessageRecord) => Answer
  /** When it came, by `performance.now()`. */
  since: number
  /** The caller no longer waits for the answer. */
  isGone: () => boolean
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
 * @throws {Refusal} `user_not_found`, `sender_not_allowed`, `user_mismatch`, `not_in_control`, `conversation_over`,
 * `no_default_receiver`;
 * `invalid_request` if the user's details become too many or too large
 */
export async function acceptMessage(
  work: Work,
  organisations: Organisations,
  box: SecretBox,
  caller: Caller,
  incoming: IncomingMessage,
): Promise<MessageRecord> {
  const key = userKey(caller.organisationId, incoming.userId)
  const told = incoming.user && (await tellUser(work, key, incoming.user, '/user', box.mark(nameOf(key))))
  const session = await openSession(work, organisations, key)
  if (told?.change) tellOfChange(session, told.change, caller.listener, work.now)
  const message = await addMessage(session, caller, incoming)
  await finish(work, session)
  return message
}

/**
 * Accepts the message of a call on a thread that is open, together with others.
 * @param session undefined: the organisation has no such user
 * @returns undefined if the call changes its user, which takes a transaction of its own, or names files and the thread is only remembered
 */
export async function acceptOn(
  session: ThreadSession | undefined,
  { caller, incoming, traceparent, answer }: MessageCall<unknown>,
): Promise<CallResult<unknown> | undefined> {
  if (incoming.user && (!session || tellsMore(incoming.user, session.user))) return undefined
  if (!session) return refused(new Refusal('user_not_found', `The organisation has no user ${incoming.userId}.`))
  if (incoming.files && !session.isLocked) return undefined
  session.outbox.traceparent = traceparent
  try {
    return { body: answer(await addMessage(session, caller, incoming)), replayed: false }
  } catch (error) {
    if (error instanceof Refusal) return refused(error)
    throw error
  }
}

const refused = (refusal: Refusal): CallResult<never> => ({ refusal, replayed: false })

/** Adds a message to an open thread. Control is checked on the same state of the thread that numbers the message. */
export async function addMessage(
  session: ThreadSession,
  caller: Caller,
  incoming: IncomingMessage,
): Promise<MessageRecord> {
  const { sender, body, metadata, agent = null, files } = incoming
  const author = session.organisation.listeners.get(caller.listener)
  if (!author || !SENDS_AS[author.kind].has(sender)) {
    const kind = author?.kind ?? 'none'
    const allowed = author ? [...SENDS_AS[author.kind]].join(', ') || 'nothing' : 'nothing'
    throw new Refusal('sender_not_allowed', `A listener of kind ${kind} may not send as ${sender}.`, [
      { path: '/sender', message: `must be one of ${allowed}` },
    ])
  }
  checkIdentity(session, caller, incoming)
  const attachments = files && (await session.lockAttachments(caller.listener, files))
  const decision = await session.command(messageCommand(incoming, caller.listener))
  if (!decision.ok) throw refusalOf(decision.refusal)
  learnIdentity(session, caller, incoming)
  return session.message({
    sender,
    body,
    metadata,
    agent,
    listener: caller.listener,
    ...(attachments && { attachments }),
  })
}

function messageCommand({ sender, conversationNumber }: IncomingMessage, from: string): Command {
  const tied = meant(conversationNumber)
  if (sender === 'ceu') return { kind: 'ceu_message', ...tied }
  if (sender === 'haptik') return { kind: 'haptik_message', from, ...tied }
  return { kind: 'listener_message', from, sender, ...tied }
}

/** The conversation that a call is meant for, if it names one. */
export const meant = (conversationNumber: string | undefined): Meant =>
  conversationNumber === undefined ? {} : { conversation: Number(conversationNumber) }

type Identity = Pick<IncomingMessage, 'thirdPartyUserId' | 'ectUserId'>

/** Ids that a caller gives have to be the user's. */
export function checkIdentity(session: ThreadSession, caller: Caller, { thirdPartyUserId, ectUserId }: Identity): void {
  const { userId, thirdPartyUserId: known, formerThirdPartyUserIds: former } = session.user
  const isKnown = thirdPartyUserId === known || (former ?? []).includes(thirdPartyUserId ?? '')
  if (thirdPartyUserId !== undefined && known !== null && !isKnown) throw mismatch('third_party_user_id', userId)
  const isCalled = session.outbox.ectUserId(caller.listener) !== null
  if (ectUserId !== undefined && isCalled && !session.outbox.isCalled(caller.listener, ectUserId))
    throw mismatch('ect_user_id', userId)
}

/** An id in the ECT that is not known yet is learned. */
export function learnIdentity(session: ThreadSession, caller: Caller, { ectUserId }: Identity): void {
  if (ectUserId !== undefined && session.outbox.ectUserId(caller.listener) === null)
    session.outbox.learned.set(caller.listener, ectUserId)
}

const mismatch = (field: string, userId: string) =>
  new Refusal('user_mismatch', `${field} is not the one that is known of user ${userId}.`, [
    { path: `/${field}`, message: 'differs from what is known' },
  ])
