/**
 * Accepts messages. A call goes through these states:
 *
 *   waiting     in the queue, until a batch begins                                    message-queue.ts
 *   remembered  its thread is remembered, and the message only has to be appended:
 *               one statement for the whole batch, without a transaction              accept-remembered.ts
 *   locked      everything else, refusals included: one transaction for the batch,
 *               with the threads locked                                               accept-locked.ts
 *   alone       it changes the user, follows a call that does, or its batch failed:
 *               a transaction of its own, the calls of one thread in turn             accept-locked.ts
 *   settled     answered, refused or failed
 *
 *   waiting → remembered | locked
 *   remembered → settled, or → locked if the thread is not as it was remembered
 *   locked → settled, or → alone
 *   alone → settled
 *
 * What holds: a call is settled once, and after the commit of what it caused. A state leads on to the next one only if
 * nothing of the call was written; where that is not known, because the database did not answer, the call fails. No
 * thread is in two batches at a time, and the calls of one thread are accepted in the order in which they came.
 */
import type { Organisations } from '../../accounts/organisations.js'
import type { SecretBox } from '../../database/secret-box.js'
import type { MessageCall } from '../accept-message.js'
import type { CallResult } from '../once.js'
import type { Transactions } from '../work.js'
import { AcceptLocked } from './accept-locked.js'
import { AcceptRemembered } from './accept-remembered.js'
import { type Batch, MessageQueue } from './message-queue.js'
import { RememberedThreads } from './remembered-threads.js'

export class MessageAcceptor {
  readonly #queue: MessageQueue
  readonly #remembered: AcceptRemembered
  readonly #locked: AcceptLocked

  /**
   * @param longestWaitMs after which a message that is not begun is refused: its caller would not wait for it
   * @param concurrent batches under way
   */
  constructor(
    transactions: Transactions,
    organisations: Organisations,
    box: SecretBox,
    longestWaitMs: number,
    concurrent?: number,
  ) {
    const threads = new RememberedThreads(organisations)
    this.#remembered = new AcceptRemembered(transactions, box, threads)
    this.#locked = new AcceptLocked(transactions, organisations, box, threads)
    this.#queue = new MessageQueue(longestWaitMs, (batch) => this.#run(batch), concurrent)
  }

  /** @throws {NotBegun} */
  accept<Answer>(call: MessageCall<Answer>): Promise<CallResult<Answer>> {
    return this.#queue.add(call)
  }

  async #run(batch: Batch): Promise<void> {
    const now = new Date()
    const { appendable, others } = await this.#remembered.workOut(batch, now)
    await Promise.all([
      this.#remembered.append(appendable, now).then((passedOver) => this.#locked.accept(passedOver)),
      this.#locked.accept(others),
    ])
  }
}
