/**
 * Accepts messages on threads as they are remembered. A message is worked out in memory and appended by one statement
 * that commits by itself; no lock is held over a round trip. The statement leaves out a thread that has changed since,
 * and its messages are passed on to be accepted under the lock.
 */
import { isUnavailable } from '../../database/database.js'
import { faultPoint } from '../../database/fault-points.js'
import type { SecretBox } from '../../database/secret-box.js'
import { acceptOn } from '../accept-message.js'
import { type CallResult, keptAnswer } from '../once.js'
import type { ThreadSession } from '../thread-session.js'
import type { Transactions } from '../work.js'
import { type Appending, appendMessages } from './append-messages.js'
import { type Batch, byThread, type PendingMessage } from './message-queue.js'
import { isAppendOnly, type RememberedThreads } from './remembered-threads.js'

/** The messages of a batch for one thread, worked out on what is remembered of it. */
interface Appendable {
  session: ThreadSession
  messages: PendingMessage[]
  results: CallResult<unknown>[]
}

export class AcceptRemembered {
  readonly #transactions: Transactions
  readonly #box: SecretBox
  readonly #threads: RememberedThreads

  constructor(transactions: Transactions, box: SecretBox, threads: RememberedThreads) {
    this.#transactions = transactions
    this.#box = box
    this.#threads = threads
  }

  /** Writes nothing. `others` need more than to be appended, or their thread is not remembered. */
  async workOut(batch: Batch, now: Date): Promise<{ appendable: Appendable[]; others: PendingMessage[] }> {
    const appendable: Appendable[] = []
    const others: PendingMessage[] = []
    for (const [thread, messages] of byThread(batch)) {
      const session = this.#threads.recall(thread, now)
      const results = session && (await resultsOn(session, messages))
      if (session && results) appendable.push({ session, messages, results })
      else others.push(...messages)
    }
    return { appendable, others }
  }

  /** @returns what was not written: it can be accepted under the lock */
  async append(appendable: readonly Appendable[], now: Date): Promise<PendingMessage[]> {
    if (appendable.length === 0) return []
    const passedOver: PendingMessage[] = []
    try {
      faultPoint('append.before-write')
      const { pool, wakeups, said } = this.#transactions
      const offer = wakeups.offer(now)
      const written = await appendMessages(pool, this.#box, now, appendable.map(toAppending), offer)
      faultPoint('append.after-write')
      offer.handOver(written.flatMap((thread) => thread?.leased ?? []))
      this.#transactions.wake(
        appendable.flatMap(({ session }, index) => (written[index]?.hasMore ? session.key.bucket : [])),
      )
      for (const [index, { session, messages, results }] of appendable.entries()) {
        const thread = written[index]
        if (!thread) {
          passedOver.push(...messages)
          continue
        }
        // what a lane calls the user moves no version: the lanes are read again
        if (!thread.isRenamed) this.#threads.keepAppended(session, thread.lanes)
        said?.note(session.key)
        for (const [place, { settle }] of messages.entries()) settle(results[place] as CallResult<unknown>)
      }
      return passedOver
    } catch (error) {
      const messages = appendable.flatMap((each) => each.messages)
      // A key that was used before, or a deadlock: nothing was written, and under the locks the calls are told apart.
      if (!isUnavailable(error)) return messages
      // Whether they were written is not known, so they must not be written again.
      for (const { fail } of messages) fail(error)
      return []
    }
  }
}

/** Undefined if more than appending is needed. */
async function resultsOn(session: ThreadSession, messages: Batch): Promise<CallResult<unknown>[] | undefined> {
  const results: CallResult<unknown>[] = []
  for (const { call } of messages) {
    const result = await acceptOn(session, call).catch(() => undefined)
    if (result === undefined || 'refusal' in result) return undefined
    results.push(result)
  }
  return isAppendOnly(session) ? results : undefined
}

function toAppending({ session, messages, results }: Appendable): Appending {
  const { key, lastMessageId, messages: records, outbox, lanes } = session.changes
  const answers = messages.flatMap(({ call }, place) =>
    call.key ? keptAnswer(call.key, results[place] as CallResult<unknown>) : [],
  )
  const { version } = session.before
  const { configVersion } = session.organisation
  return { key, lastMessageId, messages: records, outbox, lanes, version, configVersion, answers }
}
