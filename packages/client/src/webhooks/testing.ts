/** `@tract/client/webhooks/testing`: deliveries such as TRACT sends, for the tests of a receiver. */
import { hookExamples } from '../generated/hook-examples.js'
import type { HookPayloads } from '../generated/hooks.js'
import type { HookName } from './handlers.js'
import { type SignatureHeaders, sign } from './signature.js'

export { sign } from './signature.js'

export interface DeliveryOptions<Name extends HookName> {
  /** The secret to sign with, `whsec_…`; several as while it rotates. */
  secret: string | readonly string[]
  /** Fields other than those of the contract's example. */
  payload?: Partial<HookPayloads[Name]> & Record<string, unknown>
  /** The delivery's id; a random one if absent. */
  id?: string
  /** When the attempt is made, in seconds since 1970; now if absent. */
  timestamp?: number
  /** 1 if absent. */
  attempt?: number
  /** The delivery's number among those of the user; 1 if absent, and `null` for none, as at a test of the hook. */
  sequence?: number | null
  previousId?: string
  /** What ended unacknowledged before it: numbers, the first and the last. */
  gap?: { from: number; to: number }
  replay?: boolean
}

/** What `fetch` takes: `await fetch(url, await signedDelivery('message.receive', { secret }))`. */
export interface SignedDelivery {
  method: 'POST'
  headers: SignatureHeaders & Record<string, string>
  body: string
}

/** A delivery of any hook of the contract, with the payload of its example. */
export async function signedDelivery<Name extends HookName>(
  name: Name,
  { secret, payload = {}, id = crypto.randomUUID(), timestamp, ...rest }: DeliveryOptions<Name>,
): Promise<SignedDelivery> {
  const { attempt = 1, sequence = 1, previousId, gap, replay = false } = rest
  const body = JSON.stringify({ ...hookExamples[name], ...onTheWire(name, payload) })
  const signature = await sign({
    ...{ secret, id, body },
    ...(timestamp !== undefined && { timestamp }),
    ...(gap && { gap: `${gap.from}-${gap.to} ${previousId ?? crypto.randomUUID()}` }),
  })
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...signature,
      'tract-attempt': String(attempt),
      ...(sequence !== null && { 'tract-sequence': String(sequence) }),
      ...(previousId !== undefined && { 'tract-previous-id': previousId }),
      ...(replay && { 'tract-replay': 'true' }),
    },
    body,
  }
}

/** An event's metadata is a string there; a message's is an object. */
function onTheWire(name: HookName, payload: Record<string, unknown>): Record<string, unknown> {
  const { metadata } = payload
  const isText = typeof metadata === 'string' || metadata === undefined || name === 'message.receive'
  return isText ? payload : { ...payload, metadata: JSON.stringify(metadata) }
}
