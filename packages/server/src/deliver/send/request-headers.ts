import type { Gap } from '../lane-run.js'
import { sign } from './signing.js'

/** What is posted, and in whose name. */
export interface OutgoingDelivery {
  id: string
  /** Sent as they are: the same bytes at every attempt. */
  body: string
  /** From 1. */
  attemptNumber: number
  /** Where it stands in its lane; absent for a test of a hook, which stands in none. */
  place?: { sequence: number; previousId: string | null; gap?: Gap | undefined }
  replay?: boolean
  traceparent?: string | null
  /** What its answer may say besides the acknowledgement. */
  reads?: 'ect_user_id' | 'offer' | undefined
}

/** The headers of an attempt, names and values in turn, as undici takes them. */
export function requestHeaders(
  userAgent: string,
  secrets: readonly Buffer[],
  delivery: OutgoingDelivery,
  startedAt: Date,
  body: Buffer,
): string[] {
  const { id, attemptNumber, place, replay = false, traceparent } = delivery
  const timestamp = Math.floor(startedAt.getTime() / 1000)
  const headers = ['content-type', 'application/json', 'accept-encoding', 'identity', 'user-agent', userAgent]
  headers.push('webhook-id', id, 'webhook-timestamp', String(timestamp))
  headers.push('webhook-signature', sign(secrets, id, timestamp, body))
  headers.push('tract-attempt', String(attemptNumber), 'traceparent', traceparent ?? newTrace(id))
  if (place !== undefined) {
    headers.push('tract-sequence', String(place.sequence))
    if (place.previousId !== null) headers.push('tract-previous-id', place.previousId)
    if (place.gap !== undefined) {
      const gap = `${place.gap.from}-${place.gap.to} ${place.previousId}`
      // signed apart from the body, of which Standard Webhooks knows; the name in front keeps the two from being taken for each other
      const signature = sign(secrets, `tract-gap.${id}`, timestamp, Buffer.from(gap))
      headers.push('tract-gap', gap, 'tract-gap-signature', signature)
    }
  }
  if (replay) headers.push('tract-replay', 'true')
  return headers
}

/** A trace of its own for what was accepted without one: the same at every attempt. The random half of a UUIDv7 does for the parent. */
function newTrace(id: string): string {
  const trace = id.replaceAll('-', '')
  return `00-${trace}-${trace.slice(16)}-00`
}
