/** What a handler's types allow, and what they do not. */
import type { InboxHandlers } from '../../src/node/index.js'
import { createHookReceiver, type HookHandlers, type HookName, type HookPayloads } from '../../src/webhooks/index.js'
import { signedDelivery } from '../../src/webhooks/testing.js'

const secret = 'whsec_c2VjcmV0'
const receiver = createHookReceiver({ secret })

receiver.on('message', 'receive', ({ message_body, sender, in_control }, delivery) => {
  const name: 'message.receive' = delivery.name
  const from: 'ceu' | 'iva' | 'haptik' | 'ect' | 'aeu' = sender
  if (message_body.type === 'TEXT') void [name, from, in_control satisfies boolean | undefined]
  // @ts-expect-error a message has no such field
  message_body.nothing.of_the_kind
})
receiver.on('aeu_events', 'transition_aeu', ({ type, subtype, metadata }) => {
  const kind: ['aeu_events', 'transition_aeu'] = [type, subtype]
  const to: string | undefined = metadata?.to.id
  // @ts-expect-error it may be absent, since another listener wrote it
  void [kind, to, metadata.from.id]
})
receiver.on('user_events', 'create_user', async ({ details_available }) => ({
  ect_user_id: `case-${details_available?.[0]?.name}`,
}))
receiver.on('hook_events', 'disabled', ({ metadata }) => ({ error: metadata?.reason ?? 'none' }))

// @ts-expect-error no such category
receiver.on('messages', 'receive', () => {})
// @ts-expect-error the subcategory is of another category
receiver.on('message', 'allocated', () => {})
// @ts-expect-error only create_user has an id to answer
receiver.on('message', 'receive', () => ({ ect_user_id: 'case-1' }))
// @ts-expect-error what a call answered is no answer to the hook
receiver.on('message', 'receive', async () => ({ message_id: 1 }))

createHookReceiver({
  secret,
  handlers: {
    'message.receive': async ({ user_id }) => void user_id,
    'conversation_state.complete': ({ metadata }) => void metadata?.owner,
    // @ts-expect-error no such hook
    'conversation_state.finished': () => {},
  },
  fallback: (payload, { name }) => void [payload.anything satisfies unknown, name satisfies string],
})

export const stored: InboxHandlers = {
  'thread_control.assigned': async ({ metadata }, { id }, { idempotencyKey, signal }) =>
    void [metadata?.context?.reason, id satisfies string, idempotencyKey satisfies string, signal.aborted],
  // @ts-expect-error it is answered by then
  'thread_control.offered': () => ({ offer: 'accepted' }),
}
// @ts-expect-error of no use later
export const late: InboxHandlers = { 'message.typing': () => {} }
export const given: HookHandlers = { 'message.typing': () => {} }

// @ts-expect-error a receiver has a secret
createHookReceiver({ handlers: {} })
// @ts-expect-error or secrets, and not both
createHookReceiver({ secret, secrets: [secret] })

void signedDelivery('message.receive', { secret, payload: { in_control: false, a_field_of_a_later_contract: 1 } })
// @ts-expect-error a field of the contract has its type
void signedDelivery('message.receive', { secret, payload: { in_control: 'no' } })

const payloads: Record<HookName, unknown> = {} as HookPayloads
void payloads
