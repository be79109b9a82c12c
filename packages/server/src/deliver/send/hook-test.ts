import type { HookTestResult } from '@tract/contract'
import { v7 as uuidv7 } from 'uuid'
import { storableText } from '../storable-result.js'
import type { OutgoingDelivery } from './request-headers.js'
import type { Sender, Target } from './sender.js'

/** One signed attempt outside every lane: not stored, not retried, without `tract-sequence`. */
export async function sendTest(
  sender: Sender,
  hook: Target,
  { body, reads }: Pick<OutgoingDelivery, 'body' | 'reads'>,
): Promise<HookTestResult> {
  const sent = await sender.send(hook, { id: uuidv7(), body, attemptNumber: 1, reads })
  if (sent === null) throw new Error('The test was broken off: the service is stopping.')
  const { status, durationMs, error, answer } = sent.attempt
  const { kind } = sent.verdict
  return {
    acknowledged: kind === 'acknowledged',
    duration_ms: durationMs,
    ...(kind !== 'acknowledged' && { at_fault: kind === 'refused' ? 'payload' : 'endpoint' }),
    ...(status !== null && { status }),
    ...(error !== null && { error }),
    ...(answer !== null && { answer: storableText(answer) }),
  }
}
