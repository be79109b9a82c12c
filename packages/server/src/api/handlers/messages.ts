import {
  type HslElement,
  type ParsedMessageBody,
  parseMessageBody,
  parseUserMessageBody,
  type Warning,
} from '@tract/contract'
import type { IncomingMessage } from '../../accept/accept-message.js'
import type { MessageRecord } from '../../accept/messages.js'
import { messageFault, Refusal } from '../../accept/refusal.js'
import { TypingAuthors } from '../../accept/typing.js'
import { ofUser } from '../../lanes/bucket.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

export function messageHandlers({ acceptors, attachments, telemetry, pools, organisations, hookCalls }: Services) {
  const authors = new TypingAuthors(organisations)
  const accept = async (call: Call, warnings: Warning[], incoming: IncomingMessage) => {
    const { caller, traceparent } = call
    const key = call.idempotentCall({ userId: incoming.userId })
    const answer = (message: MessageRecord) => accepted(message, warnings)
    const body = call.settle(
      await ofUser(acceptors, caller.organisationId, incoming.userId).accept({
        caller,
        incoming,
        key,
        traceparent,
        answer,
        since: call.enteredAt,
        isGone: () => call.isGone,
      }),
    )
    if (!call.isRepeated) telemetry.metrics.messages.of(incoming.sender).add()
    return body
  }
  const filesOf = ({ attachments: named }: { attachments?: readonly { id: string }[] }) =>
    named && { files: { ids: named.map(({ id }) => id), toUrl: attachments.toUrl } }
  return {
    sendMessage: async ({ body }, call) => {
      const { element, warnings } = parsed(parseMessageBody(body.message_body))
      return accept(call, warnings, {
        userId: body.user_id,
        sender: body.sender,
        body: element,
        metadata: body.metadata ?? null,
        agent: body.agent,
        thirdPartyUserId: body.third_party_user_id,
        ectUserId: body.ect_user_id,
        conversationNumber: body.conversation_number,
        ...filesOf(body),
      })
    },
    sendTyping: async ({ body }, { caller }) => {
      const typing = { userId: body.user_id, on: body.on, agent: body.agent }
      const notices = await authors.notices(ofUser(pools, caller.organisationId, body.user_id), caller, typing)
      const hook = { category: 'message', subcategory: 'typing' }
      const told = await Promise.all(notices.map((notice) => hookCalls.pass({ ...notice, ...hook })))
      return { told: told.filter(Boolean).length }
    },
    sendPlatformMessage: async ({ body }, call) => {
      const parse = body.sender === 'ceu' ? parseUserMessageBody : parseMessageBody
      const { element, warnings } = parsed(parse(body.message_body, body.user?.device_platform ?? undefined))
      return accept(call, warnings, {
        userId: body.user_id,
        sender: body.sender,
        body: element,
        metadata: body.metadata ?? null,
        user: body.user,
        conversationNumber: body.conversation_number,
        ...filesOf(body),
      })
    },
  } satisfies Partial<Handlers<Call>>
}

function parsed(result: ParsedMessageBody): { element: HslElement & Record<string, unknown>; warnings: Warning[] } {
  if (!('error' in result)) return result as { element: HslElement & Record<string, unknown>; warnings: Warning[] }
  throw new Refusal('invalid_message_body', `The message is ${messageFault(result.error)}.`, result.error)
}

const accepted = (message: MessageRecord, warnings: Warning[]) => ({
  message_id: message.messageId,
  conversation_number: String(message.conversationNumber),
  timestamp: message.timestamp.toISOString(),
  ...(warnings.length > 0 && { warnings }),
})
