/**
 * The author of a message edits or deletes it. Both are events of TRACT's own, so their metadata is checked, and what goes
 * out is made here. A message that was deleted can be deleted again, which changes nothing, and not be edited.
 */
import {
  type Agent,
  type DeletionMetadata,
  type EditMetadata,
  findUnstorable,
  type HslElement,
  parseMessageBody,
  parseUserMessageBody,
  toJson,
} from '@tract/contract'
import { refuseOver } from '../../threads/refuse-over.js'
import { type Corrected, correctionHearers, hearsThread } from '../../threads/routing.js'
import { parsedObject } from '../../threads/sent-metadata.js'
import { standbyCopy } from '../../threads/standby-copy.js'
import type { CorrectionEvent, Sender } from '../../threads/types.js'
import { meant } from '../accept-message.js'
import { type CorrectedMessage, keepDeletion, keepEdit, messageToCorrect } from '../corrections.js'
import { messageFault, Refusal, refusalOf } from '../refusal.js'
import type { ThreadSession } from '../thread-session.js'
import type { Work } from '../work.js'

const LONGEST_REASON = 1_024
const AGENT_FIELDS = [
  ['id', 128],
  ['name', 256],
  ['avatar_url', 2_048],
  ['team', 128],
] as const
const LAST_NUMBER = 2_147_483_647
const CONTROL = /\p{Cc}/u

export interface IncomingCorrection {
  subtype: CorrectionEvent['subtype']
  metadata?: string | undefined
  conversationNumber?: string | undefined
}

/**
 * @throws {Refusal} `invalid_request`, `invalid_message_body`, `message_not_found`, `event_not_allowed`, `not_in_control`,
 * `conversation_over`
 */
export async function acceptCorrection(
  { client, now }: Work,
  session: ThreadSession,
  author: string,
  { subtype, metadata, conversationNumber }: IncomingCorrection,
): Promise<void> {
  const said = saidOf(metadata)
  const tied = meant(conversationNumber)
  const over = refuseOver(session.thread, tied)
  if (over) throw refusalOf(over.refusal)
  const message = await find(client, session, author, said.message_id)
  if (subtype === 'edited' && message.isDeleted) throw noMessage(session, said.message_id)
  const body = subtype === 'edited' ? editedBody(message.sender, said.message_body) : undefined
  const decision = await session.command({ kind: subtype, from: author, message, ...tied })
  if (!decision.ok) throw refusalOf(decision.refusal)
  if (message.isDeleted) return
  if (body) await keepEdit(client, session.key, message.messageId, body, now)
  else await keepDeletion(client, session.key, message.messageId, now)
  tell(session, subtype, message, told(message, said, body))
}

/** What the message says now stands with it: the event that is kept has its number only. */
function tell(
  session: ThreadSession,
  subtype: CorrectionEvent['subtype'],
  message: CorrectedMessage,
  said: Told,
): void {
  const { listener, conversationNumber, messageId } = message
  const kept = { type: 'message', subtype, listener, conversationNumber, metadata: toJson({ message_id: messageId }) }
  const hearers = correctionHearers(corrected(session, message, subtype), session.thread, session.listeners)
  session.correction(
    kept,
    hearers.map(({ listener: hearer, standby }) => ({
      listener: hearer,
      metadata: toJson(standby ? { ...said, message_body: standbyCopy(said.message_body) } : said),
    })),
  )
}

type Told = EditMetadata | (DeletionMetadata & { message_body?: undefined })

/** A message of another author is refused as such to who hears the thread, and is not there for others. */
async function find(db: Work['client'], session: ThreadSession, author: string, messageId: number) {
  const message = await messageToCorrect(db, session.key, messageId)
  if (message?.listener === author) return message
  const listener = session.listeners.find(({ id }) => id === author)
  if (!message || !listener || !hearsThread(listener, session.thread)) throw noMessage(session, messageId)
  throw new Refusal(
    'event_not_allowed',
    `Message ${messageId} was sent by another listener, which alone may change it.`,
  )
}

