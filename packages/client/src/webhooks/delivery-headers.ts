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

/** A positive whole number; undefined where it is none. Nothing but the id, the time and the body is signed, so nothing depends on these. */
export function countIn(header: string | undefined): number | undefined {
  return header !== undefined && /^[1-9]\d{0,14}$/.test(header) ? Number(header) : undefined
}
