import type { Queryable } from '../database/queryable.js'
import type { SecretBox } from '../database/secret-box.js'
import { type Claim, claimKeys, type IdempotentCall, type KeptAnswer, keepAnswers } from './idempotency.js'
import { Refusal } from './refusal.js'

/** What came of a call: its body, or the refusal that is its answer. */
export type CallResult<T> = { body: T; replayed: boolean } | { refusal: Refusal; replayed: boolean }

/** The result of a call whose key was used before; null: it is the first. */
export function resultOf<T>(claim: Claim): CallResult<T> | null {
  switch (claim.kind) {
    case 'first':
      return null
    case 'reused':
      return {
        refusal: new Refusal(
          'idempotency_key_reused',
          'The Idempotency-Key was used with another body within 24 hours.',
        ),
        replayed: false,
      }
    case 'repeated': {
      const { status, body } = claim.answer
      if (status === 200) return { body: body as T, replayed: true }
      const { code, error, issues, standing } = body as Pick<Refusal, 'code' | 'issues' | 'standing'> & {
        error: string
      }
      return { refusal: new Refusal(code, error, issues, standing), replayed: true }
    }
  }
}

/** How a result is kept with its key: a refusal is an answer too. */
export function keptAnswer<T>(call: IdempotentCall, result: CallResult<T>): KeptAnswer {
  if ('body' in result) return { call, answer: { status: 200, body: result.body } }
  const { code, message, issues, standing } = result.refusal
  return { call, answer: { status: 400, body: { code, error: message, issues, standing } } }
}

/** Runs `work` once for each key. A refusal undoes what `work` had written, and is kept as the answer. */
export async function once<T>(
  queryable: Queryable,
  box: SecretBox,
  call: IdempotentCall | null,
  work: () => Promise<T>,
): Promise<CallResult<T>> {
  if (!call) return { body: await work(), replayed: false }
  const [claim] = await claimKeys(queryable, box, [call], new Date())
  const before = resultOf<T>(claim as Claim)
  if (before) return before
  await queryable.query({ text: 'savepoint handler' })
  let result: CallResult<T>
  try {
    result = { body: await work(), replayed: false }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await queryable.query({ text: 'rollback to savepoint handler' })
    result = { refusal: error, replayed: false }
  }
  await keepAnswers(queryable, box, [keptAnswer(call, result)])
  return result
}
