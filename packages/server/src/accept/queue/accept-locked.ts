/**
 * Accepts messages under the locks of their threads, a batch in one transaction: keys claimed, threads locked, messages
 * decided on one after the other, all of it written. A refused message leaves its thread as it was, and the others are
 * accepted.
 *
 * A call is accepted alone, in a transaction of its own,
 *   - if it changes its user, whose row is locked before the thread;
 *   - if a call before it on its thread is to be accepted alone;
 *   - if the batch failed, so that one call's failure is not that of others.
 * Calls of one thread are accepted alone one after the other, so that the thread's messages keep their order.
 */
import type { Organisations } from '../../accounts/organisations.js'
import { isUnavailable } from '../../database/database.js'
import { faultPoint } from '../../database/fault-points.js'
import type { SecretBox } from '../../database/secret-box.js'
import { nameOf, userKey } from '../../lanes/user-key.js'
import { acceptMessage, acceptOn } from '../accept-message.js'
import { claimKeys, type IdempotentCall, type KeptAnswer, keepAnswers, releaseKeys } from '../idempotency.js'
import { type CallResult, keptAnswer, once, resultOf } from '../once.js'
import { finish, openSessions } from '../sessions.js'
import type { ThreadSession } from '../thread-session.js'
import type { Transactions, Work } from '../work.js'
import { type Batch, byThread, type PendingMessage } from './message-queue.js'
import type { RememberedThreads } from './remembered-threads.js'

interface Accepted {
  /** Undefined for a call that is to be accepted alone. */
  results: (CallResult<unknown> | undefined)[]
  /** Remembers the threads. For after the commit. */
  remember: () => void
}

export class AcceptLocked {
  readonly #transactions: Transactions
  readonly #organisations: Organisations
  readonly #box: SecretBox
  readonly #threads: RememberedThreads

  constructor(transactions: Transactions, organisations: Organisations, box: SecretBox, threads: RememberedThreads) {
    this.#transactions = transactions
    this.#organisations = organisations
    this.#box = box
    this.#threads = threads
  }

  async accept(batch: Batch): Promise<void> {
    if (batch.length === 0) return
    try {
      const { results, remember } = await this.#transactions.run((work) => this.#acceptAll(work, batch))
      faultPoint('accept.after-commit')
      remember()
      for (const [index, { settle }] of batch.entries()) {
        const result = results[index]
        if (result) settle(result)
      }
      await this.#acceptEachAlone(batch.filter((_, index) => !results[index]))
    } catch (error) {
      // Whether a commit that was not answered was made is not known, so it must not be repeated.
      if (batch.length === 1 || isUnavailable(error)) for (const { fail } of batch) fail(error)
      else await this.#acceptEachAlone(batch)
    }
  }

  async #acceptAll(work: Work, batch: Batch): Promise<Accepted> {
    const earlier = await this.#earlierResults(work, batch)
    const sessions = await this.#open(
      work,
      batch.filter((_, index) => !earlier[index]),
    )
    const results: (CallResult<unknown> | undefined)[] = []
    /** Threads with a call that is to be accepted alone. */
    const stopped = new Set<string>()
    for (const [index, { thread, call }] of batch.entries()) {
      const result = earlier[index] ?? (stopped.has(thread) ? undefined : await acceptOn(sessions.get(thread), call))
      if (!result) stopped.add(thread)
      results.push(result)
    }
    const written = await finish(work, ...sessions.values())
    await this.#keepResults(
      work,
      batch.map(({ call }, index) => ({ key: earlier[index] ? null : call.key, result: results[index] })),
    )
    faultPoint('accept.before-commit')
    const remember = () => {
      for (const [index, session] of [...sessions.values()].entries())
        this.#threads.keepWritten(session, written[index] as (typeof written)[number])
    }
    return { results, remember }
  }

  /** Claims the keys of calls. Null for a call without one, or with one that is new. */
  async #earlierResults(work: Work, batch: Batch): Promise<(CallResult<unknown> | null)[]> {
    const keys = batch.flatMap(({ call }) => call.key ?? [])
    const claims = await claimKeys(work.client, this.#box, keys, work.now)
    const results = new Map(claims.map((claim, index) => [keys[index], resultOf<unknown>(claim)]))
    return batch.map(({ call }) => (call.key && results.get(call.key)) ?? null)
  }

  async #open(work: Work, batch: Batch): Promise<Map<string, ThreadSession>> {
    const keys = new Map(
      batch.map(({ thread, call: { caller, incoming } }) => [thread, userKey(caller.organisationId, incoming.userId)]),
    )
    const sessions = await openSessions(work, this.#organisations, [...keys.values()])
    return new Map(sessions.map((session) => [nameOf(session.key), session]))
  }

  /** Keeps the results of new keys. The key of a call that is to be accepted alone is given back. */
  async #keepResults(
    work: Work,
    calls: readonly { key: IdempotentCall | null; result: CallResult<unknown> | undefined }[],
  ): Promise<void> {
    const kept: KeptAnswer[] = []
    const released: IdempotentCall[] = []
    for (const { key, result } of calls) {
      if (key && result) kept.push(keptAnswer(key, result))
      else if (key) released.push(key)
    }
    await keepAnswers(work.client, this.#box, kept)
    await releaseKeys(work.client, released)
  }

  async #acceptEachAlone(batch: Batch): Promise<void> {
    const inTurn = async (messages: Batch) => {
      for (const message of messages) await this.#acceptAlone(message)
    }
    await Promise.all([...byThread(batch).values()].map(inTurn))
  }

  async #acceptAlone({ call, settle, fail }: PendingMessage): Promise<void> {
    const { caller, incoming, key, traceparent, answer } = call
    await this.#transactions
      .run(
        (work) =>
          once(work.client, this.#box, key, async () =>
            answer(await acceptMessage(work, this.#organisations, this.#box, caller, incoming)),
          ),
        traceparent,
      )
      .then(settle, fail)
  }
}
