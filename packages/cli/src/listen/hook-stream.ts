import { AbortError, ConflictError, type Hook, type StreamedAttempt, type TractPlatform } from '@tract/client/platform'
import { CliError } from '../exit.js'
import { Outage } from '../outage.js'
import type { ForwardedAnswer } from './forward.js'

const WAIT_SECONDS = 20
/** A call that waits so long, and then some. */
const CALL_TIMEOUT_MS = 30_000
/** After so long without a call, less than a minute, the service may have given the hooks back. */
const AWAY_MS = 40_000
/** The contract's limit; what is left out comes again, and is known. */
const MOST_HELD = 500
/** Of one call, by the contract. */
const MOST_ANSWERS = 50
/** An attempt is not waited for any longer. */
const ANSWER_TIMEOUT_MS = 5_000

/** What became of an answer: TRACT may no longer have waited for it, or it did not arrive. In both cases TRACT tries again. */
export type Sent = 'in time' | 'late' | Error

export interface HookStreamParts {
  tract: TractPlatform
  forward: (attempt: StreamedAttempt) => Promise<ForwardedAnswer>
  onAnswered: (attempt: StreamedAttempt, answer: ForwardedAnswer, durationMs: number, sent: Sent) => void
  onLost: (error: Error) => void
  onBack: () => void
  /** Calls come through again after this machine slept, or the service was away: the hooks may have gone back. */
  onReturn: () => Promise<void>
}

/** The hooks are another run's now. */
export class StreamReplaced extends CliError {
  constructor() {
    super('Another `tract listen` of this listener has taken over.', {
      hint: 'One listens for each listener: the newest. Its hooks are left to it.',
    })
  }
}

/** Fetches attempts, and answers them. A connection that is lost is made up for by the next call. */
export class HookStream {
  readonly #parts: HookStreamParts
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #answers: { answer: { id: string } & ForwardedAnswer; onSent: (sent: Sent) => void }[] = []
  #sending: Promise<void> | undefined
  #stream: string | undefined
  /** When a call came through last. */
  #calledAt = 0
  readonly #outage: Outage

  constructor(parts: HookStreamParts) {
    this.#parts = parts
    this.#outage = new Outage(parts.onLost, parts.onBack)
  }

  /** Opens the stream; what is under way already is forwarded. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#fetch(signal)
    this.#calledAt = Date.now()
  }

  /** Until it is interrupted; then what is under way is still answered. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        try {
          await this.#fetch(signal)
          const wasAway = this.#outage.isOn || Date.now() - this.#calledAt > AWAY_MS
          this.#outage.over()
          if (wasAway) await this.#parts.onReturn()
          this.#calledAt = Date.now()
        } catch (error) {
          if (error instanceof AbortError) break
          if (error instanceof ConflictError && error.code === 'stream_replaced') throw new StreamReplaced()
          await this.#outage.wait(error, signal)
        }
      }
    } finally {
      await Promise.all(this.#underWay.values())
    }
  }

  /**
   * Ends it, with the hooks where they were before, or where they are.
   * @returns those that went back
   * @throws StreamReplaced
   */
  async end(how: 'give_back' | 'keep'): Promise<Hook[]> {
    if (this.#stream === undefined) return []
    try {
      return (await this.#parts.tract.hooks.stream({ stream: this.#stream, end: how })).given_back ?? []
    } catch (error) {
      throw error instanceof ConflictError && error.code === 'stream_replaced' ? new StreamReplaced() : error
    }
  }

  async #fetch(signal: AbortSignal): Promise<void> {
    const holding = [...this.#underWay.keys()].slice(0, MOST_HELD)
    // whether it is back is not to be waited for
    const wait = this.#outage.isOn ? 0 : WAIT_SECONDS
    const request = { ...(this.#stream !== undefined && { stream: this.#stream }), holding, wait }
    const options = { signal, timeout: CALL_TIMEOUT_MS, totalTimeout: CALL_TIMEOUT_MS, maxRetries: 0 }
    const { stream, attempts } = await this.#parts.tract.hooks.stream(request, options)
    this.#stream = stream
    for (const attempt of attempts) {
      if (this.#underWay.has(attempt.id)) continue
      const answered = this.#answer(attempt).finally(() => this.#underWay.delete(attempt.id))
      this.#underWay.set(attempt.id, answered)
    }
  }

  async #answer(attempt: StreamedAttempt): Promise<void> {
    const { forward, onAnswered } = this.#parts
    const began = performance.now()
    const answer = await forward(attempt)
    const durationMs = Math.round(performance.now() - began)
    const sent = await new Promise<Sent>((onSent) => {
      this.#answers.push({ answer: { id: attempt.id, ...answer }, onSent })
      this.#sending ??= this.#sendAnswers()
    })
    onAnswered(attempt, answer, durationMs, sent)
  }

  /** One call at a time: answers that come during a call go together with the next. */
  async #sendAnswers(): Promise<void> {
    while (this.#answers.length > 0) {
      const batch = this.#answers.splice(0, MOST_ANSWERS)
      const answers = batch.map(({ answer }) => answer)
      const taken = await this.#parts.tract.hooks
        .answer({ answers }, { totalTimeout: ANSWER_TIMEOUT_MS })
        .catch((error: unknown) => error as Error)
      for (const { answer, onSent } of batch)
        onSent(taken instanceof Error ? taken : taken.late.includes(answer.id) ? 'late' : 'in time')
    }
    this.#sending = undefined
  }
}
