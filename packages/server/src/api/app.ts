import type { Socket } from 'node:net'
import { schemaList, toJson } from '@tract/contract'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { NotBegun, Refusal } from '../accept/refusal.js'
import type { Access } from '../authentication/token-verifier.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { type Answer, answerTo } from './answer.js'
import { answerProblem } from './answer-check.js'
import { authorize } from './authorization.js'
import { Call } from './call.js'
import { consolePages } from './documents/console-pages.js'
import { documents } from './documents/documents.js'
import { BODY_LIMIT, type ErrorAnswer, errorAnswer, unavailable } from './errors.js'
import { OAuthRefusal } from './handlers/authentication.js'
import { createHandlers } from './handlers.js'
import { health } from './health.js'
import { checkCoding, jsonBody } from './input/request-body.js'
import { requestInput } from './input/request-input.js'
import { type JsonSchema, Validators } from './input/validation.js'
import { RateLimit } from './rate-limit.js'
import { newRequestId } from './request-id.js'
import { type Handlers, type Route, routes } from './routes.js'
import { httpServer } from './server.js'
import type { Services } from './services.js'
import { watchCalls } from './watch-calls.js'

declare module 'fastify' {
  interface FastifyRequest {
    access: Access | null
  }
  interface FastifyContextConfig {
    route?: Route
  }
}

type Handler = (input: object, call: Call) => Promise<unknown>

const SWEEP_MS = 50
/** How long a connection may be silent that came just before the end. */
const SILENT_MS = 500

/** A minute, of each client: a test calls whoever the hook names, and waits for as long as that one likes. */
const HOOK_TESTS = 60

const COMMON_HEADERS = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff']

/** The API over HTTP: every route of the contract, its documents, and nothing else but the health checks. */
export async function createApp(services: Services): Promise<FastifyInstance> {
  const { config, telemetry } = services
  let closing = false
  const app = Fastify({
    ...httpServer({
      log: telemetry.log,
      limits: services.httpLimits,
      admission: services.admission,
      isAcknowledging: (path) => acknowledging.has(withoutSlash(path)),
      onRefused: () => telemetry.metrics.refused.of('overloaded').add(),
    }),
    // Fastify would make a logger of each request's own; what is to be logged names the request itself
    logger: false,
    genReqId: () => newRequestId(),
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    // a path that cannot be decoded; it comes past every hook
    frameworkErrors: (_error, request, reply) => notFound(request, withCommonHeaders(request, reply)),
  })
  const validators = new Validators(schemaList as unknown as JsonSchema[])

  app.decorateRequest('access', null)
  app.decorateRequest('exactBody', undefined)
  app.setReplySerializer((body) => toJson(body))
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, telemetry))
  app.setNotFoundHandler((request, reply) => notFound(request, reply))
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.addHook('preClose', async () => {
    closing = true
    services.hookStreams.release()
    services.changes.release()
    // What is answered only now leaves a connection that its caller keeps for another call, for more than a minute.
    const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS).unref()
    // One on which nothing ever came is not idle to Node, and would be waited for just as long.
    const silent = setTimeout(() => {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    }, SILENT_MS).unref()
    app.server.once('close', () => {
      clearInterval(sweep)
      clearTimeout(silent)
    })
  })
  watchCalls(app, telemetry)
  // Hooks call back, since a promise each would cost as much as what they do.
  app.addHook('onRequest', (request, reply, done) => {
    withCommonHeaders(request, reply)
    if (closing) reply.header('connection', 'close')
    // at once: a body that nobody takes must not be what is wrong
    if (request.is404) notFound(request, reply)
    else done()
  })
  health(app, services.readiness)
  await app.register(documents, { tryAs: services.tryAs })
  await app.register(consolePages)
  await app.register(async (api) => {
    const limit = new RateLimit(config.rateLimit)
    const testLimit = new RateLimit(HOOK_TESTS, 'tests of hooks')
    api.addHook('onRequest', (request, reply, done) => {
      const { route } = request.routeOptions.config
      // what needs no database is never unavailable, and documented so
      if (closing && !(route && isAlwaysAvailable(route))) {
        send(reply, unavailable('TRACT is shutting down; another process will answer.', request.id))
        return
      }
      if (route?.method === 'POST') checkCoding(request)
      const admit = (access: Access | null) => {
        request.access = access
        const caller = access?.clientId ?? request.ip
        const { common } = answerTo(reply)
        const before = common.length
        limit.count(caller, { common })
        if (route?.operationId === 'testHook') {
          // of two limits, the nearer one is told
          common.length = before
          testLimit.count(caller, { common })
        }
        done()
      }
      if (!route || route.scopes.length === 0) return admit(null)
      const access = authorize(services, request, route.operationId)
      if (access instanceof Promise) access.then(admit).catch(done)
      else admit(access)
    })
    if (!config.production) {
      api.addHook('onSend', async (request, reply, payload) => {
        const { route } = request.routeOptions.config
        const problem = route && answerProblem(validators, route.operationId, reply.statusCode, payload)
        if (!problem) return payload
        telemetry.log.error({ requestId: request.id }, problem)
        reply.code(500)
        return JSON.stringify(errorAnswer(new Error(problem), request.id).body)
      })
    }
    const handlers: Handlers<Call> = createHandlers(services)
    await api.register(async (forms) => {
      forms.removeAllContentTypeParsers()
      forms.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (_request, body, done) =>
        done(null, body),
      )
      addRoutes(forms, ({ form }) => form === true, handlers)
    })
    await api.register(async (json) => {
      json.removeAllContentTypeParsers()
      json.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) =>
        done(null, jsonBody(request, body as Buffer)),
      )
      addRoutes(json, ({ form }) => !form, handlers)
    })
  })
  return app

  function addRoutes(scope: FastifyInstance, wanted: (route: Route) => boolean, handlers: Handlers<Call>): void {
    for (const route of routes.filter(wanted)) {
      const handler = handlers[route.handler] as unknown as Handler
      const inputOf = requestInput(validators, route)
      scope.route({
        method: route.method,
        url: route.path,
        config: { route },
        handler: (request, reply) => {
          if (route.method === 'POST' && request.body === undefined) throw missingBody(request)
          const input = inputOf(request)
          const call = new Call(services, {
            operationId: route.handler,
            requestId: request.id,
            access: request.access,
            body: input.body,
            authorization: request.headers.authorization,
            idempotencyKey: request.headers['idempotency-key'] as string | undefined,
            lastEventId: request.headers['last-event-id'] as string | undefined,
            traceparent: request.span?.traceparent ?? (request.headers.traceparent as string | undefined),
            reply: reply as typeof reply & { raw: Answer },
          })
          return handler(input, call)
        },
      })
    }
  }
}

