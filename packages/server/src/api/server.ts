/**
 * Node's server, for the API and for operations. A request that is not HTTP/1.1, or comes too slowly, never gets to Fastify.
 * Its sender gets the usual error body, after the answers to earlier requests of the connection.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Refusal } from '../accept/refusal.js'
import type { Log } from '../telemetry/log.js'
import type { Admission } from './admission.js'
import { Answer } from './answer.js'
import { BODY_LIMIT, type ErrorAnswer, errorAnswer, overloaded } from './errors.js'
import { type Fault, HEAD_LIMIT, normalise, requestFault, unreadableFault } from './input/request-faults.js'
import { newRequestId } from './request-id.js'

export interface HttpLimits {
  /** Milliseconds within which a request has to be there as a whole, its head included. */
  requestTimeout: number
  /** How often requests that take longer are looked for. */
  checkEvery: number
}

const HTTP_LIMITS: HttpLimits = { requestTimeout: 30_000, checkEvery: 5_000 }

/** Admitted whatever the load: checks of health, and the files of the console, where an operator looks at what is going on. */
const ALWAYS_ADMITTED = /^\/((healthz|readyz)\/?|console(\/[^?]*)?)(\?|$)/
/** Milliseconds to fetch an answer while still sending: a connection closed before would be reset, and the answer lost. */
const LINGER_MS = 1_000
/** Milliseconds that an idle connection is kept: longer than proxies keep theirs. */
const KEEP_ALIVE_MS = 72_000

export interface ServerOptions {
  log: Log
  limits?: Partial<HttpLimits>
  /** Decides which calls are admitted; without it, all are. */
  admission?: Admission
  /** Called for each call that is not admitted. */
  onRefused?: () => void
  /** Whether errors at this path have the acknowledgement's form (`success: false`). */
  isAcknowledging?: (path: string) => boolean
}

export interface ServerParts {
  serverFactory: (handler: RequestListener) => Server
  clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => void
}

/** Options with which Fastify makes this server. */
export function httpServer(options: ServerOptions): ServerParts {
  const { log } = options
  const { requestTimeout, checkEvery } = { ...HTTP_LIMITS, ...options.limits }
  /** The last answer of each connection. */
  const answers = new WeakMap<Socket, Answer>()
  /** Connections that end with the answer that is due. */
  const ending = new WeakSet<Socket>()
  const filter = requestFilter(options, answers)
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
      server.on('request', (request, response) => filter(request, response as Answer, () => handler(request, response)))
      // a caller that asks first is refused before it sends its body
      server.on('checkContinue', (request, response) =>
        filter(request, response as Answer, () => {
          response.writeContinue()
          handler(request, response)
        }),
      )
      server.on('checkExpectation', (request, response) =>
        filter(request, response as Answer, () => refuse(response as Answer, faultAnswer(UNMET))),
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
      else refuse(last, faultAnswer(fault))
    },
  }
}

/** Refuses requests that are not HTTP/1.1, or are too many, before any work is done for them; the others go `onward`. */
function requestFilter(
  { admission, onRefused, isAcknowledging }: ServerOptions,
  answers: WeakMap<Socket, Answer>,
): (request: IncomingMessage, response: Answer, onward: () => void) => void {
  const leave = admission && ((took: number | 'too_late' | undefined) => admission.leave(took))
  const isAdmitted = (request: IncomingMessage, answer: Answer): boolean => {
    if (!admission || ALWAYS_ADMITTED.test(request.url as string)) return true
    const now = performance.now()
    answer.enteredAt = now
    if (!admission.enter(now)) return false
    answer.leave = leave
    return true
  }
  return (request, response, onward) => {
    answers.set(request.socket, response)
    normalise(request)
    const fault = requestFault(request)
    if (fault) refuse(response, faultAnswer(fault))
    else if (isAdmitted(request, response)) onward()
    else {
      onRefused?.()
      refuse(response, overloadAnswer(request, isAcknowledging?.(pathOf(request)) ?? false))
      rest(request, admission?.rest ?? 0)
    }
  }
}

/** Answers on a connection without a request that waits for an answer, and closes it. */
function end(socket: Socket, fault: Fault): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { status, headers, text } = faultAnswer(fault)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n'))
  const linger = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.once('close', () => clearTimeout(linger))
}

const pathOf = ({ url = '' }: IncomingMessage) => url.split('?', 1)[0] as string

interface RawAnswer {
  status: number
  headers: Record<string, string>
  text: string
}

/**
 * Reads nothing from the request's connection for some milliseconds after the request has ended. Reading and refusing many
 * calls is costly, and each refusal invites the next call: new connections would wait for seconds.
 */
function rest(request: IncomingMessage, milliseconds: number): void {
  const { socket } = request
  // Node resumes the socket for a body that was not read
  request.resume().once('close', () => {
    socket.pause()
    setTimeout(() => socket.resume(), milliseconds).unref()
  })
}

function refuse(response: Answer, { status, headers, text }: RawAnswer): void {
  response.writeHead(status, headers).end(text)
}

const UNMET: Fault = { code: 'expectation_failed', message: 'The only expectation that is met is 100-continue.' }

/** Closes the connection: where a next request would begin on it is not known. */
function faultAnswer({ code, message }: Fault): RawAnswer {
  const requestId = newRequestId()
  return rawAnswer(errorAnswer(new Refusal(code, message), requestId), { connection: 'close' })
}

/** The request's body is read past if a call may have one as long; else the connection is closed. */
function overloadAnswer({ headers }: IncomingMessage, isAcknowledging: boolean): RawAnswer {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = headers
  const isLong = coding !== undefined || Number(length) > BODY_LIMIT
  const { body, ...answer } = overloaded(newRequestId())
  const whole = isAcknowledging ? { success: false, ...body } : body
  return rawAnswer({ ...answer, body: whole }, isLong ? { connection: 'close' } : {})
}

function rawAnswer({ status, headers, body }: ErrorAnswer, more: Record<string, string>): RawAnswer {
  const text = JSON.stringify(body)
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      'x-request-id': body.request_id,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
      ...more,
    },
    text,
  }
}
