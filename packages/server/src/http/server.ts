/**
 * Node's server, as both ports have it. What is no request of HTTP/1.1, or comes too slowly, never gets to Fastify; its sender gets the one
 * error body all the same, in its turn: an answer that is still due to an earlier request of the connection goes out first.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorCode } from '@tract/contract'
import { Refusal } from '../messaging/refusal.js'
import type { Log } from '../telemetry/log.js'
import { Answer } from './answer.js'
import { errorAnswer } from './errors.js'
import { type Fault, HEAD_LIMIT, normalise, requestFault, unreadableFault } from './request-faults.js'
import { newRequestId } from './request-id.js'

export interface HttpLimits {
  /** Milliseconds within which a request has to be there as a whole, its head included. */
  requestTimeout: number
  /** How often it is looked for requests that take longer. */
  checkEvery: number
}

const HTTP_LIMITS: HttpLimits = { requestTimeout: 30_000, checkEvery: 5_000 }

/** For so long an answer can be fetched by who still sends; a connection closed before would be reset, and the answer lost. */
const LINGER_MS = 1_000
/** How long a connection is kept that nothing comes on. */
const KEEP_ALIVE_MS = 72_000

export interface ServerOptions {
  log: Log
  limits?: Partial<HttpLimits>
}

/** What Fastify is to be made with. */
export interface ServerParts {
  serverFactory: (handler: RequestListener) => Server
  clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => void
}

export function httpServer({ log, limits }: ServerOptions): ServerParts {
  const { requestTimeout, checkEvery } = { ...HTTP_LIMITS, ...limits }
  /** The last answer of each connection. */
  const answers = new WeakMap<Socket, Answer>()
  /** Those that end with the answer that they are due. */
  const ending = new WeakSet<Socket>()

  return {
    serverFactory: (handler) => {
      const server = createServer({
        ServerResponse: Answer,
        // Node would answer without a body
        requireHostHeader: false,
        maxHeaderSize: HEAD_LIMIT,
        requestTimeout,
        headersTimeout: requestTimeout,
        connectionsCheckingInterval: checkEvery,
        keepAliveTimeout: KEEP_ALIVE_MS,
      })
      const accept = (request: IncomingMessage, response: Answer, onward: () => void) => {
        answers.set(request.socket, response)
        normalise(request)
        const fault = requestFault(request)
        if (fault) refuse(response, fault)
        else onward()
      }
      server.on('request', (request, response) => accept(request, response as Answer, () => handler(request, response)))
      server.on('checkExpectation', (request, response) =>
        accept(request, response as Answer, () =>
          refuse(response as Answer, {
            code: 'expectation_failed',
            message: 'The only expectation that is met is 100-continue.',
          }),
        ),
      )
      server.on('connect', (_request, socket: Socket) =>
        end(socket, { code: 'invalid_request', message: 'There is no proxy here that would CONNECT.' }),
      )
      return server
    },
    clientErrorHandler: (error, socket) => {
      if (error.code === 'ECONNRESET' || socket.destroyed || ending.has(socket)) return
      ending.add(socket)
      log.debug({ code: error.code }, 'unreadable')
      const fault = unreadableFault(error, requestTimeout)
      const last = answers.get(socket)
      if (!last || (last.writableFinished && last.req.complete)) end(socket, fault)
      // it was answered before its body was wrong, or is being answered
      else if (last.writableFinished || (last.headersSent && !last.req.complete)) socket.destroy()
      else if (last.req.complete) last.once('finish', () => socket.destroySoon())
      else refuse(last, fault)
    },
  }

  /** On a connection of which no request waits for an answer. */
  function end(socket: Socket, fault: Fault): void {
    if (!socket.writable) {
      socket.destroy()
      return
    }
    const { status, headers, text } = answerOf(fault)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n'))
    const linger = setTimeout(() => socket.destroy(), LINGER_MS).unref()
    socket.once('close', () => clearTimeout(linger))
  }
}

function refuse(response: Answer, fault: Fault): void {
  const { status, headers, text } = answerOf(fault)
  response.writeHead(status, headers).end(text)
}

function answerOf({ code, message }: { code: ErrorCode; message: string }) {
  const requestId = newRequestId()
  const { status, body } = errorAnswer(new Refusal(code, message), requestId)
  const text = JSON.stringify(body)
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  }
  return { status, headers, text }
}
