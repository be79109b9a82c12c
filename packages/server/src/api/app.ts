import { schemaList, toJson } from '@tract/contract'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { NotBegun, Refusal } from '../accept/refusal.js'
import type { Access } from '../authentication/token-verifier.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { type Answer, answerTo } from './answer.js'
import { answerProblem } from './answer-check.js'
import { authorize } from './authorization.js'
import { Call } from './call.js'
import { type Closing, closeInOrder } from './closing.js'
import { consolePages } from './documents/console-pages.js'
import { documents } from './documents/documents.js'
import { guidePages } from './documents/guide-pages.js'
import { BODY_LIMIT, type ErrorAnswer, errorAnswer, unavailable } from './errors.js'
import { OAuthRefusal } from './handlers/authentication.js'
import { createHandlers } from './handlers.js'
import { health } from './health.js'
import { checkCoding, jsonBody } from './input/request-body.js'
import { requestInput } from './input/request-input.js'
import { type JsonSchema, Validators } from './input/validation.js'
import { newRequestId } from './request-id.js'
import { type Route, routes, routesAt, withoutSlash } from './routes.js'
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

const FORM = 'application/x-www-form-urlencoded'

const COMMON_HEADERS = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff']

/** The API over HTTP: the operations of the contract, its documents, the health checks, the guide and the console. */
export async function createApp(services: Services): Promise<FastifyInstance> {
  const { telemetry } = services
  const app = emptyApp(services)
  app.decorateRequest('access', null)
  app.decorateRequest('exactBody', undefined)
  app.setReplySerializer((body) => toJson(body))
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, telemetry))
  app.setNotFoundHandler((request, reply) => notFound(request, reply))
  const closing = closeInOrder(app, services)
  watchCalls(app, telemetry)
  // Hooks use callbacks: a promise for each would cost as much as their work.
  app.addHook('onRequest', (request, reply, done) => {
    withCommonHeaders(request, reply)
    if (closing.isLeaving) reply.header('connection', 'close')
    // before the body is read: nothing else is said of a path that does not exist
    if (request.is404) notFound(request, reply)
    else done()
  })
  health(app, { whyNot: () => services.readiness.whyNot() })
  await app.register(documents, { tryAs: services.tryAs })
  await app.register(consolePages)
  await app.register(guidePages)
  await app.register((api) => operationRoutes(api, services, closing))
  return app
}

/** Fastify on the API's server, without hooks or routes. */
function emptyApp({ telemetry, httpLimits, admission }: Services): FastifyInstance {
  return Fastify({
    ...httpServer({
      log: telemetry.log,
      limits: httpLimits,
      admission,
      isAcknowledging: (path) => acknowledging.has(withoutSlash(path)),
      onRefused: () => telemetry.metrics.refused.of('overloaded').add(),
    }),
    // Fastify would make a logger for each request; our log lines name the request themselves
    logger: false,
    genReqId: () => newRequestId(),
    bodyLimit: BODY_LIMIT,
    // however slowly its parts start
    pluginTimeout: 0,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    // no hook runs for a path that cannot be decoded
    frameworkErrors: (_error, request, reply) => notFound(request, withCommonHeaders(request, reply)),
  })
}

/** The operations of the contract: who calls, how often, with what input. */
async function operationRoutes(api: FastifyInstance, services: Services, closing: Closing): Promise<void> {
  const count = counting(services)
  api.addHook('onRequest', (request, reply, done) => {
    const { route } = request.routeOptions.config
    // an operation that needs no database always works, and its documentation says so
    if (closing.isClosing && !(route && isAlwaysAvailable(route))) {
      send(reply, unavailable('TRACT is shutting down; another process will answer.', request.id))
      return
    }
    if (route?.method === 'POST') checkCoding(request)
    const next = (access: Access | null) => {
      count(request, reply, access)
      done()
    }
    if (!route || route.scopes.length === 0) return next(null)
    const access = authorize(services, request, route.operationId)
    if (access instanceof Promise) access.then(next).catch(done)
    else next(access)
  })
  const validators = new Validators(schemaList as unknown as JsonSchema[])
  if (!services.config.production) checkAnswers(api, validators, services.telemetry)
  const add = routeAdder(services, validators)
  const isForm = ({ form }: Route) => form === true
  await api.register(async (forms) => {
    forms.removeAllContentTypeParsers()
    forms.addContentTypeParser(FORM, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    for (const route of routes.filter(isForm)) add(forms, route)
  })
  await api.register(async (json) => {
    json.removeAllContentTypeParsers()
    json.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) =>
      done(null, jsonBody(request, body as Buffer)),
    )
    for (const route of routes.filter((route) => !isForm(route) && !route.multipart)) add(json, route)
  })
  await api.register(async (files) => {
    files.removeAllContentTypeParsers()
    // read by its handler, as it comes
    files.addContentTypeParser('multipart/form-data', (_request, _body, done) => done(null, null))
    for (const route of routes.filter(({ multipart }) => multipart)) add(files, route)
  })
}

