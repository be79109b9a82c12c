/** The attempts of one call: each with a token, a time limit and, where the operation takes one, the call's key. */

import type { AccessToken } from '../authentication/access-token.js'
import { AbortError, ConnectionError, TimeoutError, type TractError } from '../errors.js'
import type { Observe } from '../observation/observation.js'
import type { CallOptions, TractSettings } from '../options.js'
import { type Transport, TransportFailure, type TransportResponse } from '../transport/transport.js'
import type { Operation, RawBody } from './operation.js'
import { delayBefore, type Ending, isWorthRepeating } from './retry.js'
import { pause, timerOf, waitFor } from './waiting.js'

/** What all calls of a client share. */
export interface CallContext {
  transport: Transport
  settings: TractSettings
  token: AccessToken
  /** Headers of every request. */
  headers: Readonly<Record<string, string>>
  observe: Observe
}

/** What openapi-fetch has made of the call; what is no JSON is made again for every attempt. */
export interface Prepared {
  url: string
  method: string
  body: string | undefined
  raw: RawBody | undefined
}

export class Attempts {
  readonly #operation: Operation
  readonly #context: CallContext
  readonly #options: CallOptions
  readonly #headers: Record<string, string>
  readonly #timeout: number
  readonly #deadline: number

  constructor(operation: Operation, context: CallContext, options: CallOptions, headers: Record<string, string>) {
    const { timeout = 10_000, totalTimeout = 60_000 } = context.settings
    this.#operation = operation
    this.#context = context
    this.#options = options
    this.#headers = { ...context.headers, ...headers }
    this.#timeout = options.timeout ?? timeout
    this.#deadline = performance.now() + (options.totalTimeout ?? totalTimeout)
  }

  /** @returns the first answer that is not worth another attempt, or the last. Rejects with an error of the SDK. */
  async make(prepared: Prepared): Promise<TransportResponse> {
    const { settings, observe } = this.#context
    const retries = this.#options.maxRetries ?? settings.maxRetries ?? 2
    let replayed = false
    for (let attempt = 1, repetitions = 0; ; attempt++) {
      const token = this.#operation.public ? undefined : await this.#token()
      const ending = await this.#attempt(prepared, token, attempt)
      if (!(ending instanceof TransportFailure) && ending.ok) return ending
      // Revoked, or its key is gone: nothing was done, and another token may be taken. Once, as the next one would fare no better.
      if (token !== undefined && !replayed && !(ending instanceof TransportFailure) && ending.status === 401) {
        replayed = true
        this.#context.token.forget(token)
        if (!prepared.raw?.isSpent?.()) continue
      }
      const delay = delayBefore(ending, repetitions + 1)
      const last = repetitions >= retries || performance.now() + delay >= this.#deadline
      const spent = prepared.raw?.isSpent?.()
      if (last || spent || !isWorthRepeating(ending, this.#operation)) return this.#end(ending)
      repetitions++
      observe?.repetition(this.#operation, ending, delay)
      await pause(delay, this.#options.signal).catch((failure) => this.#end(failure))
    }
  }

  async #attempt({ url, method, body, raw }: Prepared, token: string | undefined, attempt: number): Promise<Ending> {
    const { transport, observe } = this.#context
    if (token !== undefined) this.#headers.authorization = `Bearer ${token}`
    const left = this.#deadline - performance.now()
    const request = {
      method,
      url,
      headers: this.#headers,
      body: raw ? await raw.body() : body,
      ...(this.#operation.streams && { unfinished: (failure: TransportFailure) => this.#error(failure) }),
      timeout: timerOf(Math.min(this.#timeout, left)),
      signal: this.#options.signal,
    }
    const ended = observe?.attempt(this.#operation, request, attempt)
    let ending: Ending
    try {
      ending = await transport.send(request)
    } catch (failure) {
      ending = failure as TransportFailure
    }
    ended?.(ending)
    return ending
  }

  /** The token is fetched for all calls that wait for it: this one may stop waiting, and they go on. */
  #token(): string | Promise<string> {
    const { token } = this.#context
    return token.current ?? this.#waitForToken(token.get())
  }

  async #waitForToken(token: Promise<string>): Promise<string> {
    try {
      return await waitFor(token, this.#deadline - performance.now(), this.#options.signal)
    } catch (error) {
      if (error instanceof TransportFailure) this.#end(error)
      throw error
    }
  }

  #end(ending: Ending): TransportResponse {
    if (ending instanceof TransportFailure) throw this.#error(ending)
    return ending
  }

  #error({ kind, cause }: TransportFailure): TractError {
    const { name } = this.#operation
    if (kind === 'abort') return new AbortError(name, 'The call was aborted.', cause)
    if (kind === 'connection') return new ConnectionError(name, `The connection failed: ${reason(cause)}`, cause)
    const total = performance.now() >= this.#deadline
    return new TimeoutError(name, total ? 'The call took too long.' : `No answer within ${this.#timeout} ms.`)
  }
}

/** `fetch` says that it failed, and why only in the cause. */
function reason(cause: unknown): string {
  const { message, cause: deeper } = (cause ?? {}) as { message?: string; cause?: { message?: string } }
  return deeper?.message || message || String(cause)
}
