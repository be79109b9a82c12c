import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { OpenSpan, Tracing } from '../telemetry/tracing.js'
import { answerTo } from './answer.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The span of the call, where calls are traced. */
    span: OpenSpan | null
  }
}

/** The label of calls that are not operations: of documents, health checks, and paths that do not exist. */
const NO_OPERATION = 'none'

/** Counts, times, logs and traces every call. */
export function watchCalls(app: FastifyInstance, { metrics, log, tracing }: Telemetry): void {
  app.decorateRequest('span', null)
  if (tracing) traceCalls(app, tracing)
  const logsCalls = log.isLevelEnabled('info')
  app.addHook('onRequest', (request, reply, done) => {
    const began = performance.now()
    answerTo(reply).watch = (status) => {
      const elapsed = performance.now() - began
      const operationId = operationOf(request)
      metrics.answered(operationId ?? NO_OPERATION, status, elapsed)
      if (logsCalls) {
        const { clientId, organisationId, listener, isActing } = request.access ?? {}
        const actingFor = isActing ? listener : undefined
        const ms = Math.round(elapsed * 10) / 10
        const traceId = request.span?.traceId ?? undefined
        log.info(
          { requestId: request.id, operationId, status, ms, clientId, organisationId, actingFor, traceId },
          'answered',
        )
      }
    }
    done()
  })
}

/** A span for each call of an operation; the call's own trace context is where it continues. */
function traceCalls(app: FastifyInstance, tracing: Tracing): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const operationId = operationOf(request)
    if (operationId !== undefined)
      request.span = tracing.begin(operationId, 'server', header(request, 'traceparent') ?? null)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method, url = '' } = request.routeOptions
    const { clientId, organisationId } = request.access ?? {}
    const { statusCode } = reply
    request.span?.end(
      {
        'http.request.method': String(method),
        'http.route': url,
        'http.response.status_code': statusCode,
        'tract.request_id': request.id,
        ...(clientId !== undefined && { 'tract.client_id': clientId }),
        ...(organisationId && { 'tract.organisation_id': organisationId }),
      },
      // a caller's mistake is not an error of the server's span
      statusCode >= 500 ? String(statusCode) : undefined,
    )
    done()
  })
}

const operationOf = (request: FastifyRequest): string | undefined => request.routeOptions.config.route?.operationId

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}
