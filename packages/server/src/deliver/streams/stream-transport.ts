import { v7 as uuidv7 } from 'uuid'
import type { ListenerKey } from '../../accounts/listeners.js'
import type { Queryable } from '../../database/queryable.js'
import type { Ending } from '../send/exchange.js'
import { placeAttempt, removeAnswered, type StreamedAnswer } from './hook-stream-rows.js'
import type { Signal, Signals } from './signals.js'

/** Whose stream, and which hook of it. */
export interface StreamTarget extends ListenerKey {
  category: string
  subcategory: string
}

/** Names of signals: attempts of a listener were placed, an attempt was answered. */
export const attemptsSignal = ({ organisationId, listener }: ListenerKey) => `attempts ${organisationId} ${listener}`
export const answerSignal = (attempt: string) => `answer ${attempt}`

/** Milliseconds between two looks for an answer whose signal was lost. */
const LOOK_AGAIN_MS = 1_000

/** What `classifyError` makes of a failure that the listener reports. */
const CODES: Record<string, string> = {
  timeout: 'ETIMEDOUT',
  dns: 'ENOTFOUND',
  connection_refused: 'ECONNREFUSED',
  connection_reset: 'ECONNRESET',
  tls: 'EPROTO',
  protocol: 'UND_ERR_HEADERS_OVERFLOW',
}

/**
 * Makes attempts at hooks whose listener fetches them. Each is a row that any process may hand out and answer, so that the
 * reader's connection does not matter to the lane. No answer in time is a timeout, no reader a refused connection.
 */
export class StreamTransport {
  readonly #db: Queryable
  readonly #signals: Signals
  readonly #waiting = new Set<Signal>()
  #abandoned = false

  constructor(db: Queryable, signals: Signals) {
    this.#db = db
    this.#signals = signals
  }

  get size(): number {
    return this.#waiting.size
  }

  /** @param headers by turns, name and value */
  async exchange(target: StreamTarget, headers: readonly string[], body: string, timeoutMs: number): Promise<Ending> {
    const { category, subcategory, ...owner } = target
    const startedAt = performance.now()
    const duration = () => Math.round(performance.now() - startedAt)
    const id = uuidv7()
    const now = new Date()
    const expiresAt = new Date(now.getTime() + timeoutMs)
    const signal = await this.#signals.open(answerSignal(id))
    this.#waiting.add(signal)
    try {
      const attempt = { id, category, subcategory, headers: recordOf(headers), body, expiresAt }
      const isPlaced = await placeAttempt(this.#db, owner, attempt, now)
      if (!isPlaced) return { kind: 'failed', durationMs: duration(), error: { code: CODES.connection_refused } }
      await this.#signals.notify([attemptsSignal(owner)])
      for (;;) {
        const left = timeoutMs - duration()
        if (left > 0 && !this.#abandoned) await signal.wait(Math.min(left, LOOK_AGAIN_MS))
        const isOver = duration() >= timeoutMs || this.#abandoned
        const answer = await removeAnswered(this.#db, owner, id, isOver)
        if (answer) return endingOf(answer, duration())
        if (isOver) return { kind: this.#abandoned ? 'abandoned' : 'timeout', durationMs: duration() }
      }
    } finally {
      this.#waiting.delete(signal)
      this.#signals.drop(answerSignal(id), signal)
    }
  }

  /** For good: attempts under way end as abandoned. */
  abandonAll(): void {
    this.#abandoned = true
    for (const signal of this.#waiting) signal.notify()
  }
}

function recordOf(headers: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {}
  for (let index = 0; index < headers.length; index += 2)
    record[headers[index] as string] = headers[index + 1] as string
  return record
}

function endingOf(answer: StreamedAnswer, durationMs: number): Ending {
  if ('error' in answer) return { kind: 'failed', durationMs, error: { code: CODES[answer.error] } }
  const { status, retry_after: retryAfter, body: text = '', body_incomplete: isCut = false } = answer
  return { kind: 'answered', durationMs, status, retryAfter, body: { text, isCut, isLossy: false } }
}