const isAlwaysAvailable = ({ codes }: Route) => !codes.includes('unavailable')

function withCommonHeaders(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  answerTo(reply).common.push('x-request-id', request.id, ...COMMON_HEADERS)
  return reply
}

/** Without a body Fastify asks no parser, so that it would be a missing object instead of a missing media type. */
function missingBody(request: FastifyRequest): Refusal {
  return request.headers['content-type'] === undefined
    ? new Refusal('unsupported_media_type', 'The call has no Content-Type and no body.')
    : new Refusal('malformed_json', 'The body is empty; send a JSON object.')
}

/** @param route where the request did not come to be one of it */
function send(reply: FastifyReply, { status, body, headers }: ErrorAnswer, route = routeOf(reply)): FastifyReply {
  const whole = route && isAcknowledging(route) ? { success: false, ...body } : body
  return reply.code(status).headers(headers).type('application/json; charset=utf-8').send(whole)
}

const routeOf = (reply: FastifyReply): Route | undefined => reply.request.routeOptions?.config?.route

/** Where the answer is an acknowledgement, an error is one that says no. */
const isAcknowledging = ({ answers }: Route) => Object.values(answers).includes('Unacknowledged')

const acknowledging = new Set(routes.filter(isAcknowledging).map((route) => withoutSlash(route.path)))

function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, metrics }: Telemetry,
): FastifyReply {
  if (error instanceof OAuthRefusal) {
    const { status, headers, body } = error.answer
    return reply
      .code(status)
      .headers(headers)
      .send({ ...body, request_id: request.id })
  }
  const result = errorAnswer(error, request.id)
  if (error instanceof NotBegun) {
    metrics.refused.of(error.reason).add()
    answerTo(reply).left(error.reason === 'too_late' ? 'too_late' : undefined)
  } else if (result.status >= 500) log.error({ requestId: request.id, err: error }, 'failed')
  if (result.status === 401) reply.header('www-authenticate', bearerChallenge(result.body.code))
  if (result.body.code === 'insufficient_scope' || result.body.code === 'acting_refused')
    reply.header('www-authenticate', 'Bearer realm="tract", error="insufficient_scope"')
  return send(reply, result)
}

/** RFC 6750 §3.1: without a token there is no error to name. */
const bearerChallenge = (code: string) =>
  code === 'token_missing' ? 'Bearer realm="tract"' : 'Bearer realm="tract", error="invalid_token"'

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, '') : path
}

function notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = withoutSlash(request.url.split('?', 1)[0] as string)
  const others = routes.filter((route) => withoutSlash(route.path) === path)
  const methods = [...new Set(others.map(({ method }) => method))]
  if (methods.length === 0)
    return send(reply, errorAnswer(new Refusal('unknown_path', `There is no ${path}.`), request.id))
  const allowed = methods.join(', ')
  reply.header('allow', allowed)
  return send(
    reply,
    errorAnswer(new Refusal('method_not_allowed', `${path} takes ${allowed}, not ${request.method}.`), request.id),
    others[0],
  )
}
