import { eventCatalogue } from '@tract/contract'
import type { ListenerRecord, Organisations } from '../../accounts/organisations.js'
import { userKey } from '../../lanes/user-key.js'
import { isThreadEvent } from '../../threads/listener-events.js'
import { refuseOver } from '../../threads/refuse-over.js'
import { hearsThread } from '../../threads/routing.js'
import { parsedObject, withSent } from '../../threads/sent-metadata.js'
import type { ReceiptEvent } from '../../threads/types.js'
import { type Caller, checkIdentity, type IncomingMessage, learnIdentity, meant } from '../accept-message.js'
import { keepReceipt } from '../messages.js'
import { Refusal, refusalOf } from '../refusal.js'
import { finish, openSession } from '../sessions.js'
import type { ThreadSession } from '../thread-session.js'
import type { Work } from '../work.js'
import { acceptCorrection } from './accept-correction.js'
import { acceptFeedback } from './accept-feedback.js'
import { checkOutcome } from './outcome.js'
import { unknownName } from './unknown-name.js'
import { checkNesting, whyUnstorable } from './unstorable.js'

export interface IncomingEvent extends Pick<IncomingMessage, 'thirdPartyUserId' | 'ectUserId' | 'conversationNumber'> {
  userId: string
  type: string
  subtype: string
  metadata?: string | undefined
}

/**
 * Accepts an event in one transaction, with what it does to the thread.
 * @throws {Refusal} `unknown_event`, `event_not_allowed`, `user_not_found`, `user_mismatch`, `not_in_control`, `no_conversation`,
 * `conversation_over`, `no_offer`;
 * for a receipt, an edit or a deletion also `invalid_request`, `invalid_message_body` and `message_not_found`, for a feedback
 * `invalid_request` and `conversation_not_found`;
 * `invalid_request` also for an outcome that does not fit, and for metadata that is nested too deep
 */
export async function acceptEvent(
  work: Work,
  organisations: Organisations,
  caller: Caller,
  incoming: IncomingEvent,
): Promise<void> {
  const senders = sendersOf(incoming)
  const key = userKey(caller.organisationId, incoming.userId)
  const session = await openSession(work, organisations, key)
  const kind = session.organisation.listeners.get(caller.listener)?.kind
  if (!kind || !senders.includes(kind)) {
    throw new Refusal(
      'event_not_allowed',
      `A listener of kind ${kind ?? 'none'} may not send ${incoming.type}/${incoming.subtype}.`,
    )
  }
  // what the user has in the tool is another thing now: its new id
  const replaced = incoming.subtype === 'entity_update' ? incoming.ectUserId : undefined
  checkIdentity(session, caller, replaced ? { ...incoming, ectUserId: undefined } : incoming)
  if (replaced) session.outbox.learned.set(caller.listener, replaced)
  const { metadata } = incoming
  checkNesting(metadata)
  const event = { type: incoming.type, subtype: incoming.subtype }
  if (event.type === 'conversation_state' && event.subtype === 'complete') checkOutcome(metadata)
  if (isThreadEvent(event)) {
    const said = metadata === undefined ? {} : { metadata }
    const tied = meant(incoming.conversationNumber)
    const decision = await session.command({ kind: 'event', from: caller.listener, ...event, ...said, ...tied })
    if (!decision.ok) throw refusalOf(decision.refusal)
  } else if (event.subtype === 'feedback') {
    await acceptFeedback(work.client, session, caller.listener, metadata, work.now)
  } else if (event.subtype === 'edited' || event.subtype === 'deleted') {
    await acceptCorrection(work, session, caller.listener, { ...incoming, subtype: event.subtype })
  } else {
    // of what a listener may send, only receipts are left
    await acceptReceipt(work, session, caller.listener, incoming)
  }
  learnIdentity(session, caller, incoming)
  await finish(work, session)
}

function sendersOf({ type, subtype }: IncomingEvent): readonly (ListenerRecord['kind'] | 'tract')[] {
  const entry = eventCatalogue.find((candidate) => candidate.type === type && candidate.subtype === subtype)
  if (entry) return entry.senders
  throw unknownName('event', type, subtype, ['type', 'subtype'])
}

/**
 * A channel reports on what goes to the user, a desk on what the user wrote and it heard.
 * @throws {Refusal} `invalid_request`, `message_not_found`, `event_not_allowed`
 */
async function acceptReceipt(
  { client, now }: Work,
  session: ThreadSession,
  reporter: string,
  incoming: IncomingEvent,
): Promise<void> {
  const { subtype: status } = incoming as ReceiptEvent
  const over = refuseOver(session.thread, meant(incoming.conversationNumber))
  if (over) throw refusalOf(over.refusal)
  const { messageId, reason } = receiptOf(incoming)
  const receipt = { status, listener: reporter, ...(reason !== undefined && { reason }), timestamp: now.toISOString() }
  const listener = session.listeners.find(({ id }) => id === reporter)
  const hears = listener !== undefined && hearsThread(listener, session.thread)
  const message = await keepReceipt(client, session.key, messageId, receipt, hears)
  if (message === null)
    throw new Refusal('message_not_found', `The thread of user ${incoming.userId} has no message ${messageId}.`)
  if (listener?.kind !== 'md' && message.sender !== 'ceu')
    throw new Refusal('event_not_allowed', `A desk reports on messages of the user, and message ${messageId} is none.`)
  // its author may not have its number yet, and knows it by the metadata
  const { listener: author, metadata: message_metadata } = message
  const said = incoming.metadata as string
  session.receipt(status, author, reporter, message_metadata === null ? said : withSent(said, { message_metadata }))
}

/** Any other is left out: what became of the message counts. */
const isReason = (reason: unknown): reason is string =>
  typeof reason === 'string' && [...reason].length <= 1_024 && whyUnstorable({ reason }, 'reason') === null

/** Receipts are TRACT's own, so their metadata is checked. Metadata of the source's events is passed on unchecked. */
function receiptOf({ metadata }: IncomingEvent): { messageId: number; reason?: string } {
  const said = parsedObject(metadata)
  const { message_id: messageId, reason } = said ?? {}
  if (typeof messageId === 'number' && Number.isInteger(messageId) && messageId >= 1 && messageId <= 2_147_483_647)
    return { messageId, ...(isReason(reason) && { reason }) }
  throw new Refusal('invalid_request', 'The metadata of a receipt is JSON with the message_id that it is about.', [
    { path: '/metadata', message: 'must be JSON with an integer message_id from 1 to 2147483647' },
  ])
}
