import { v7 as uuidv7 } from 'uuid'
import type { ListenerKey } from '../../accounts/listeners.js'
import type { Queryable } from '../../database/queryable.js'
import type { Ending } from '../send/exchange.js'
import type { Bell, Bells } from './bells.js'
import { placeAttempt, type StreamedAnswer, takeAnswer } from './hook-stream-rows.js'

/** Whose stream, and which hook of it. */
export interface StreamTarget extends ListenerKey {
  category: string
  subcategory: string
}

/** Who waits for attempts of a listener, and who waits for the answer to one. */
export const attemptsBell = ({ organisationId, listener }: ListenerKey) => `attempts ${organisationId} ${listener}`
export const answerBell = (attempt: string) => `answer ${attempt}`

/** How often an answer is looked for that nobody rang for. */
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
 * Makes attempts at hooks whose listener fetches them: each is a row that any process may hand out and any may answer, so that neither the
 * connection nor its process matters to the lane. No answer in time is a timeout, nobody fetching a refused connection.
 */
export class StreamTransport {
  readonly #db: Queryable
  readonly #bells: Bells
  readonly #waiting = new Set<Bell>()
  #abandoned = false

  constructor(db: Queryable, bells: Bells) {
    this.#db = db
    this.#bells = bells
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
    const bell = await this.#bells.hang(answerBell(id))
    this.#waiting.add(bell)
    try {
      const attempt = { id, category, subcategory, headers: recordOf(headers), body, expiresAt }
      const isPlaced = await placeAttempt(this.#db, owner, attempt, now)
      if (!isPlaced) return { kind: 'failed', durationMs: duration(), error: { code: CODES.connection_refused } }
      await this.#bells.ring([attemptsBell(owner)])
      for (;;) {
        const left = timeoutMs - duration()
        if (left > 0 && !this.#abandoned) await bell.wait(Math.min(left, LOOK_AGAIN_MS))
        const isOver = duration() >= timeoutMs || this.#abandoned
        const answer = await takeAnswer(this.#db, owner, id, isOver)
        if (answer) return endingOf(answer, duration())
        if (isOver) return { kind: this.#abandoned ? 'abandoned' : 'timeout', durationMs: duration() }
      }
    } finally {
      this.#waiting.delete(bell)
      this.#bells.takeDown(answerBell(id), bell)
    }
  }

  /** For good: attempts under way end as abandoned. */
  abandonAll(): void {
    this.#abandoned = true
    for (const bell of this.#waiting) bell.ring()
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