const noMessage = ({ key }: ThreadSession, messageId: number) =>
  new Refusal('message_not_found', `The thread of user ${key.userId} has no message ${messageId}.`)

function corrected(
  { thread, organisation, outbox }: ThreadSession,
  message: CorrectedMessage,
  subtype: CorrectionEvent['subtype'],
): Corrected {
  const { messageId, sender, listener: author, heldBy, conversationNumber } = message
  // who is offered control has read the conversation, and an organisation may let the owner read all
  const { owner, offer } = thread
  const readers = [
    ...heldBy,
    ...(conversationNumber === thread.conversationNumber || organisation.historyScope === 'user'
      ? [owner, offer?.to]
      : []),
  ]
  return {
    ...{ subtype, sender, author },
    heldBy: readers.filter((id) => id !== null && id !== undefined),
    mayHave: (listener) => outbox.lastHeard(listener) >= messageId,
  }
}

function editedBody(sender: Sender, body: unknown): HslElement {
  if (body === '' || (typeof body !== 'string' && (typeof body !== 'object' || body === null || Array.isArray(body))))
    throw misfit('message_body', 'must be a string that is not empty, or an HSL element')
  const unstorable = findUnstorable(body, '/message_body')
  const result =
    unstorable.length > 0 ? { error: unstorable } : (sender === 'ceu' ? parseUserMessageBody : parseMessageBody)(body)
  if (!('error' in result)) return result.element
  const issues = result.error.map(({ path, message }) => ({ path: `/metadata${path}`, message }))
  throw new Refusal('invalid_message_body', `The edit is ${messageFault(issues)}.`, issues)
}

function told(
  { messageId: message_id, metadata }: CorrectedMessage,
  { agent, reason }: SaidCorrection,
  body: HslElement | undefined,
): Told {
  const common = { ...(agent && { agent }), ...(metadata && { message_metadata: metadata }) }
  return body
    ? { message_id, message_body: body, ...common }
    : { message_id, ...(reason !== undefined && { reason }), ...common }
}

interface SaidCorrection {
  message_id: number
  message_body?: unknown
  agent?: Agent
  reason?: string
}

function saidOf(metadata: string | undefined): SaidCorrection {
  const said = parsedObject(metadata)
  if (said === null) throw misfit('', 'must be JSON with the message_id of the message')
  const { message_id, message_body, agent, reason } = said
  if (!Number.isInteger(message_id) || (message_id as number) < 1 || (message_id as number) > LAST_NUMBER)
    throw misfit('message_id', `must be a whole number from 1 to ${LAST_NUMBER}`)
  if (reason !== undefined && (typeof reason !== 'string' || [...reason].length > LONGEST_REASON))
    throw misfit('reason', `must be a string of at most ${LONGEST_REASON} characters`)
  checkStorable('reason', reason)
  return { message_id, message_body, ...(agent !== undefined && { agent: agentOf(agent) }), reason } as SaidCorrection
}

/** What the four fields of an agent say. */
function agentOf(said: unknown): Agent {
  const agent = Object.fromEntries(
    AGENT_FIELDS.flatMap(([name, longest]) => {
      const value = typeof said === 'object' && said !== null ? (said as Record<string, unknown>)[name] : undefined
      return typeof value === 'string' && value !== '' && [...value].length <= longest ? [[name, value]] : []
    }),
  )
  if (agent.id === undefined) throw misfit('agent', 'must be an object with an id of 1 to 128 characters')
  checkStorable('agent', agent)
  if (Object.values(agent).some((value) => CONTROL.test(value)))
    throw misfit('agent', 'must not contain control characters')
  return agent as unknown as Agent
}

/** Nothing has looked into the text of the metadata yet. */
function checkStorable(field: string, value: unknown): void {
  const [issue] = findUnstorable(value, field)
  if (issue) throw misfit(issue.path, issue.message)
}

function misfit(field: string, message: string): Refusal {
  const path = field === '' ? '/metadata' : `/metadata/${field}`
  return new Refusal('invalid_request', `The metadata of an edit or a deletion does not fit at ${path}: ${message}.`, [
    { path, message },
  ])
}
