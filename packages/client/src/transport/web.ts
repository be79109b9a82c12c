/** `fetch`, where there is one: Deno, Bun, Workers, browsers, and Node without undici. */
import {
  type FailureKind,
  type Transport,
  TransportFailure,
  type TransportRequest,
  TransportResponse,
} from './transport.js'

/** What the SDK gives to `fetch`. */
export interface FetchInit {
  method: string
  headers: Record<string, string>
  body?: string
  signal: AbortSignal
  redirect: 'manual'
}

/** What the SDK reads of a `Response`. */
export interface FetchResponse {
  readonly status: number
  readonly headers: { forEach(callback: (value: string, name: string) => void): void }
  text(): Promise<string>
}

/** The global `fetch`, or another one with its manners. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>

export function webTransport(fetch: Fetch = (url, init) => globalThis.fetch(url, init)): Transport {
  return { runtime: runtime(), send: (request) => send(fetch, request), close: async () => {} }
}

async function send(fetch: Fetch, request: TransportRequest): Promise<TransportResponse> {
  const { method, url, headers, body, timeout, signal } = request
  const controller = new AbortController()
  let brokenOff: FailureKind | undefined
  const breakOff = (kind: FailureKind) => {
    brokenOff ??= kind
    controller.abort()
  }
  const aborted = () => breakOff('abort')
  if (signal?.aborted) throw new TransportFailure('abort', false, signal.reason)
  signal?.addEventListener('abort', aborted, { once: true })
  const timer = setTimeout(breakOff, timeout, 'timeout')
  try {
    const init: FetchInit = { method, headers, signal: controller.signal, redirect: 'manual' }
    const response = await fetch(url, body === undefined ? init : { ...init, body })
    const fields: Record<string, string> = {}
    response.headers.forEach((value, name) => {
      fields[name.toLowerCase()] = value
    })
    return new TransportResponse(response.status, fields, await response.text())
  } catch (error) {
    // A browser does not tell how far a request came.
    throw new TransportFailure(brokenOff ?? 'connection', true, brokenOff === 'abort' ? signal?.reason : error)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', aborted)
  }
}

/** Browsers keep their own `user-agent`, and would ask the service's leave to send another. */
function runtime(): string | undefined {
  const agent = globalThis.navigator?.userAgent ?? 'unknown'
  return agent.startsWith('Mozilla/') ? undefined : agent
}
