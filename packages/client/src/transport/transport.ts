import type { ByteStream } from './bytes.js'

/** What carries one attempt of a call: undici's dispatcher on Node, `fetch` elsewhere. */
export interface Transport {
  /** For the `user-agent` header; undefined where a program may not name itself. */
  readonly runtime: string | undefined
  /** Rejects with a `TransportFailure` and nothing else. */
  send(request: TransportRequest): Promise<TransportResponse>
  /** Gives up the connections that are kept. */
  close(): Promise<void>
}

/** A stream is sent as it comes. */
export type RequestBody = string | Blob | ByteStream

export interface TransportRequest {
  method: string
  url: string
  /** Names in lower case. */
  headers: Record<string, string>
  body: RequestBody | undefined
  /**
   * The body of a good answer is left as a stream, and this makes what its reader gets if it breaks. `timeout` is then for the
   * head of the answer, and for every piece.
   */
  unfinished?: (failure: TransportFailure) => Error
  /** Milliseconds until the whole answer has to be there. */
  timeout: number
  signal: AbortSignal | undefined
}

/** The parts of a `Response` that openapi-fetch reads, with the body in memory: making a real one costs more than the call. */
export class TransportResponse {
  constructor(
    readonly status: number,
    /** Names in lower case. */
    readonly fields: Readonly<Record<string, string>>,
    readonly body: string,
    readonly stream?: ByteStream,
  ) {}

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  get headers(): { get(name: string): string | null } {
    return { get: (name) => this.fields[name.toLowerCase()] ?? null }
  }

  async text(): Promise<string> {
    return this.body
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.body)
  }
}

export type FailureKind = 'connection' | 'timeout' | 'abort'

export class TransportFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    /** Can the service have seen the request? */
    readonly sent: boolean,
    cause?: unknown,
  ) {
    super(kind, { cause })
  }
}
