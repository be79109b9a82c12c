import { randomBytes } from 'node:crypto'
import type { Dispatcher } from 'undici'
import { judge, type Verdict } from './acknowledgement.js'
import type { EgressAllow } from './address-rules.js'
import type { Attempt } from './attempt.js'
import { classifyError } from './connection-errors.js'
import { guardedAgent, type Lookup } from './egress-guard.js'
import { sign } from './signing.js'

const ATTEMPT_TIMEOUT_MS = 5_000
const LONGEST_ANSWER = 64 * 1024
const KEPT_ANSWER = 2_048

export interface SenderOptions {
  /** The service's version, for `user-agent`. */
  version: string
  egress: EgressAllow
  /** For the whole attempt: connecting, sending, and reading the answer. 5 s. */
  timeoutMs?: number
  /** Replaces the system's name resolution. */
  lookup?: Lookup
}

/** What is posted, and in whose name. */
export interface OutgoingDelivery {
  id: string
  /** Sent as they are: the same bytes at every attempt. */
  body: string
  /** From 1. */
  attempt: number
  /** Where it stands in its lane; absent for a test of a hook, which stands in none. */
  place?: { sequence: number; previousId: string | null }
  replay?: boolean
  traceparent?: string | null
}

export interface Target {
  url: string
  /** The keys to sign with, the newest first; two while the secret rotates. */
  secrets: readonly Buffer[]
}

export interface SentAttempt {
  attempt: Attempt
  verdict: Verdict
}

class Abandoned extends Error {}
class TimedOut extends Error {}

/** Makes single attempts: signed, bounded in time and size, to vetted addresses, without following redirects. */
export class Sender {
  readonly #agent: Dispatcher
  readonly #userAgent: string
  readonly #timeoutMs: number
  readonly #underWay = new Set<AbortController>()

  constructor({ version, egress, timeoutMs = ATTEMPT_TIMEOUT_MS, lookup }: SenderOptions) {
    this.#agent = guardedAgent(egress, lookup)
    this.#userAgent = `tract/${version}`
    this.#timeoutMs = timeoutMs
  }

  /** The longest that `send` takes. */
  get timeoutMs(): number {
    return this.#timeoutMs
  }

  get attemptsUnderWay(): number {
    return this.#underWay.size
  }

  /** @returns null if it was abandoned half-way: what the receiver made of it is not known */
  async send(target: Target, delivery: OutgoingDelivery): Promise<SentAttempt | null> {
    const startedAt = new Date()
    const started = performance.now()
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(new TimedOut()), this.#timeoutMs)
    this.#underWay.add(abort)
    const attempt = { startedAt, durationMs: 0, status: null, error: null, answer: null } satisfies Attempt
    const took = () => Math.round(performance.now() - started)
    try {
      const { status, retryAfter, answer } = await this.#post(target, delivery, startedAt, abort.signal)
      const verdict = judge(status, retryAfter, answer, Date.now())
      const error = verdict.kind === 'acknowledged' ? null : verdict.error
      return { attempt: { ...attempt, durationMs: took(), status, error, answer: keep(answer) }, verdict }
    } catch (thrown) {
      if (abort.signal.reason instanceof Abandoned) return null
      const error = abort.signal.reason instanceof TimedOut ? 'timeout' : classifyError(thrown)
      return { attempt: { ...attempt, durationMs: took(), error }, verdict: { kind: 'retry', error } }
    } finally {
      clearTimeout(timer)
      this.#underWay.delete(abort)
    }
  }

  /** Breaks off every attempt that is under way; each `send` returns null. */
  abandonAll(): void {
    for (const abort of this.#underWay) abort.abort(new Abandoned())
  }

  async close(): Promise<void> {
    this.abandonAll()
    await this.#agent.destroy()
  }

  async #post(target: Target, delivery: OutgoingDelivery, startedAt: Date, signal: AbortSignal) {
    const url = new URL(target.url)
    const body = Buffer.from(delivery.body)
    const response = await this.#agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST',
      headers: this.#headers(target, delivery, startedAt, body),
      body,
      signal,
    })
    const retryAfter = response.headers['retry-after']
    return {
      status: response.statusCode,
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      answer: await readAtMost(response.body, LONGEST_ANSWER),
    }
  }

  #headers({ secrets }: Target, delivery: OutgoingDelivery, startedAt: Date, body: Buffer): Record<string, string> {
    const { id, attempt, place, replay = false, traceparent } = delivery
    const timestamp = Math.floor(startedAt.getTime() / 1000)
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'user-agent': this.#userAgent,
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': sign(secrets, id, timestamp, body),
      'tract-attempt': String(attempt),
      traceparent: traceparent ?? newTrace(id),
    }
    if (place !== undefined) {
      headers['tract-sequence'] = String(place.sequence)
      if (place.previousId !== null) headers['tract-previous-id'] = place.previousId
    }
    if (replay) headers['tract-replay'] = 'true'
    return headers
  }
}

/** A trace of its own for what was accepted without one: the same trace at every attempt. */
function newTrace(id: string): string {
  return `00-${id.replaceAll('-', '')}-${randomBytes(8).toString('hex')}-00`
}

/** Reads no further than the limit; what lies beyond is not waited for, and the connection is closed. */
async function readAtMost(body: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= limit) break
  }
  return Buffer.concat(chunks).subarray(0, limit).toString()
}

/** What is kept of an answer. PostgreSQL's text has no NUL. */
function keep(answer: string): string | null {
  return answer === '' ? null : answer.slice(0, KEPT_ANSWER).replaceAll('\0', '\uFFFD')
}
