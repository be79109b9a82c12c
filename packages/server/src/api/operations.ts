import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Refusal } from '../accept/refusal.js'
import { EXPOSITION_TYPE } from '../telemetry/exposition.js'
import type { Log } from '../telemetry/log.js'
import { errorAnswer } from './errors.js'
import { health } from './health.js'
import type { Readiness } from './readiness.js'
import { newRequestId } from './request-id.js'
import { type HttpLimits, httpServer } from './server.js'

export interface OperationsOptions {
  readiness: Readiness
  log: Log
  httpLimits: Partial<HttpLimits>
  /** The metrics as Prometheus reads them. */
  metrics: () => string
}

/** What is served at the operations port: for those who run the service, without a token and no part of the contract. */
export function createOperationsApp({ readiness, log, httpLimits, metrics }: OperationsOptions): FastifyInstance {
  const app = Fastify({
    ...httpServer({ log, limits: httpLimits }),
    forceCloseConnections: true,
    genReqId: () => newRequestId(),
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (_error, request, reply) => notFound(request, reply),
  })
  // at once: a body that nobody takes must not be what is wrong
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) notFound(request, reply)
    else done()
  })
  app.setNotFoundHandler((request, reply) => notFound(request, reply))
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply))
  health(app, readiness)
  app.get('/metrics', async (_request, reply) => reply.type(EXPOSITION_TYPE).send(metrics()))
  return app
}

function notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0] as string
  return refuse(new Refusal('unknown_path', `There is no ${request.method} ${path} at this port.`), request, reply)
}

function refuse(error: unknown, { id }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body } = errorAnswer(error, id)
  return reply.code(status).header('x-request-id', id).send(body)
}