/** Notes whose call it is, and counts it against its caller's limits. */
function counting({ rateLimits }: Services) {
  return (request: FastifyRequest, reply: FastifyReply, access: Access | null): void => {
    request.access = access
    const caller = access?.clientId ?? request.ip
    const { common } = answerTo(reply)
    const headersBefore = common.length
    rateLimits.calls.count(caller, { common })
    if (request.routeOptions.config.route?.operationId !== 'testHook') return
    // the answer has the headers of one limit: those of the tests' limit replace those above
    common.splice(headersBefore)
    rateLimits.hookTests.count(caller, { common })
  }
}

function checkAnswers(api: FastifyInstance, validators: Validators, { log }: Telemetry): void {
  api.addHook('onSend', async (request, reply, payload) => {
    const { route } = request.routeOptions.config
    const problem = route && answerProblem(validators, route.operationId, reply.statusCode, payload)
    if (!problem) return payload
    log.error({ requestId: request.id }, problem)
    reply.code(500)
    return JSON.stringify(errorAnswer(new Error(problem), request.id).body)
  })
}

function routeAdder(services: Services, validators: Validators): (scope: FastifyInstance, route: Route) => void {
  const handlers = createHandlers(services)
  return (scope, route) => {
    const handler = handlers[route.handler] as unknown as Handler
    const inputOf = requestInput(validators, route)
    scope.route({
      method: route.method,
      url: route.url,
      // the contract has none
      exposeHeadRoute: false,
      config: { route },
      handler: (request, reply) => {
        if (route.method === 'POST' && request.body === undefined) throw missingBody(request)
        const input = inputOf(request)
        const { authorization, traceparent } = request.headers
        const call = new Call(services, {
          operationId: route.handler,
          requestId: request.id,
          access: request.access,
          request: request.raw,
          body: input.body,
          authorization,
          idempotencyKey: request.headers['idempotency-key'] as string | undefined,
          lastEventId: request.headers['last-event-id'] as string | undefined,
          traceparent: request.span?.traceparent ?? (traceparent as string | undefined),
          reply: reply as typeof reply & { raw: Answer },
        })
        return handler(input, call)
      },
    })
  }
}

const isAlwaysAvailable = ({ codes }: Route) => !codes.includes('unavailable')

function withCommonHeaders(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  answerTo(reply).common.push('x-request-id', request.id, ...COMMON_HEADERS)
  return reply
}

/** Fastify asks no parser without a body, so the fault would be a missing object instead of a missing media type. */
function missingBody(request: FastifyRequest): Refusal {
  return request.headers['content-type'] === undefined
    ? new Refusal('unsupported_media_type', 'The call has no Content-Type and no body.')
    : new Refusal('malformed_json', 'The body is empty; send a JSON object.')
}

/** @param route the operation that is called; given where Fastify found none, such as for a wrong method */
function send(reply: FastifyReply, { status, body, headers }: ErrorAnswer, route = routeOf(reply)): FastifyReply {
  const whole = route && isAcknowledging(route) ? { success: false, ...body } : body
  return reply.code(status).headers(headers).type('application/json; charset=utf-8').send(whole)
}

const routeOf = (reply: FastifyReply): Route | undefined => reply.request.routeOptions?.config?.route

/** Whether the operation's errors have the acknowledgement's form (`success: false`). */
const isAcknowledging = ({ answers }: Route) => Object.values(answers).includes('Unacknowledged')

const acknowledging = new Set(routes.filter(isAcknowledging).map((route) => withoutSlash(route.path)))

function answerError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, metrics }: Telemetry,
): FastifyReply {
  // the caller hung up within the body: what fails in reading it looks like a lost database
  const error = thrown === request.raw.errored ? new NotBegun('caller_gone') : thrown
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

function notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = withoutSlash(request.url.split('?', 1)[0] as string)
  const others = routesAt(path)
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
