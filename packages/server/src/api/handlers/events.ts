import { wireSubtype } from '@tract/contract'
import { acceptEvent, type IncomingEvent } from '../../accept/events/accept-event.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

export function eventHandlers({ organisations, telemetry }: Services) {
  const accept = async (call: Call, incoming: IncomingEvent) => {
    const { caller } = call
    const body = await call.transact(async (work) => {
      await acceptEvent(work, organisations, caller, incoming)
      return { success: true as const }
    }, incoming.userId)
    if (!call.isRepeated) telemetry.metrics.events.of(incoming.type).add()
    return body
  }
  return {
    sendEvent: ({ body }, call) =>
      accept(call, {
        userId: body.user_id,
        type: body.type,
        subtype: wireSubtype(body.type, body.subtype),
        metadata: body.metadata,
        thirdPartyUserId: body.third_party_user_id,
        ectUserId: body.ect_user_id,
        conversationNumber: body.conversation_number,
      }),
    sendPlatformEvent: ({ body }, call) =>
      accept(call, {
        userId: body.user_id,
        type: body.type,
        subtype: wireSubtype(body.type, body.subtype),
        metadata: body.metadata,
        conversationNumber: body.conversation_number,
      }),
  } satisfies Partial<Handlers<Call>>
}
