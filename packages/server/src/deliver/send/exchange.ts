import type { Dispatcher } from 'undici'
import type { Answer } from './acknowledgement.js'
import type { AnswerBound } from './answer-bound.js'
import { readAnswer } from './answer-text.js'

/** Bytes of an answer that are read; the rest is not waited for. */
const LONGEST_ANSWER = 64 * 1024

const NOTHING = Buffer.alloc(0)

type Headers = Record<string, string | string[] | undefined>

/** How an exchange ended. */
export type Ending =
  | ({ kind: 'answered'; durationMs: number } & Answer)
  | { kind: 'failed'; durationMs: number; error: unknown }
  | { kind: 'timeout'; durationMs: number }
  | { kind: 'abandoned'; durationMs: number }

/** Why it was broken off. Whether the receiver has one that was abandoned is not known. */
export type BrokenOff = 'timeout' | 'abandoned'

/**
 * One request and its answer, as undici hands it over piece by piece. `undici.request()` with an AbortSignal makes two
 * streams and a dozen other objects, which cost more than the rest of an attempt.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Its neighbours among those under way (see `ExchangesUnderWay`). */
  older: Exchange | null = null
  newer: Exchange | null = null
  /** By `performance.now()`. */
  readonly startedAt = performance.now()
  readonly #bound: AnswerBound
  readonly #onEnded: (ending: Ending) => void
  #hasEnded = false
  #controller: Dispatcher.DispatchController | null = null
  #status = 0
  #headers: Headers = {}
  #chunks: Buffer[] = []
  #length = 0

  /** @param onEnded called once */
  constructor(bound: AnswerBound, onEnded: (ending: Ending) => void) {
    this.#bound = bound
    this.#onEnded = onEnded
  }

  /** Ends it now, whether it waits for a connection, sends, or reads the answer. */
  breakOff(kind: BrokenOff): void {
    this.#end({ kind, durationMs: this.#duration() })
    this.#controller?.abort(new Error(kind))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Broken off before there was a connection: nothing has been written yet, and nothing will be.
    if (this.#hasEnded) controller.abort(new Error('broken off'))
  }

  /** Comes once more for every 1xx before the answer. */
  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers) {
    this.#status = status
    this.#headers = headers
    if (status >= 200) this.#bound.headEnded()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#hasEnded) return
    this.#bound.bodyRead(chunk.length)
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length <= LONGEST_ANSWER) return
    this.#answered()
    controller.abort(new Error('long enough'))
  }

  onResponseEnd(): void {
    this.#answered()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#end({ kind: 'failed', durationMs: this.#duration(), error })
  }

  #answered(): void {
    const [first = NOTHING] = this.#chunks
    const bytes = (this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : first).subarray(0, LONGEST_ANSWER)
    const headers = this.#headers
    const body = readAnswer({
      bytes,
      isCut: this.#length > LONGEST_ANSWER,
      contentType: oneOf(headers['content-type']),
      coding: codingOf(headers),
    })
    const [retryAfter] = [headers['retry-after']].flat()
    this.#end({ kind: 'answered', durationMs: this.#duration(), status: this.#status, retryAfter, body })
  }

  #duration(): number {
    return Math.round(performance.now() - this.startedAt)
  }

  #end(ending: Ending): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#bound.end()
    this.#onEnded(ending)
  }
}

const oneOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header.join() : header)

/** What was done to the body, on its way or before; undici takes off `chunked` alone. */
function codingOf({ 'content-encoding': content, 'transfer-encoding': transfer }: Headers): string | undefined {
  const onItsWay = oneOf(transfer)
  if (onItsWay === undefined || /^chunked$/i.test(onItsWay)) return oneOf(content)
  return `${oneOf(content) ?? ''},${onItsWay.replace(/\bchunked\b/gi, '')}`
}
