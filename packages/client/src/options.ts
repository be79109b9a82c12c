import type { Scope } from '@tract/contract'
import type { PrivateKey } from './authentication/private-key.js'
import type { Logger } from './observation/logger.js'
import type { RequestObserver, ResponseObserver } from './observation/observers.js'
import type { Fetch } from './transport/web.js'

/** Where the service is, who is calling, and how patient a call is. */
export type TractOptions = TractSettings & Credentials

/** The client's credentials, as the operator handed them out. */
export type Credentials =
  | { clientId: string; clientSecret: string; privateKey?: never }
  | { clientId: string; privateKey: PrivateKey; clientSecret?: never }

export interface TractSettings {
  /** The address of the service, such as `https://tract.example.com`. */
  baseUrl: string
  /** The scopes to ask for; all that the client holds if absent. */
  scopes?: readonly Scope[]
  /** Milliseconds that one attempt may take; 10,000 by default. */
  timeout?: number
  /** Milliseconds that a call may take with all its attempts, the waiting in between included; 60,000 by default. */
  totalTimeout?: number
  /** How often a call is repeated that failed in a way that may pass, and that is safe to repeat; 2 by default. */
  maxRetries?: number
  /** What sends the requests; undici's dispatcher on Node and the global `fetch` elsewhere, if absent. */
  fetch?: Fetch
  /** Headers of every request, such as `x-tenant`. What the SDK sets itself, such as `authorization`, stays as it is. */
  headers?: Readonly<Record<string, string>>
  /** Called before every attempt. What it throws is logged and does no harm. */
  onRequest?: RequestObserver
  /** Called after every attempt, whether there was an answer or not. What it throws is logged and does no harm. */
  onResponse?: ResponseObserver
  /** Where attempts (`debug`) and repetitions (`warn`) are logged, such as `console`; nowhere if absent. No secret and no body is. */
  logger?: Logger
}

/** What one call may have of its own. */
export interface CallOptions {
  /** Ends the call when it is aborted. */
  signal?: AbortSignal
  /** Milliseconds that one attempt may take. */
  timeout?: number
  /** Milliseconds that the call may take with all its attempts. */
  totalTimeout?: number
  /** How often it may be repeated. */
  maxRetries?: number
  /**
   * The key by which the service tells a repetition, for operations that take one. Every call has a random key of its own, which serves all its
   * attempts; give one where a call has to stay the same call over a restart of your process. A call that only reads takes none, and leaves it out.
   */
  idempotencyKey?: string
  /** Further headers, such as `traceparent`. */
  headers?: Readonly<Record<string, string>>
}
