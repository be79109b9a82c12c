/** undici's dispatcher, driven by hand: on Node the global `fetch` costs ten times as much. The one file with an import from outside the web. */
import { type Dispatcher, Pool } from 'undici'
import { streamOf } from './bytes.js'
import { onAbort } from './on-abort.js'
import {
  type FailureKind,
  type Transport,
  TransportFailure,
  type TransportRequest,
  TransportResponse,
} from './transport.js'
import { type Fetch, sendBy } from './web.js'

/** To the service at the same time; further calls wait. */
const CONNECTIONS = 256

/** Connections are kept for the next call, and do not keep the process alive. */
export function nodeTransport(baseUrl: string): Transport {
  // The attempt has its own time limit, so undici keeps none.
  const timeouts = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 }
  const pool = new Pool(new URL(baseUrl).origin, { connections: CONNECTIONS, pipelining: 1, ...timeouts })
  return {
    runtime: `node/${process.versions.node}`,
    send: (request) =>
      request.unfinished
        ? sendBy(fetchOf(pool), request)
        : new Promise((resolve, reject) => send(pool, request, resolve, reject)),
    close: () => pool.close(),
  }
}

function send(
  pool: Pool,
  request: TransportRequest,
  resolve: (response: TransportResponse) => void,
  reject: (failure: TransportFailure) => void,
): void {
  const { url, method, headers, body = null, signal } = request
  if (signal?.aborted) {
    reject(new TransportFailure('abort', false, signal.reason))
    return
  }
  const exchange = new Exchange(request, resolve, reject)
  const path = pathOf(url)
  try {
    // undici takes a Blob and a stream as well; its types do not say so
    pool.dispatch({ path, method: method as Dispatcher.HttpMethod, headers, body: body as string | null }, exchange)
  } catch (error) {
    exchange.fail('connection', error)
  }
}

const pathOf = (url: string) => url.slice(url.indexOf('/', 'https://'.length))

/** For an answer that is read as it comes: it waits in the connection for its reader. */
function fetchOf(pool: Pool): Fetch {
  return async (url, { method, headers, signal }) => {
    const answer = await pool.request({ path: pathOf(url), method: method as Dispatcher.HttpMethod, headers, signal })
    const { statusCode, body } = answer
    // its reader is told; broken off before it reads, the error would end the process
    body.on('error', () => {})
    const entries = Object.entries(joined(answer.headers))
    return {
      status: statusCode,
      headers: new Map(entries),
      body: streamOf(body[Symbol.asyncIterator]()),
      text: () => body.text(),
    }
  }
}

/** One request and its answer, piece by piece. */
class Exchange implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #headers: Record<string, string | string[] | undefined> = {}
  #chunks: Buffer[] = []
  #ended = false
  readonly #timer: ReturnType<typeof setTimeout>
  readonly #letGo: () => void

  constructor(
    readonly request: TransportRequest,
    readonly resolve: (response: TransportResponse) => void,
    readonly reject: (failure: TransportFailure) => void,
  ) {
    this.#timer = setTimeout(() => this.fail('timeout'), request.timeout)
    this.#letGo = onAbort(request.signal, () => this.fail('abort', request.signal?.reason))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Broken off while it waited for a connection.
    if (this.#ended) controller.abort(new Error('broken off'))
  }

  /** Comes once more for every 1xx before the answer. */
  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    if (!this.#end()) return
    const [first] = this.#chunks
    const body = this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : first
    this.resolve(new TransportResponse(this.#status, joined(this.#headers), body?.toString('utf8') ?? ''))
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail('connection', error)
  }

  fail(kind: FailureKind, cause?: unknown): void {
    if (!this.#end()) return
    this.reject(new TransportFailure(kind, this.#controller !== undefined, cause))
    this.#controller?.abort(new Error(kind))
  }

  /** Was it still under way? */
  #end(): boolean {
    if (this.#ended) return false
    this.#ended = true
    clearTimeout(this.#timer)
    this.#letGo()
    return true
  }
}

/** Lists joined as `Headers` does it; most answers have none, and keep the object that they came in. */
function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  for (const name in headers) {
    const value = headers[name]
    if (Array.isArray(value)) headers[name] = value.join(', ')
  }
  return headers as Record<string, string>
}
