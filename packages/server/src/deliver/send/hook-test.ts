import { v7 as uuidv7 } from 'uuid'
import { storableText } from '../storable-result.js'
import type { AttemptError } from './attempt.js'
import type { OutgoingDelivery } from './request-headers.js'
import type { Sender, Target } from './sender.js'

/** What the receiver did with a test. */
export interface HookTestResult {
  acknowledged: boolean
  durationMs: number
  /** Absent when no answer came. */
  status?: number
  /** Whose fault it is, by what follows: a payload is given up soon, an endpoint is waited for. Absent when it was acknowledged. */
  atFault?: 'payload' | 'endpoint'
  /** Absent when it was acknowledged, and there is nothing to say of it. */
  error?: AttemptError
  /** The beginning of the answer, at most 2,048 characters; absent if it was empty. */
  answer?: string
}

/** One signed attempt outside every lane: not stored, not retried, without `tract-sequence`. */
export async function sendTest(
  sender: Sender,
  hook: Target,
  { body, learnsId = false }: Pick<OutgoingDelivery, 'body' | 'learnsId'>,
): Promise<HookTestResult> {
  const sent = await sender.send(hook, { id: uuidv7(), body, attempt: 1, learnsId })
  if (sent === null) throw new Error('The test was broken off: the service is stopping.')
  const { status, durationMs, error, answer } = sent.attempt
  const { kind } = sent.verdict
  return {
    acknowledged: kind === 'acknowledged',
    ...(kind !== 'acknowledged' && { atFault: kind === 'refused' ? ('payload' as const) : ('endpoint' as const) }),
    durationMs,
    ...(status !== null && { status }),
    ...(error !== null && { error }),
    ...(answer !== null && { answer: storableText(answer) }),
  }
}
