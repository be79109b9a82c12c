/** What the headers of a delivery say. */

import type { HookRequest } from './hook-request.js'

export interface DeliveryHeaders {
  id: string
  timestamp: string
  signature: string
}

/** An id is a key of the store, so it has a length that a key may have. */
const ID = /^[\x21-\x7e]{1,256}$/
const SECONDS = /^\d{1,12}$/

/**
 * The headers of Standard Webhooks.
 * @returns what is wrong with them, where they are not such that a signature is worth looking at
 */
export function signatureHeaders(
  header: HookRequest['header'],
  now: number,
  toleranceSeconds: number,
): DeliveryHeaders | { problem: string } {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(header)
  if (!id || !timestamp || !signature)
    return {
      problem: 'The request is not signed: webhook-id, -timestamp or -signature is missing.',
    }
  if (!ID.test(id) || !SECONDS.test(timestamp)) return { problem: 'webhook-id or webhook-timestamp is malformed.' }
  if (Math.abs(now - Number(timestamp)) > toleranceSeconds)
    return { problem: `webhook-timestamp is more than ${toleranceSeconds} s away from the time here.` }
  return { id, timestamp, signature }
}

/** What ended unacknowledged before a delivery, as its own headers say it. Signed: a false one would have acknowledged deliveries repeated. */
export interface GapHeaders {
  /** Of what the signature is. */
  value: string
  signature: string
  from: number
  to: number
  previousId: string
}

const GAP = /^([1-9]\d{0,14})-([1-9]\d{0,14}) ([\x21-\x7e]{1,256})$/

/** @returns undefined where nothing is told, null where it is malformed or not signed */
export function gapHeaders(header: HookRequest['header']): GapHeaders | null | undefined {
  const [value, signature] = ['tract-gap', 'tract-gap-signature'].map(header)
  if (value === undefined) return undefined
  const [, from, to, previousId] = GAP.exec(value) ?? []
  if (!signature || previousId === undefined) return null
  return { value, signature, from: Number(from), to: Number(to), previousId }
}

/** A positive whole number; undefined where it is none. These are not signed, so nothing depends on them. */
export function countIn(header: string | undefined): number | undefined {
  return header !== undefined && /^[1-9]\d{0,14}$/.test(header) ? Number(header) : undefined
}
