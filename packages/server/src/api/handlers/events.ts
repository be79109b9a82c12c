import { type PlatformEventSend, wireSubtype } from '@tract/contract'
import { acceptEvent, type IncomingEvent } from '../../accept/events/accept-event.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

const incomingOf = (body: PlatformEventSend): IncomingEvent => ({
  userId: body.user_id,
  type: body.type,
  subtype: wireSubtype(body.type, body.subtype),
  metadata: body.metadata,
  conversationNumber: body.conversation_number,
})

export function eventHandlers({ organisations, telemetry }: Services) {
  const accept = async (call: Call, incoming: IncomingEvent) => {
    const { caller } = call
    const body = await call.transact(
      async (work) => {
        await acceptEvent(work, organisations, caller, incoming)
        return { success: true as const }
      },
      { userId: incoming.userId },
    )
    if (!call.isRepeated) telemetry.metrics.events.of(incoming.type).add()
    return body
  }
  return {
    sendEvent: ({ body }, call) =>
      accept(call, {
        ...incomingOf(body),
        thirdPartyUserId: body.third_party_user_id,
        ectUserId: body.ect_user_id,
      }),
    sendPlatformEvent: ({ body }, call) => accept(call, incomingOf(body)),
  } satisfies Partial<Handlers<Call>>
}
