/** Makes the calls of a client: openapi-fetch writes the request and reads the answer, `Attempts` gets it there. */
import createClient from 'openapi-fetch'
import { randomId } from '../authentication/private-key.js'
import { errorOf, TractError, UnexpectedResponseError } from '../errors.js'
import type { CallOptions } from '../options.js'
import type { TransportResponse } from '../transport/transport.js'
import { Attempts, type CallContext, type Prepared } from './attempts.js'
import type { Input, Operation } from './operation.js'
import type { Answered } from './promise.js'

/** What openapi-fetch is given instead of `Request`: no code reads more of it than this. */
class PlainRequest {
  readonly method: string
  readonly body: string | undefined

  constructor(
    readonly url: string,
    init: { method: string; body?: string },
  ) {
    this.method = init.method
    this.body = init.body
  }
}

/** What openapi-fetch is told of one call. Its types are the document's paths, which the generated methods stand for. */
type Send = (
  method: string,
  path: string,
  init: {
    params?: { query: object }
    body?: object
    fetch: (request: PlainRequest) => Promise<TransportResponse>
    parseAs?: 'stream'
  },
) => Promise<{ data?: unknown; error?: unknown; response: TransportResponse }>

/** openapi-fetch leaves the body of a good answer alone. */
const STREAMS = { parseAs: 'stream' } as const

export class Calls {
  readonly #context: CallContext
  readonly #send: Send

  constructor(context: CallContext) {
    this.#context = context
    const client = createClient({ baseUrl: context.settings.baseUrl, Request: PlainRequest as never })
    this.#send = client.request as unknown as Send
  }

  async make<T>(operation: Operation, input: Input, options: CallOptions): Promise<Answered<T>> {
    const { body, query, raw } = input
    const attempts = new Attempts(operation, this.#context, options, headersOf(operation, input, options))
    let response: TransportResponse | undefined
    const fetch = async ({ url, method, body }: PlainRequest): Promise<TransportResponse> => {
      const prepared: Prepared = { url, method, body, raw }
      response = await attempts.make(prepared)
      return response
    }
    try {
      const init = {
        ...(query && { params: { query } }),
        ...(body && { body }),
        fetch,
        ...(operation.streams && STREAMS),
      }
      const { data: parsed, error } = await this.#send(operation.method, operation.path, init)
      const { status, fields, body: text, ok } = response as unknown as TransportResponse
      const answer = { status, headers: fields, body: text }
      if (!ok) throw errorOf(operation.name, answer, error)
      const data = operation.streams ? response?.stream : parsed
      if (typeof data !== 'object' || data === null) throw new TypeError('the answer is no object')
      return { data: data as T, response: answer, requestId: fields['x-request-id'] }
    } catch (error) {
      if (error instanceof TractError || !response) throw error
      const { status, fields: headers, body: text } = response
      throw new UnexpectedResponseError(
        operation.name,
        `The answer is ${status}, and not one of TRACT.`,
        { status, headers, body: text },
        error,
      )
    }
  }
}

function headersOf(
  operation: Operation,
  { body, raw }: Input,
  { headers, idempotencyKey }: CallOptions,
): Record<string, string> {
  const own = lowerCase(headers)
  if (raw) own['content-type'] = raw.contentType
  else if (body) own['content-type'] = 'application/json'
  if (operation.repeat === 'with key') own['idempotency-key'] = sendable(idempotencyKey ?? randomId())
  return own
}

/** A desk's ids may have any characters, and a header may not: such a call would count as one that found no service. */
const sendable = (key: string) =>
  key.replace(/[^ -~\x80-\xff]|^ | $/gu, (other) => `%u${other.codePointAt(0)?.toString(16)}`)

/** Names in lower case, so that none stands twice: what the SDK sets itself wins, and `authorization` is its own everywhere. */
export function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const lower: Record<string, string> = {}
  for (const name in headers) lower[name.toLowerCase()] = headers[name] as string
  delete lower.authorization
  return lower
}
