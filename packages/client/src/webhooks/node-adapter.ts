/** For Node's http and what is built on it, such as Express. Nothing is imported from either: these are the parts of them that are used. */
import { BodyError, type BodyLimits, readBody } from './body.js'
import type { HookAnswer, Receive } from './hook-request.js'

/** `http.IncomingMessage`, or what Express makes of it. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  method?: string | undefined
  headers: Record<string, string | string[] | undefined>
  /** Whether other code has begun to read the body. */
  readableDidRead: boolean
}

/** `http.ServerResponse` */
export interface NodeResponse {
  headersSent: boolean
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown }
}

const ALREADY_READ =
  'A body parser came before the hook receiver, which needs the bytes as they were signed: mount the receiver first, ' +
  'or keep them, express.json({ verify: (request, _, bytes) => { request.rawBody = bytes } }).'

export async function receiveNode(receive: Receive, request: NodeRequest, response: NodeResponse): Promise<void> {
  const answer = await receive({
    method: request.method,
    header: headerOf(request),
    readBody: (limits) => bytesOf(request, limits),
  })
  if (response.headersSent) return // other code has answered, such as a middleware with a timeout
  response.writeHead(answer.status, { ...answer.headers, ...closing(answer) }).end(answer.body)
}

export function headerOf({ headers }: Pick<NodeRequest, 'headers'>) {
  return (name: string) => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
}

/** The rest of an unread body is still under way: the connection is of no use for another request. */
export function closing({ status }: HookAnswer): Record<string, string> {
  return status === 413 || status === 408 ? { connection: 'close' } : {}
}

async function bytesOf(request: NodeRequest, limits: BodyLimits): Promise<Uint8Array> {
  // A parser of raw bodies or text leaves them in `body`; `rawBody` is what everybody calls the bytes beside a parsed one.
  const { rawBody, body } = request as { rawBody?: unknown; body?: unknown }
  for (const kept of [rawBody, body]) {
    const bytes = typeof kept === 'string' ? new TextEncoder().encode(kept) : kept
    if (!(bytes instanceof Uint8Array)) continue
    return readBody(once(bytes), undefined, limits)
  }
  if (request.readableDidRead) throw new BodyError(500, ALREADY_READ)
  return readStream(request, headerOf(request)('content-length'), limits)
}

export function readStream(
  stream: AsyncIterable<Uint8Array>,
  declared: string | undefined,
  limits: BodyLimits,
): Promise<Uint8Array> {
  // The iterator is left as it stands where the body is refused: to end it would destroy the socket before the answer is written.
  const iterator = stream[Symbol.asyncIterator]()
  return readBody({ next: () => iterator.next() }, declared, limits)
}

function once(bytes: Uint8Array) {
  let value: Uint8Array | undefined = bytes
  return {
    next: async () => {
      const given = value
      value = undefined
      return { done: given === undefined, value: given }
    },
  }
}
