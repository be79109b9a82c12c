import { ExactNumber, toJson } from '@tract/contract'
import type { MessageHearer } from '../threads/routing.js'
import { standbyCopy } from '../threads/standby-copy.js'
import type { MessageRecord } from './messages.js'
import type { UserRecord } from './threads.js'

// Bodies are stored as they go out, so every attempt sends the same bytes.

const known = (user: UserRecord, ectUserId: string | null) => ({
  ...(user.thirdPartyUserId !== null && { third_party_user_id: user.thirdPartyUserId }),
  ...(ectUserId !== null && { ect_user_id: ectUserId }),
})

export function messagePayload(
  message: MessageRecord,
  user: UserRecord,
  ectUserId: string | null,
  { inControl, standby }: Pick<MessageHearer, 'inControl' | 'standby'>,
  history: boolean,
): string {
  return toJson({
    user_id: user.userId,
    conversation_number: String(message.conversationNumber),
    message_body: standby ? standbyCopy(message.body) : message.body,
    sender: message.sender,
    ...(message.metadata !== null && { metadata: message.metadata }),
    message_id: message.messageId,
    timestamp: message.timestamp.toISOString(),
    listener: message.listener,
    ...(message.agent !== null && { agent: message.agent }),
    in_control: inControl,
    ...(history && { history: true }),
    ...known(user, ectUserId),
  })
}

export interface EventOut {
  type: string
  subtype: string
  conversationNumber: number
  /** The listener that sent it; null where the service did. */
  listener: string | null
  metadata: string | null
}

export function eventPayload(event: EventOut, user: UserRecord, ectUserId: string | null, now: Date): string {
  return toJson({
    conversation_number: String(event.conversationNumber),
    user_id: user.userId,
    ...known(user, ectUserId),
    type: event.type,
    subtype: event.subtype,
    ...(event.metadata !== null && { metadata: event.metadata }),
    timestamp: now.toISOString(),
    ...(event.listener !== null && { listener: event.listener }),
  })
}

export function createUserPayload(user: UserRecord): string {
  return toJson({
    user_id: user.userId,
    ...known(user, null),
    ...(user.userName !== null && { user_name: user.userName }),
    ...(user.devicePlatform !== null && { device_platform: user.devicePlatform }),
    details_available: Object.entries(user.details).map(([name, value]) => ({ name, type: jsonType(value) })),
  })
}

const jsonType = (value: unknown): string => {
  if (value instanceof ExactNumber) return 'number'
  return Array.isArray(value) ? 'array' : typeof value
}
