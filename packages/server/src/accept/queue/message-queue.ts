/**
 * The queue of messages that wait to be accepted. It makes batches, and knows nothing of what is done with them:
 * messages that arrive while others are written share the next batch, so that a message costs the database less the
 * more there are.
 *
 * A batch begins
 *   - for a message that comes while no batch is under way;
 *   - once `ENOUGH` messages wait for each batch that is under way, of which there are at most `CONCURRENT`, or one with Citus;
 *   - for a message that has waited for `LONGEST_PAUSE_MS`, if there is room for a batch.
 * A batch gets the first messages of the queue, except those that have to wait: for their thread, which is in a batch
 * already, for an earlier message of their thread, or for their Idempotency-Key, which is in the same batch.
 *
 * What holds: a thread is in one batch at most, until the last of its messages there is settled; and messages of one
 * thread enter batches, and stand in them, in the order in which they came.
 */
import { nameOf } from '../../lanes/user-key.js'
import type { MessageCall } from '../accept-message.js'
import type { CallResult } from '../once.js'
import { NotBegun } from '../refusal.js'

/** Batches under way: while some wait for the database or its disk, another is worked out here. */
const CONCURRENT = 4
/** A statement that inserts costs Citus as much as some hundred of its rows: the fullest batches are the cheapest. */
export const CONCURRENT_WITH_CITUS = 1
/** Waiting messages for each batch under way. The fuller a batch, the cheaper each message, and the longer its wait. */
const ENOUGH = 14
/** Messages in a batch: it bounds a statement's rows, and how long the batch's threads are locked. */
const MOST_IN_ONE = 128
/** Milliseconds that a few messages wait for more: they must not wait for as long as a batch under way may take. */
const LONGEST_PAUSE_MS = 5

/** A message in a batch. While it is neither settled nor failed, its thread is in no other batch. */
export interface PendingMessage {
  /** The name of its thread. */
  thread: string
  call: MessageCall<unknown>
  settle(result: CallResult<unknown>): void
  fail(error: unknown): void
}

interface Waiting {
  thread: string
  call: MessageCall<unknown>
  resolve: (result: CallResult<unknown>) => void
  reject: (error: unknown) => void
}

export type Batch = readonly PendingMessage[]

/** The messages of a batch by thread, each thread's in their order. */
export function byThread(batch: Batch): Map<string, PendingMessage[]> {
  const threads = new Map<string, PendingMessage[]>()
  for (const message of batch) {
    const messages = threads.get(message.thread)
    if (messages === undefined) threads.set(message.thread, [message])
    else messages.push(message)
  }
  return threads
}

/** The name of the thread that a call is about. */
const threadName = ({ caller: { organisationId }, incoming: { userId } }: MessageCall<unknown>): string =>
  nameOf({ organisationId, userId })

export class MessageQueue {
  readonly #longestWaitMs: number
  readonly #run: (batch: Batch) => Promise<void>
  readonly #concurrent: number
  #waiting: Waiting[] = []
  /** How many messages of a thread are in a batch and not settled. Only threads that have some. */
  readonly #busy = new Map<string, number>()
  #underWay = 0
  #timer: NodeJS.Timeout | undefined

  /** @param run settles or fails every message of a batch, and never throws */
  constructor(longestWaitMs: number, run: (batch: Batch) => Promise<void>, concurrent = CONCURRENT) {
    this.#concurrent = concurrent
    this.#longestWaitMs = longestWaitMs
    this.#run = run
  }

  /** @throws {NotBegun} if the message waited for too long, or its caller has gone */
  add<Answer>(call: MessageCall<Answer>): Promise<CallResult<Answer>> {
    return new Promise((resolve, reject) => {
      const thread = threadName(call)
      this.#waiting.push({ thread, call, resolve: resolve as Waiting['resolve'], reject })
      this.#begin()
    })
  }

  #begin(isTimeUp = false): void {
    this.#refuseLate()
    while (this.#waiting.length > 0 && this.#underWay < this.#concurrent) {
      if (!isTimeUp && this.#waiting.length < ENOUGH * this.#underWay) break
      const batch = this.#nextBatch()
      if (batch.length === 0) break
      this.#underWay++
      void this.#run(batch).finally(() => {
        this.#underWay--
        this.#begin()
      })
    }
    if (this.#waiting.length === 0 || this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#begin(true)
    }, LONGEST_PAUSE_MS)
  }

  /** Messages wait in the order in which they came, so this stops at the first that is not late. */
  #refuseLate(): void {
    const before = performance.now() - this.#longestWaitMs
    let late = 0
    while (late < this.#waiting.length && (this.#waiting[late] as Waiting).call.since < before) late++
    if (late > 0) for (const { reject } of this.#waiting.splice(0, late)) reject(new NotBegun('too_late'))
  }

  #nextBatch(): PendingMessage[] {
    const batch: PendingMessage[] = []
    const left: Waiting[] = []
    const keys = new Set<string>()
    const passedOver = new Set<string>()
    for (const waiting of this.#waiting) {
      const { thread, call } = waiting
      if (call.isGone()) {
        waiting.reject(new NotBegun('caller_gone'))
        continue
      }
      const key = call.key && `${call.key.clientId} ${call.key.key}`
      const waits =
        batch.length === MOST_IN_ONE || this.#busy.has(thread) || passedOver.has(thread) || (key && keys.has(key))
      if (waits) {
        left.push(waiting)
        passedOver.add(thread)
        continue
      }
      batch.push(this.#pending(waiting))
      if (key) keys.add(key)
    }
    for (const { thread } of batch) this.#busy.set(thread, (this.#busy.get(thread) ?? 0) + 1)
    this.#waiting = left
    return batch
  }

  #pending({ thread, call, resolve, reject }: Waiting): PendingMessage {
    return {
      thread,
      call,
      settle: (result) => {
        this.#leave(thread)
        resolve(result)
      },
      fail: (error) => {
        this.#leave(thread)
        reject(error)
      },
    }
  }

  #leave(thread: string): void {
    const others = (this.#busy.get(thread) as number) - 1
    if (others === 0) this.#busy.delete(thread)
    else this.#busy.set(thread, others)
  }
}
