/** `fetch`, where there is one: Deno, Bun, Workers, browsers, and Node without undici. */
import { streamOf } from './bytes.js'
import { onAbort } from './on-abort.js'
import {
  type FailureKind,
  type RequestBody,
  type Transport,
  TransportFailure,
  type TransportRequest,
  TransportResponse,
} from './transport.js'

/** What the SDK gives to `fetch`. */
export interface FetchInit {
  method: string
  headers: Record<string, string>
  /** A stream in an upload alone; `duplex` is there with it. */
  body?: RequestBody
  duplex?: 'half'
  signal: AbortSignal
  redirect: 'manual'
}

/** What the SDK reads of a `Response`. */
export interface FetchResponse {
  readonly status: number
  readonly headers: { forEach(callback: (value: string, name: string) => void): void }
  /** Needed for downloads alone. */
  readonly body?: ReadableStream<Uint8Array> | null
  text(): Promise<string>
}

/** The global `fetch`, or another one with its manners. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>

export function webTransport(fetch: Fetch = (url, init) => globalThis.fetch(url, init)): Transport {
  return { runtime: runtime(), send: (request) => sendBy(fetch, request), close: async () => {} }
}

export async function sendBy(fetch: Fetch, request: TransportRequest): Promise<TransportResponse> {
  const { method, url, headers, body, signal, unfinished } = request
  if (signal?.aborted) throw new TransportFailure('abort', false, signal.reason)
  const limits = new Limits(request)
  let isStreamed = false
  try {
    const init: FetchInit = { method, headers, signal: limits.signal, redirect: 'manual' }
    if (body !== undefined) init.body = body
    if (body instanceof ReadableStream) init.duplex = 'half'
    const response = await fetch(url, init)
    const fields: Record<string, string> = {}
    response.headers.forEach((value, name) => {
      fields[name.toLowerCase()] = value
    })
    const { status } = response
    isStreamed = unfinished !== undefined && status >= 200 && status < 300
    if (!unfinished || !isStreamed) return new TransportResponse(status, fields, await response.text())
    if (!response.body) throw new TypeError('the answer of this fetch has no stream as its body')
    const stream = streamOf(rest(response.body, limits), (error) => unfinished(limits.failure(error)))
    return new TransportResponse(status, fields, '', stream)
  } catch (error) {
    isStreamed = false
    throw limits.failure(error)
  } finally {
    if (isStreamed) limits.rest()
    else limits.end()
  }
}

/** What breaks a request off: its time limit, counted from `count` to `rest`, and its signal. */
class Limits {
  readonly #request: TransportRequest
  readonly #controller = new AbortController()
  readonly #letGo: () => void
  #kind: FailureKind | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(request: TransportRequest) {
    this.#request = request
    this.#letGo = onAbort(request.signal, () => this.#breakOff('abort'))
    this.count()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  count(): void {
    this.#timer = setTimeout(() => this.#breakOff('timeout'), this.#request.timeout)
  }

  rest(): void {
    clearTimeout(this.#timer)
  }

  end(): void {
    this.rest()
    this.#letGo()
  }

  /** Gives up what is still to come, and the connection with it. */
  giveUp(): void {
    this.end()
    this.#controller.abort()
  }

  /** A browser does not tell how far a request came. */
  failure(error: unknown): TransportFailure {
    return new TransportFailure(
      this.#kind ?? 'connection',
      true,
      this.#kind === 'abort' ? this.#request.signal?.reason : error,
    )
  }

  #breakOff(kind: FailureKind): void {
    this.#kind ??= kind
    this.#controller.abort()
  }
}

/** What is left of an answer. Time that its reader takes does not count. */
function rest(body: ReadableStream<Uint8Array>, limits: Limits): AsyncIterator<Uint8Array> {
  const reader = body.getReader()
  return {
    async next() {
      limits.count()
      try {
        const { done, value } = await reader.read()
        if (!done) return { done, value }
      } catch (error) {
        limits.end()
        throw error
      } finally {
        limits.rest()
      }
      limits.end()
      return { done: true, value: undefined }
    },
    async return() {
      limits.giveUp()
      return { done: true, value: undefined }
    },
  }
}

/** Browsers keep their own `user-agent`, and would ask the service's leave to send another. */
function runtime(): string | undefined {
  const agent = globalThis.navigator?.userAgent ?? 'unknown'
  return agent.startsWith('Mozilla/') ? undefined : agent
}
