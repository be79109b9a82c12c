import Fastify, { type FastifyInstance } from 'fastify'
import { EXPOSITION_TYPE } from '../telemetry/exposition.js'
import { health } from './health.js'
import type { Readiness } from './readiness.js'

export interface OperationsOptions {
  readiness: Readiness
  /** The metrics as Prometheus reads them. */
  metrics: () => string
}

/** What is served at the operations port: for those who run the service, without a token and no part of the contract. */
export function createOperationsApp({ readiness, metrics }: OperationsOptions): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true })
  health(app, readiness)
  app.get('/metrics', async (_request, reply) => reply.type(EXPOSITION_TYPE).send(metrics()))
  return app
}
