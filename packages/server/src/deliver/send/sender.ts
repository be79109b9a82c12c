import type { StreamTarget, StreamTransport } from '../streams/stream-transport.js'
import { judge, type Verdict } from './acknowledgement.js'
import type { EgressAllow } from './address-rules.js'
import type { AnswerText } from './answer-text.js'
import type { Attempt } from './attempt.js'
import { classifyError } from './connection-errors.js'
import { Connections } from './connections.js'
import { guardedConnector, type Lookup, type WayOut } from './egress-guard.js'
import { type Ending, Exchange } from './exchange.js'
import { ExchangesUnderWay } from './exchanges-under-way.js'
import { addressOf } from './hook-address.js'
import { type OutgoingDelivery, requestHeaders } from './request-headers.js'

/** Milliseconds for an attempt: the contract gives receivers 5 s. */
export const ATTEMPT_TIMEOUT_MS = 5_000
/** Characters, as the contract shows them. */
const KEPT_ANSWER = 2_048

export interface SenderOptions {
  /** The service's version, for `user-agent`. */
  version: string
  egress: EgressAllow
  /** For the whole attempt: connecting, sending, and reading the answer. 5 s. */
  timeoutMs?: number
  /** Replaces the system's name resolution. */
  lookup?: Lookup
  /** What the operator has put on the way out. */
  way?: WayOut
  /** For hooks whose listeners fetch what is sent. */
  streams?: StreamTransport
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
  readonly #connections: Connections
  readonly #userAgent: string
  readonly #timeoutMs: number
  readonly #underWay: ExchangesUnderWay
  readonly #streams: StreamTransport | undefined
  #closed = false

  constructor({ version, egress, timeoutMs = ATTEMPT_TIMEOUT_MS, lookup, way, streams }: SenderOptions) {
    this.#connections = new Connections(guardedConnector(egress, lookup, way))
    this.#userAgent = `tract/${version}`
    this.#timeoutMs = timeoutMs
    this.#underWay = new ExchangesUnderWay(timeoutMs)
    this.#streams = streams
  }

  /** Milliseconds, the longest that `send` lasts. */
  get timeoutMs(): number {
    return this.#timeoutMs
  }

  /** Headers of an attempt that was made, or could be. */
  headersOf(secrets: readonly Buffer[], delivery: OutgoingDelivery, startedAt: Date): Record<string, string> {
    const headers = requestHeaders(this.#userAgent, secrets, delivery, startedAt, Buffer.from(delivery.body))
    return Object.fromEntries(Array.from({ length: headers.length / 2 }, (_, at) => headers.slice(2 * at, 2 * at + 2)))
  }

  get attemptsUnderWay(): number {
    return this.#underWay.size + (this.#streams?.size ?? 0)
  }

  /** @returns null if it was broken off: whether the receiver has it is not known */
  async send(target: Target, delivery: OutgoingDelivery): Promise<SentAttempt | null> {
    if (this.#closed) return null
    const startedAt = new Date()
    const ending = await this.#exchange(target, delivery, startedAt)
    if (ending.kind === 'abandoned') return null
    const { durationMs } = ending
    if (ending.kind === 'answered') {
      const { status, body } = ending
      const verdict = judge(ending, Date.now(), delivery.reads)
      const { error = null } = verdict
      return { attempt: { startedAt, durationMs, status, error, answer: beginningOf(body) }, verdict }
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
    await this.#connections.close()
  }

  #exchange(target: Target, delivery: OutgoingDelivery, startedAt: Date): Promise<Ending> {
    const body = Buffer.from(delivery.body)
    const headers = requestHeaders(this.#userAgent, target.secrets, delivery, startedAt, body)
    if (target.stream && this.#streams)
      return this.#streams.exchange(target.stream, headers, delivery.body, this.#timeoutMs)
    const { origin, path } = addressOf(target)
    return new Promise((resolve) => {
      const connection = this.#connections.acquire(origin)
      const exchange = new Exchange(connection.bound, (ending) => {
        this.#underWay.remove(exchange)
        if (ending.kind === 'answered') this.#connections.release(origin, connection)
        else this.#connections.drop(origin, connection)
        resolve(ending)
      })
      this.#underWay.add(exchange)
      connection.dispatch({ path, method: 'POST', headers, body, blocking: false }, exchange)
    })
  }
}

/** What is kept of an answer: no half of a character. */
function beginningOf(body: AnswerText | null): string | null {
  if (body === null || body.text === '') return null
  return body.text.slice(0, KEPT_ANSWER).replace(/[\uD800-\uDBFF]$/, '')
}
