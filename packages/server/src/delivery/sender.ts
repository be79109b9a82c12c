import type { Dispatcher } from 'undici'
import { judge, type Verdict } from './acknowledgement.js'
import type { EgressAllow } from './address-rules.js'
import type { Attempt } from './attempt.js'
import { classifyError } from './connection-errors.js'
import { guardedAgent, type Lookup } from './egress-guard.js'
import { type Ending, Exchange } from './exchange.js'
import { ExchangesUnderWay } from './exchanges-under-way.js'
import { addressOf } from './hook-address.js'
import { sign } from './signing.js'
import type { StreamTarget, StreamTransport } from './stream-transport.js'

const ATTEMPT_TIMEOUT_MS = 5_000
const KEPT_ANSWER = 2_048

export interface SenderOptions {
  /** The service's version, for `user-agent`. */
  version: string
  egress: EgressAllow
  /** For the whole attempt: connecting, sending, and reading the answer. 5 s. */
  timeoutMs?: number
  /** Replaces the system's name resolution. */
  lookup?: Lookup
  /** For hooks whose listeners fetch what is sent. */
  streams?: StreamTransport
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
  /** Its listener fetches what is sent: nothing is called. */
  stream?: StreamTarget
}

export interface SentAttempt {
  attempt: Attempt
  verdict: Verdict
}

/** Makes single attempts: signed, bounded in time and size, to vetted addresses, without following redirects. */
export class Sender {
  readonly #agent: Dispatcher
  readonly #userAgent: string
  readonly #timeoutMs: number
  readonly #underWay: ExchangesUnderWay
  readonly #streams: StreamTransport | undefined
  #answered: Array<() => void> = []
  #closed = false

  constructor({ version, egress, timeoutMs = ATTEMPT_TIMEOUT_MS, lookup, streams }: SenderOptions) {
    this.#agent = guardedAgent(egress, lookup)
    this.#userAgent = `tract/${version}`
    this.#timeoutMs = timeoutMs
    this.#underWay = new ExchangesUnderWay(timeoutMs)
    this.#streams = streams
  }

  /** The longest that `send` takes. */
  get timeoutMs(): number {
    return this.#timeoutMs
  }

  get attemptsUnderWay(): number {
    return this.#underWay.size + (this.#streams?.size ?? 0)
  }

  /** @returns null if it was abandoned half-way: what the receiver made of it is not known */
  async send(target: Target, delivery: OutgoingDelivery): Promise<SentAttempt | null> {
    if (this.#closed) return null
    const startedAt = new Date()
    const ending = await this.#exchange(target, delivery, startedAt)
    if (ending.kind === 'abandoned') return null
    const { durationMs } = ending
    if (ending.kind === 'answered') {
      const { status, retryAfter, body } = ending
      const verdict = judge(status, retryAfter, body, Date.now())
      const error = verdict.kind === 'acknowledged' ? null : verdict.error
      return { attempt: { startedAt, durationMs, status, error, answer: keep(body) }, verdict }
    }
    const error = ending.kind === 'timeout' ? 'timeout' : classifyError(ending.error)
    return { attempt: { startedAt, durationMs, status: null, error, answer: null }, verdict: { kind: 'retry', error } }
  }

  /** Breaks off every attempt that is under way; each `send` returns null. */
  abandonAll(): void {
    this.#underWay.breakOffAll('abandoned')
    this.#streams?.abandonAll()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.abandonAll()
    this.#underWay.close()
    await this.#agent.destroy()
  }

  #exchange(target: Target, delivery: OutgoingDelivery, startedAt: Date): Promise<Ending> {
    const body = Buffer.from(delivery.body)
    const headers = this.#headers(target, delivery, startedAt, body)
    if (target.stream && this.#streams)
      return this.#streams.exchange(target.stream, headers, delivery.body, this.#timeoutMs)
    const { origin, path } = addressOf(target)
    return new Promise((resolve) => {
      const exchange = new Exchange((ending) => {
        this.#underWay.remove(exchange)
        if (ending.kind === 'answered') this.#whenConnectionsAreFree(() => resolve(ending))
        else resolve(ending)
      })
      this.#underWay.add(exchange)
      this.#agent.dispatch({ origin, path, method: 'POST', headers, body, blocking: false }, exchange)
    })
  }

  /**
   * A connection is free again a turn of the event loop after its answer. Whoever sends the next one sooner opens another connection, and
   * ends up with twice as many, at half as much again for each attempt. What was answered in the same turn goes on together.
   */
  #whenConnectionsAreFree(goOn: () => void): void {
    if (this.#answered.push(goOn) > 1) return
    setImmediate(() => {
      const answered = this.#answered
      this.#answered = []
      setImmediate(() => {
        for (const each of answered) each()
      })
    })
  }

  #headers({ secrets }: Target, delivery: OutgoingDelivery, startedAt: Date, body: Buffer): string[] {
    const { id, attempt, place, replay = false, traceparent } = delivery
    const timestamp = Math.floor(startedAt.getTime() / 1000)
    const headers = ['content-type', 'application/json', 'user-agent', this.#userAgent]
    headers.push('webhook-id', id, 'webhook-timestamp', String(timestamp))
    headers.push('webhook-signature', sign(secrets, id, timestamp, body))
    headers.push('tract-attempt', String(attempt), 'traceparent', traceparent ?? newTrace(id))
    if (place !== undefined) {
      headers.push('tract-sequence', String(place.sequence))
      if (place.previousId !== null) headers.push('tract-previous-id', place.previousId)
    }
    if (replay) headers.push('tract-replay', 'true')
    return headers
  }
}

/** A trace of its own for what was accepted without one: the same at every attempt. The random half of a UUIDv7 does for the parent. */
function newTrace(id: string): string {
  const trace = id.replaceAll('-', '')
  return `00-${trace}-${trace.slice(16)}-00`
}

/** What is kept of an answer. PostgreSQL's text has no NUL. */
function keep(answer: string): string | null {
  return answer === '' ? null : answer.slice(0, KEPT_ANSWER).replaceAll('\0', '\uFFFD')
}
