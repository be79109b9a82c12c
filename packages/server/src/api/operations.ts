import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type pg from 'pg'
import { Refusal } from '../accept/refusal.js'
import type { Config } from '../config.js'
import type { DispatcherActivity } from '../deliver/dispatcher.js'
import { EXPOSITION_TYPE, Exposition, type Labels } from '../telemetry/exposition.js'
import type { Log } from '../telemetry/log.js'
import type { ProcessMetrics } from '../telemetry/process-metrics.js'
import type { ServiceMetrics } from '../telemetry/service-metrics.js'
import type { Admission } from './admission.js'
import { errorAnswer } from './errors.js'
import { type Health, health } from './health.js'
import { newRequestId } from './request-id.js'
import { type HttpLimits, httpServer } from './server.js'

export interface OperationsParts {
  /** The page for Prometheus. */
  metrics: () => string | Promise<string>
  health: Health
  log: Log
  httpLimits: Partial<HttpLimits>
}

/** What a process tells of itself. */
export interface Watched {
  metrics: ServiceMetrics
  /** By what they are for, one for each slice. */
  pools: { api: readonly pg.Pool[]; delivery: readonly pg.Pool[] }
  activity: () => DispatcherActivity
  admission: Admission
}

export interface OperationsServer {
  url: string
  close(): Promise<void>
}

/** Serves metrics and health at a port of their own. */
export async function serveOperations(
  { operationsPort, operationsHost: host }: Pick<Config, 'operationsPort' | 'operationsHost'>,
  parts: OperationsParts,
): Promise<OperationsServer> {
  const app = createOperationsApp(parts)
  const url = await app.listen({ port: operationsPort ?? 0, host })
  // a connection that cannot be accepted, such as for lack of file descriptors, does not end the process
  app.server.on('error', () => {})
  return {
    url,
    close: () => app.close(),
  }
}

/** @param labels that tell the process from others on the same page */
export function metricsPage(
  { metrics, pools, activity, admission }: Watched,
  process: ProcessMetrics,
  labels: Labels = {},
): string {
  const exposition = new Exposition(labels)
  metrics.describe(exposition)
  const { attempts, leasedLanes, openBreakers } = activity()
  exposition
    .gauge('tract_calls_under_way', 'Calls that were let in and not answered.', [[{}, admission.underWay]])
    .gauge('tract_calls_limit', 'The most of them that there may be now.', [[{}, admission.limit]])
    .gauge('tract_delivery_attempts_in_flight', 'Attempts under way.', [[{}, attempts]])
    .gauge('tract_lanes_leased', 'Lanes that this process is working on.', [[{}, leasedLanes]])
    .gauge('tract_breakers_open', 'Endpoints that this process holds to be failing.', [[{}, openBreakers]])
  const ofPools = (count: (pool: pg.Pool) => number) =>
    Object.entries(pools).map(([pool, its]) => [{ pool }, its.reduce((sum, one) => sum + count(one), 0)] as const)
  exposition
    .gauge(
      'tract_database_connections',
      'Connections to the database.',
      ofPools((pool) => pool.totalCount),
    )
    .gauge(
      'tract_database_connections_idle',
      'Those of them that nobody uses.',
      ofPools((pool) => pool.idleCount),
    )
    .gauge(
      'tract_database_connections_max',
      'The most that there may be.',
      ofPools((pool) => pool.options.max),
    )
    .gauge(
      'tract_database_waiting',
      'Callers that wait for a connection.',
      ofPools((pool) => pool.waitingCount),
    )
  process.describe(exposition)
  return exposition.toString()
}

/** The operations port: for those who run the service, without a token and outside of the contract. */
function createOperationsApp({ metrics, health: checks, log, httpLimits }: OperationsParts): FastifyInstance {
  const app = Fastify({
    ...httpServer({ log, limits: httpLimits }),
    forceCloseConnections: true,
    pluginTimeout: 0,
    genReqId: () => newRequestId(),
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (_error, request, reply) => notFound(request, reply),
  })
  // before the body is read: nothing else is said of a path that does not exist
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) notFound(request, reply)
    else done()
  })
  app.setNotFoundHandler((request, reply) => notFound(request, reply))
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply))
  health(app, checks)
  app.get('/metrics', async (_request, reply) => reply.type(EXPOSITION_TYPE).send(await metrics()))
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
