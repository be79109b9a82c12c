import { attachmentsType, ExactNumber, toJson } from '@tract/contract'
import { ID_MARK } from '../lanes/bodies.js'
import { standbyCopy } from '../threads/standby-copy.js'
import type { MessageRecord } from './messages.js'
import type { UserRecord } from './threads.js'
import type { UserChange } from './users.js'

const known = (user: UserRecord) => ({
  ...(user.thirdPartyUserId !== null && { third_party_user_id: user.thirdPartyUserId }),
})

/** The members of an object's JSON, without its braces. */
const members = (value: object): string => toJson(value).slice('{'.length, -'}'.length)

/** With which the body begins for every hearer of the message: all but what differs between them. */
export function messageOpening(message: MessageRecord, user: UserRecord): string {
  const opening = toJson({
    user_id: user.userId,
    conversation_number: String(message.conversationNumber),
    message_body: message.body,
    sender: message.sender,
    ...(message.metadata !== null && { metadata: message.metadata }),
    message_id: message.messageId,
    timestamp: message.timestamp.toISOString(),
    listener: message.listener,
    ...(message.agent !== null && { agent: message.agent }),
    ...(message.attachments && {
      message_type: attachmentsType(message.attachments),
      attachments: message.attachments,
    }),
  })
  return opening.slice(0, -'}'.length)
}

/** What follows on the opening for one hearer. */
export function messageEnding(
  user: UserRecord,
  { inControl, history }: { inControl: boolean; history?: { earlier: number } },
): string {
  const told = {
    in_control: inControl,
    ...(history && { history: true }),
    ...(history && history.earlier > 0 && { earlier_messages: history.earlier }),
    ...known(user),
  }
  return `,${members(told)}${ID_MARK}}`
}

/** The opening for a hearer on standby: the message's own where that hides nothing. */
export function standbyOpening(opening: string, message: MessageRecord, user: UserRecord): string {
  const body = standbyCopy(message.body)
  return body === message.body ? opening : messageOpening({ ...message, body }, user)
}

export interface EventOut {
  type: string
  subtype: string
  conversationNumber: number
  /** The listener that sent it; null where the service did. */
  listener: string | null
  metadata: string | null
}

export function eventPayload(event: EventOut, user: UserRecord, now: Date): string {
  const about = { conversation_number: String(event.conversationNumber), user_id: user.userId, ...known(user) }
  const told = {
    type: event.type,
    subtype: event.subtype,
    ...(event.metadata !== null && { metadata: event.metadata }),
    timestamp: now.toISOString(),
    ...(event.listener !== null && { listener: event.listener }),
  }
  return `{${members(about)}${ID_MARK},${members(told)}}`
}

export interface TypingOut {
  conversationNumber: number
  sender: string
  agent: object | undefined
  on: boolean
}

export function typingPayload({ conversationNumber, sender, agent, on }: TypingOut, user: UserRecord): string {
  const about = { conversation_number: String(conversationNumber), user_id: user.userId, ...known(user) }
  const told = { type: 'message', subtype: 'typing', sender, ...(agent !== undefined && { agent }), on }
  return `{${members(about)}${ID_MARK},${members(told)}}`
}

export const createUserPayload = (user: UserRecord): string => toJson(introduction(user))

function introduction(user: UserRecord) {
  return {
    user_id: user.userId,
    ...known(user),
    ...(user.userName !== null && { user_name: user.userName }),
    ...(user.devicePlatform !== null && { device_platform: user.devicePlatform }),
    details_available: Object.entries(user.details).map(([name, value]) => ({ name, type: jsonType(value) })),
  }
}

export function updateUserPayload(
  user: UserRecord,
  { changed, formerThirdPartyUserId }: UserChange,
  conversationNumber: number,
  now: Date,
): string {
  const { user_id, ...known } = introduction(user)
  const told = {
    ...{ conversation_number: String(conversationNumber), user_id },
    ...{ type: 'user_events', subtype: 'update_user', ...known },
    changed,
    ...(formerThirdPartyUserId !== null && { former_third_party_user_id: formerThirdPartyUserId }),
    timestamp: now.toISOString(),
  }
  return `{${members(told)}${ID_MARK}}`
}

/** All but the ids by which a listener finds what it has is left out. */
export const eraseUserPayload = (
  userId: string,
  conversationNumber: number,
  ectUserId: string | null,
  now: Date,
): string =>
  toJson({
    conversation_number: String(conversationNumber),
    user_id: userId,
    type: 'user_events',
    subtype: 'erase_user',
    ...(ectUserId !== null && { ect_user_id: ectUserId }),
    timestamp: now.toISOString(),
  })

const jsonType = (value: unknown): string => {
  if (value instanceof ExactNumber) return 'number'
  return Array.isArray(value) ? 'array' : typeof value
}
