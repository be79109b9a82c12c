/** What a vendor's program may count on. Compiled against the packed package, never run. */
import {
  type AcceptedMessage,
  ApiError,
  buttons,
  ConflictError,
  type Delivery,
  type DeliveryList,
  type ErrorCodes,
  type HslElement,
  hookParts,
  isErrorOf,
  isKnownElement,
  type PrivateKey,
  RateLimitError,
  replyButton,
  type ThreadRefused,
  Tract,
  text,
  toPlainText,
} from '@tract/client'

/** Assignable both ways. Wrapped, so that unions are compared whole. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const same = <A, B>(_: Same<A, B>): void => {}

const tract = new Tract({ baseUrl: 'https://tract.example.com', clientId: 'id', clientSecret: 'secret' })
new Tract({ baseUrl: 'https://tract.example.com', clientId: 'id', privateKey: '-----BEGIN PRIVATE KEY-----' })
new Tract({
  baseUrl: '',
  clientId: 'id',
  privateKey: { kty: 'OKP', crv: 'Ed25519', x: '', d: '' },
  timeout: 1,
  logger: console,
})
new Tract({ baseUrl: '', clientId: 'id', clientSecret: 'secret', fetch: globalThis.fetch })
// @ts-expect-error one of the two
new Tract({ baseUrl: '', clientId: 'id', clientSecret: 'secret', privateKey: '' })
// @ts-expect-error neither of the two
new Tract({ baseUrl: '', clientId: 'id' })
// @ts-expect-error without an address
new Tract({ clientId: 'id', clientSecret: 'secret' })

export async function messages(): Promise<void> {
  const accepted = await tract.messages.send({ user_id: '1', sender: 'aeu', message_body: 'Hello' })
  same<typeof accepted, AcceptedMessage>(true)
  await tract.messages.send({ user_id: '1', sender: 'ect', message_body: text('Hello', ['Hi']) })
  await tract.messages.send(
    { user_id: '1', sender: 'ect', message_body: buttons('Which?', [replyButton('This')]) },
    { idempotencyKey: 'k', signal: new AbortController().signal, timeout: 100, totalTimeout: 200, maxRetries: 0 },
  )
  // @ts-expect-error a vendor does not speak for the user
  await tract.messages.send({ user_id: '1', sender: 'ceu', message_body: 'Hello' })
  // @ts-expect-error without a body
  await tract.messages.send({ user_id: '1', sender: 'ect' })
  // @ts-expect-error an unknown field is an error of the contract
  await tract.messages.send({ user_id: '1', sender: 'ect', message_body: '', colour: 'red' })
  // @ts-expect-error no element
  await tract.messages.send({ user_id: '1', sender: 'ect', message_body: { text: 'Hello' } })
  // @ts-expect-error the platform's
  await tract.platformMessages.send({ user_id: '1', sender: 'ceu', message_body: '' })
}

export async function events(): Promise<void> {
  const agent = { id: 'a-17', name: 'Ravi' }
  await tract.events.send({ user_id: '1', type: 'aeu_events', subtype: 'allocated', metadata: { agent } })
  await tract.events.send({ user_id: '1', type: 'conversation_state', subtype: 'complete' })
  await tract.events.send({ user_id: '1', type: 'aeu_events', subtype: 'allocated', metadata: '{}' })
  // @ts-expect-error no such event
  await tract.events.send({ user_id: '1', type: 'aeu_events', subtype: 'fed' })
  // @ts-expect-error TRACT alone says so
  await tract.events.send({ user_id: '1', type: 'conversation_state', subtype: 'bot' })
  // @ts-expect-error a transition is from one agent to another
  await tract.events.send({ user_id: '1', type: 'aeu_events', subtype: 'transition_aeu', metadata: { agent } })
}

export async function hooks(): Promise<void> {
  const url = 'https://desk.example.com/hooks'
  await tract.hooks.register({ category: 'message', subcategory: 'receive', url })
  await tract.hooks.register({ ...hookParts('thread_control.assigned'), url: 'tract:stream' })
  // @ts-expect-error no such hook: misspelled
  await tract.hooks.register({ category: 'message', subcategory: 'recieve', url })
  // @ts-expect-error no such category
  await tract.hooks.register({ category: 'messages', subcategory: 'receive', url })
  // @ts-expect-error the subcategory is of another category
  await tract.hooks.register({ category: 'message', subcategory: 'allocated', url })
  // @ts-expect-error any text may be misspelled
  await tract.hooks.register({ category: 'message' as string, subcategory: 'receive', url })
  // @ts-expect-error no such hook
  hookParts('message.recieve')
  // @ts-expect-error without a URL
  await tract.hooks.register(hookParts('message.receive'))
}

export async function lists(): Promise<void> {
  for await (const delivery of tract.deliveries.list({ state: 'pending' })) same<typeof delivery, Delivery>(true)
  const page = await tract.deliveries.list()
  same<typeof page, DeliveryList>(true)
  const { data, response, requestId } = await tract.hooks.list().withResponse()
  const url: string | undefined = data.hooks[0]?.url
  const header: string | undefined = response.headers['x-request-id']
  void [url, header, requestId satisfies string | undefined, response.status satisfies number]
  // @ts-expect-error no such hook
  tract.hooks.register({ category: 'message', subcategory: 'recieve', url: 'https://desk.example.com' })
  // @ts-expect-error no such state
  tract.deliveries.list({ state: 'lost' })
}

export async function control(): Promise<void> {
  const outcome = await tract.threads.pass({ user_id: '1', requester: 'desk', receiver: 'iva' })
  if (outcome.success) {
    same<typeof outcome.owner, string | null | undefined>(true)
    // @ts-expect-error there is a reason for a refusal only
    outcome.reason.code
  } else {
    same<typeof outcome, ThreadRefused>(true)
    const code: 'not_owner' | 'conflict' | string = outcome.reason.code
    void code
    // a newer service may have other reasons
    if (outcome.reason.code === 'bad_mood') return
  }
  // @ts-expect-error the method says the type
  await tract.threads.pass({ user_id: '1', type: 'pass', requester: 'desk', receiver: 'iva' })
}

export async function errors(): Promise<void> {
  try {
    await tract.users.get({ user_id: '1' })
  } catch (error) {
    if (isErrorOf('users.get', error)) {
      same<typeof error.code, ErrorCodes['users.get'] | (string & {})>(true)
      if (error.code === 'user_not_found') return
      // a newer service may answer with other codes
      if (error.code === 'user_asleep') return
      // @ts-expect-error so that a switch over the known ones is never complete
      const known: ErrorCodes['users.get'] = error.code
      void known
    }
    if (error instanceof ConflictError && error.code === 'not_in_control') return
    if (error instanceof RateLimitError) void (error.retryAfter satisfies number | undefined)
    if (error instanceof ApiError) void [error.requestId, error.issues[0]?.path, error.response.status]
  }
  // @ts-expect-error no such method
  isErrorOf('users.forget', undefined)
}

export function elements(element: HslElement, key: PrivateKey): string {
  void key
  if (isKnownElement(element) && element.type === 'BUTTON') return element.data.items[0]?.actionable_text ?? ''
  return toPlainText(element)
}
